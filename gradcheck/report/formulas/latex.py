r"""Formulas as LaTeX, for `alttext` and for copying: `\left(out - y\right) \cdot w_{5}`."""

from gradcheck.report.formulas.names import split_name
from gradcheck.report.formulas.shapes import Level, level, signed_terms, tidy
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

# Functions that LaTeX knows by a command of their own; every other one is set upright by \operatorname.
COMMANDS = {"exp", "log", "tanh", "sin", "cos", "tan", "sinh", "cosh", "max", "min", "arctan"}


def to_latex(formula: Formula) -> str:
    """The formula in LaTeX mathematics mode."""
    return _write(tidy(formula), Level.CASES)


def latex_name(name: str) -> str:
    """`w_{5}`, `W_{1}[0,1]`; names of several letters upright."""
    parts = split_name(name)
    stem = parts.stem.replace("_", r"\_")
    text = stem if len(parts.stem) == 1 else rf"\mathrm{{{stem}}}"
    if parts.index:
        text += f"_{{{parts.index}}}"
    return text + (f"[{parts.place}]" if parts.place else "")


def _write(formula: Formula, place: Level) -> str:
    flat = isinstance(formula, Quotient | Partial) or (isinstance(formula, Num) and "/" in formula.text)
    text = _inside(formula)
    if level(formula) >= place or (flat and place is not Level.ATOM):
        return text
    return rf"\left({text}\right)"


def _inside(formula: Formula) -> str:
    match formula:
        case Num(text):
            above, slash, below = text.partition("/")
            return rf"\frac{{{above}}}{{{below}}}" if slash else text
        case Name(text):
            return latex_name(text)
        case Marked(inner, _):
            return _inside(inner)
        case Negative(inner):
            return f"-{_write(inner, Level.PRODUCT)}"
        case Sum(terms):
            return _sum(terms)
        case Product(factors):
            return r" \cdot ".join(_write(one, Level.PRODUCT) for one in factors)
        case Quotient(above, below):
            return rf"\frac{{{_write(above, Level.CASES)}}}{{{_write(below, Level.CASES)}}}"
        case Power(base, exponent):
            return f"{_write(base, Level.ATOM)}^{{{_write(exponent, Level.CASES)}}}"
        case Call(function, arguments):
            return _call(function, arguments)
        case Partial(of, by):
            return rf"\frac{{\partial {latex_name(of)}}}{{\partial {latex_name(by)}}}"
        case Cases(branches):
            return _cases(branches)


def _sum(terms: tuple[Formula, ...]) -> str:
    text = ""
    for subtracted, term in signed_terms(terms):
        text += (" - " if subtracted else " + ") if text else "-" if subtracted else ""
        text += _write(term, Level.PRODUCT)
    return text


def _call(function: str, arguments: tuple[Formula, ...]) -> str:
    inside = ", ".join(_write(one, Level.CASES) for one in arguments)
    if function == "sqrt":
        return rf"\sqrt{{{inside}}}"
    name = function.replace("_", r"\_")
    command = rf"\{function}" if function in COMMANDS else rf"\operatorname{{{name}}}"
    return rf"{command}\left({inside}\right)"


def _cases(branches: tuple[tuple[Formula, str | None], ...]) -> str:
    rows = r" \\ ".join(
        rf"{_write(value, Level.CASES)} & \text{{{'otherwise' if condition is None else 'if ' + condition}}}"
        for value, condition in branches
    )
    return rf"\begin{{cases}}{rows}\end{{cases}}"
