"""What a formula looks like before it is printed: signs in front, products flat, and how tightly each part binds."""

from enum import IntEnum

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


class Level(IntEnum):
    """How tightly a formula binds; a part that binds less than its place asks for needs brackets."""

    CASES = 0
    SUM = 1
    NEGATIVE = 2
    PRODUCT = 3
    POWER = 4
    ATOM = 5


LEVELS: dict[type, Level] = {
    Cases: Level.CASES,
    Sum: Level.SUM,
    Negative: Level.NEGATIVE,
    Product: Level.PRODUCT,
    Quotient: Level.PRODUCT,
    Power: Level.POWER,
    Call: Level.ATOM,
    Partial: Level.PRODUCT,
    Name: Level.ATOM,
}


def level(formula: Formula) -> Level:
    """How tightly a tidy formula binds; a mark does not change it, and `1/2` is a quotient."""
    if isinstance(formula, Marked):
        return level(formula.inner)
    if isinstance(formula, Num):
        return Level.PRODUCT if "/" in formula.text else Level.ATOM
    return LEVELS[type(formula)]


def tidy(formula: Formula) -> Formula:
    """The same value with every minus sign in front of its term, nested products flat, and no sum or product of one."""
    match formula:
        case Num(text) if text.startswith("-"):
            return Negative(Num(text[1:]))
        case Negative(inner):
            return _negated(tidy(inner))
        case Product(factors):
            return _product([tidy(factor) for factor in factors])
        case Sum(terms):
            return _sum([tidy(term) for term in terms])
        case Quotient(above, below):
            return _quotient(tidy(above), tidy(below))
        case Power(base, exponent):
            return Power(tidy(base), tidy(exponent))
        case Call(function, arguments):
            return Call(function, tuple(tidy(argument) for argument in arguments))
        case Cases(branches):
            return Cases(tuple((tidy(value), condition) for value, condition in branches))
        case Marked(inner, kind):
            inside = tidy(inner)
            return Negative(Marked(inside.inner, kind)) if isinstance(inside, Negative) else Marked(inside, kind)
    return formula


def _negated(inner: Formula) -> Formula:
    return inner.inner if isinstance(inner, Negative) else Negative(inner)


def _product(factors: list[Formula]) -> Formula:
    flat: list[Formula] = []
    negative = False
    for factor in factors:
        if not flat and isinstance(factor, Negative):  # the leading sign moves; others stay where the chain has them
            negative, factor = not negative, factor.inner
        flat.extend(factor.factors if isinstance(factor, Product) else [factor])
    whole: Formula = Num("1") if not flat else flat[0] if len(flat) == 1 else Product(tuple(flat))
    return _negated(whole) if negative else whole


def _sum(terms: list[Formula]) -> Formula:
    return Num("0") if not terms else terms[0] if len(terms) == 1 else Sum(tuple(terms))


def _quotient(above: Formula, below: Formula) -> Formula:
    if isinstance(above, Negative):
        return Negative(Quotient(above.inner, below))
    return Quotient(above, below)


def signed_terms(terms: tuple[Formula, ...]) -> list[tuple[bool, Formula]]:
    """(is subtracted, what) for every term of a tidy sum."""
    return [(True, term.inner) if isinstance(term, Negative) else (False, term) for term in terms]
