"""Words and numbers as HTML: names in italics with their index, powers of ten raised; everything else escaped."""

import json
import re
from collections.abc import Callable, Iterable
from typing import Any

from markupsafe import Markup, escape

from gradcheck.report.derivations import share
from gradcheck.report.excerpts import Excerpt, leaves_of
from gradcheck.report.formulas.marks import marked_pairs
from gradcheck.report.formulas.mathml import mathml_partial, to_mathml, wrap
from gradcheck.report.formulas.names import split_name
from gradcheck.report.numbers import SUPERSCRIPTS, bound, listed, value
from gradcheck.report.sentences import polished, sentence
from gradcheck.results.derivations import Derivation, Factor
from gradcheck.results.formulas import Formula

RAISED = re.compile("10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)")
PLAIN_DIGITS = {raised: sign for sign, raised in SUPERSCRIPTS.items() if sign != ord("-")}
# One-letter names that are English words: in a sentence nobody could tell them apart.
OPERATOR = "[→←=/∂·+−]"
# Behind these a line of code may end.
OPERATORS = re.compile(r"(?<=[*/+,(])(?=\w)")
ENGLISH = {"a", "A", "I", "i"}


def name_markup(name: str) -> Markup:
    """`b1` as italic b with index 1; `W1[0,1]` with its place in brackets; longer words stay one italic word."""
    parts = split_name(name)
    index = Markup("<sub>{}</sub>").format(parts.index) if parts.index else ""
    place = Markup("[{}]").format(parts.place) if parts.place else ""
    return Markup("<i>{}</i>{}{}").format(parts.stem, index, place)


def numeral(text: str) -> Markup:
    """The text with `10⁻¹⁶` written as a raised −16, which every font has."""
    raised = RAISED.sub(lambda found: f"10<sup>{found[1].translate(PLAIN_DIGITS)}</sup>", str(escape(text)))
    return Markup(raised)


def prose(names: Iterable[str]) -> Callable[[str], Markup]:
    """A writer of sentences that sets these names as names."""
    pattern = _pattern(sorted(names, key=lambda name: (-len(name), name)))

    def write(text: str) -> Markup:
        parts = polished(text).replace("/∂", "/\u2060∂").split("`")  # no line ends inside ∂out/∂outh1
        return Markup("").join(
            Markup("<code>{}</code>").format(part) if n % 2 else Markup("").join(_alternate(pattern.split(part)))
            for n, part in enumerate(parts)
        )

    return write


def _pattern(names: list[str]) -> re.Pattern[str]:
    """Finds names in sentences: those that cannot be words anywhere, the others only beside an operator or an arrow."""
    sure = _any_of(name for name in names if _is_recognisable(name))
    maybe = _any_of(name for name in names if not _is_recognisable(name))
    beside = rf"(?:(?<={OPERATOR})|(?<={OPERATOR} )){maybe}|{maybe}(?= ?{OPERATOR})"
    return re.compile(rf"(?<![\w.])({sure}|{beside})(\[[\d,]+\])?(?!\w)")


def _any_of(names: Iterable[str]) -> str:
    return f"(?:{'|'.join(map(re.escape, names)) or '(?!)'})"


def _alternate(pieces: list[Any]) -> Iterable[Markup]:
    """re.split gives text, name, place, text, name, place, text ..."""
    for n in range(0, len(pieces), 3):
        yield numeral(pieces[n])
        if n + 1 < len(pieces):
            yield name_markup(pieces[n + 1] + (pieces[n + 2] or ""))


def _is_recognisable(name: str) -> bool:
    """Names that cannot be taken for words: with a digit, an underscore, or of a single letter."""
    return bool(re.search(r"[\d_]", name)) or (len(name) == 1 and name not in ENGLISH)


def breakable(code: str) -> Markup:
    """Code in which a long line may end behind an operator, so that no name is torn apart."""
    return Markup("<wbr>").join(OPERATORS.split(code))


def formula_markup(formula: Formula) -> Markup:
    """A formula as inline MathML."""
    return Markup(to_mathml(formula))


def partial_markup(of: str, by: str) -> Markup:
    """∂of/∂by as a fraction."""
    return Markup(wrap(mathml_partial(of, by), alttext=f"d{of}/d{by}"))


def link(factor: Factor) -> Markup:
    """The partial that a factor is."""
    return partial_markup(factor.of, factor.by)


def adjoint(name: str, derivation: Derivation) -> Markup:
    """The partial of the loss by a named value."""
    return partial_markup(derivation.loss, name)


def is_opposed(derivation: Derivation) -> bool:
    """Do some paths add and others subtract?"""
    return len({path.value > 0 for path in derivation.paths if path.value}) > 1


def total(excerpt: Excerpt) -> Markup:
    """∂Loss/∂b1 = first + second = sum; what is left out stands as one number."""
    derivation = excerpt.derivation
    left = mathml_partial(derivation.loss, derivation.parameter)
    numbers = [path.value for _, path in excerpt.paths] + [excerpt.cut_value] * bool(excerpt.cut_paths)
    middle = f"<mo>=</mo>{_sum(numbers)}" if len(numbers) > 1 else ""
    inside = f"{left}{middle}<mo>=</mo>{_number(derivation.total)}"
    return Markup(wrap(inside, alttext=f"d{derivation.loss}/d{derivation.parameter}"))


def script_json(data: Any) -> Markup:
    """JSON that may stand inside a script element: no `<`, `>` or `&` in it."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    escaped = text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return Markup(escaped)


def _sum(numbers: list[float]) -> str:
    parts = [_number(numbers[0])]
    parts += [f"<mo>{'−' if x < 0 else '+'}</mo>{_number(abs(x))}" for x in numbers[1:]]
    return "".join(parts)


def _number(x: float) -> str:
    digits, times, power = value(x).partition(" × 10")
    text = f"<mn>{digits}</mn>"
    raised = power.translate(PLAIN_DIGITS)
    return f"{text}<mo>×</mo><msup><mn>10</mn><mn>{raised}</mn></msup>" if times else text


FILTERS: dict[str, Callable[..., Any]] = {
    "name": name_markup,
    "numeral": numeral,
    "sentence": sentence,
    "value": lambda x: numeral(value(x)),
    "bound": lambda x: numeral(bound(x)),
    "marked_pairs": marked_pairs,
    "breakable": breakable,
    "formula": formula_markup,
    "link": link,
    "adjoint": adjoint,
    "share": share,
    "total": total,
    "leaves": leaves_of,
    "opposed": is_opposed,
    "json": script_json,
    "either": lambda words: listed(list(words), "or"),
    "grouped": lambda n: f"{n:,}",
}
