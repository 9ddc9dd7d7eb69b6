"""Formulas as MathML that reads well without a MATH font: no stretched brackets, marks as classes that CSS colours."""

from html import escape

from gradcheck.report.formulas.latex import to_latex
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

# Index brackets neither stretch nor keep their distance: W[0,1] is one name.
OPEN, CLOSE = (f'<mo stretchy="false" lspace="0" rspace="0">{sign}</mo>' for sign in "[]")
MARKS = {"wrong": "gc-hot", "right": "gc-good"}


def to_mathml(formula: Formula, *, display: bool = False) -> str:
    """A whole <math> element with its LaTeX as alttext."""
    return wrap(mathml_row(formula), alttext=to_latex(formula), display=display)


def wrap(inside: str, *, alttext: str, display: bool = False) -> str:
    """A <math> element around presentation elements."""
    block = ' display="block"' if display else ""
    return f'<math{block} alttext="{escape(alttext)}"><mrow>{inside}</mrow></math>'


def mathml_row(formula: Formula) -> str:
    """The presentation elements of a formula, without <math> around them."""
    return _write(tidy(formula), Level.CASES)


def mathml_name(name: str) -> str:
    """A name with its trailing digits as an index, and its place in an array in square brackets."""
    parts = split_name(name)
    stem = f"<mi>{escape(parts.stem)}</mi>"
    if parts.index:
        stem = f"<msub>{stem}<mn>{escape(parts.index)}</mn></msub>"
    return f"{stem}{OPEN}<mn>{escape(parts.place)}</mn>{CLOSE}" if parts.place else stem


def mathml_partial(of: str, by: str) -> str:
    """∂of/∂by as a fraction."""
    return f"<mfrac><mrow><mo>∂</mo>{mathml_name(of)}</mrow><mrow><mo>∂</mo>{mathml_name(by)}</mrow></mfrac>"


def _write(formula: Formula, place: Level) -> str:
    if isinstance(formula, Marked):  # brackets belong to the marked part, so the colour covers them too
        return f'<mrow class="{MARKS.get(formula.kind, "gc-hot")}">{_write(formula.inner, place)}</mrow>'
    # A fraction bar brackets by itself, except under an exponent.
    flat = isinstance(formula, Quotient | Partial) or (isinstance(formula, Num) and "/" in formula.text)
    text = _inside(formula)
    if level(formula) >= place or (flat and place is not Level.ATOM):
        return text
    return f'<mo stretchy="false">(</mo>{text}<mo stretchy="false">)</mo>'


def _inside(formula: Formula) -> str:
    match formula:
        case Num(text):
            return _number(text)
        case Name(text):
            return mathml_name(text)
        case Marked():
            return _write(formula, Level.CASES)
        case Negative(inner):
            return f'<mo form="prefix">−</mo>{_write(inner, Level.PRODUCT)}'
        case Sum(terms):
            return _sum(terms)
        case Product(factors):
            return "<mo>·</mo>".join(_write(one, Level.PRODUCT) for one in factors)
        case Quotient(above, below):
            return f"<mfrac><mrow>{_write(above, Level.CASES)}</mrow><mrow>{_write(below, Level.CASES)}</mrow></mfrac>"
        case Power(base, exponent):
            return f"<msup><mrow>{_write(base, Level.ATOM)}</mrow><mrow>{_write(exponent, Level.CASES)}</mrow></msup>"
        case Call(function, arguments):
            return _call(function, arguments)
        case Partial(of, by):
            return mathml_partial(of, by)
        case Cases(branches):
            return _cases(branches)


def _number(text: str) -> str:
    above, slash, below = text.partition("/")
    if slash:
        return f"<mfrac><mn>{escape(above)}</mn><mn>{escape(below)}</mn></mfrac>"
    return f"<mn>{escape(text.replace('-', '−'))}</mn>"


def _sum(terms: tuple[Formula, ...]) -> str:
    text = ""
    for subtracted, term in signed_terms(terms):
        if text:
            text += f"<mo>{'−' if subtracted else '+'}</mo>"
        elif subtracted:
            text += '<mo form="prefix">−</mo>'
        text += _write(term, Level.PRODUCT)
    return text


def _call(function: str, arguments: tuple[Formula, ...]) -> str:
    inside = "<mo>,</mo>".join(_write(one, Level.CASES) for one in arguments)
    if function == "sqrt":
        return f"<msqrt>{inside}</msqrt>"
    if function == "exp":
        return f"<msup><mi>e</mi><mrow>{inside}</mrow></msup>"
    brackets = f'<mo stretchy="false">(</mo>{inside}<mo stretchy="false">)</mo>'
    return f'<mrow><mi mathvariant="normal">{escape(function)}</mi><mo>&#x2061;</mo>{brackets}</mrow>'


def _cases(branches: tuple[tuple[Formula, str | None], ...]) -> str:
    rows = "".join(
        f"<mtr><mtd>{_write(value, Level.CASES)}</mtd>"
        f"<mtd><mtext>{escape('otherwise' if condition is None else 'if ' + condition)}</mtext></mtd></mtr>"
        for value, condition in branches
    )
    return f'<mtable class="gc-cases">{rows}</mtable>'
