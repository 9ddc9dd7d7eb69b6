"""Formulas as one line of text: ASCII that Python can evaluate, or with real signs for reading."""

from dataclasses import dataclass

from gradcheck.report.formulas.shapes import Level, level, signed_terms, tidy
from gradcheck.report.numbers import TYPED
from gradcheck.results.formulas import (
    Call,
    Cases,
    Formula,
    Marked,
    Name,
    Negative,
    Num,
    Partial,
    Power,
    Product,
    Quotient,
    Sum,
)


@dataclass(frozen=True, slots=True)
class Signs:
    """The signs of one way of writing."""

    minus: str
    times: str
    power: str
    partial: str


ASCII = Signs(minus="-", times="*", power="**", partial="d")
PRETTY = Signs(minus="−", times="·", power="^", partial="∂")


def to_ascii(formula: Formula) -> str:
    """`(out - y)*(w5 - w6)*outh2*(1 - outh2)`: a Python expression wherever the formula holds no Partial."""
    return _write(tidy(formula), Level.CASES, ASCII)


def to_pretty(formula: Formula) -> str:
    """`(out − y)·(w5 − w6)·outh2·(1 − outh2)`, for the terminal."""
    return _write(tidy(formula), Level.CASES, PRETTY)


def _write(formula: Formula, place: Level, signs: Signs) -> str:
    text = _inside(formula, signs)
    return f"({text})" if level(formula) < place else text


def _inside(formula: Formula, signs: Signs) -> str:
    match formula:
        case Num(text):
            return _shortened(text) if signs is PRETTY else text
        case Name(text):
            return text
        case Marked(inner, _):
            return _inside(inner, signs)
        case Negative(inner):
            return signs.minus + _write(inner, Level.PRODUCT, signs)
        case Sum(terms):
            return _sum(terms, signs)
        case Product(factors):
            return _product(factors, signs)
        case Quotient(above, below):
            return f"{_write(above, Level.PRODUCT, signs)}/{_write(below, Level.POWER, signs)}"
        case Power(base, exponent):
            return f"{_write(base, Level.ATOM, signs)}{signs.power}{_write(exponent, Level.ATOM, signs)}"
        case Call(function, arguments):
            return f"{function}({', '.join(_write(one, Level.CASES, signs) for one in arguments)})"
        case Partial(of, by):
            return f"{signs.partial}{of}/{signs.partial}{by}"
        case Cases(branches):
            return _cases(branches, signs)


def _shortened(text: str) -> str:
    """A decimal to six significant digits where it has more; a number as it was typed stays."""
    return f"{float(text):.6g}" if "." in text and len(text) > TYPED else text


def _sum(terms: tuple[Formula, ...], signs: Signs) -> str:
    text = ""
    for subtracted, term in signed_terms(terms):
        sign = (f" {signs.minus} " if subtracted else " + ") if text else signs.minus if subtracted else ""
        text += sign + _write(term, Level.PRODUCT, signs)
    return text


def _product(factors: tuple[Formula, ...], signs: Signs) -> str:
    # A quotient that is not the first factor keeps its brackets: a·(b/c), not a·b/c.
    first, *rest = factors
    later = [_write(one, Level.POWER, signs) for one in rest]
    return signs.times.join([_write(first, Level.PRODUCT, signs), *later])


def _cases(branches: tuple[tuple[Formula, str | None], ...], signs: Signs) -> str:
    text = "nan"
    for value, condition in reversed(branches):
        written = _write(value, Level.SUM, signs)
        text = written if condition is None else f"{written} if {condition} else {text}"
    return text
