"""A wrong number: a factor 2 or 1/2, a sign, one off, or a rounded constant for the exact one."""

import ast
from collections.abc import Iterator
from fractions import Fraction

from gradcheck.diagnosis.candidates.places import Candidate, Place, operands, replaced, text_of

# What a coefficient of a derivative is off by: the power's exponent, one half of a square, a sign (FIELD.md, C9).
FACTORS = (2, Fraction(1, 2), -1, 3, 4, Fraction(1, 3), Fraction(1, 4))
# A number whose decimals do not end is no coefficient: it has a count in it, which has a name.
UNENDING = 0.5
PLAIN = (0, 1, 2, 3, 4, Fraction(1, 2), -1)
KEYWORDS = ("axis", "keepdims", "dtype")


def change_constants(place: Place) -> Iterator[Candidate]:
    """Candidates that write another number for a number."""
    for node in operands(place):
        parent = place.parents.get(node)
        if not isinstance(node, ast.Constant) or (isinstance(parent, ast.keyword) and parent.arg in KEYWORDS):
            continue
        if isinstance(node.value, bool):
            yield replaced(place, node, str(not node.value), 1.1, f"{not node.value} for {node.value}")
        elif isinstance(node.value, int | float):
            old = text_of(place, node)
            power = parent if isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Pow) else None
            for new, cost in _others(node.value, power is not None):
                if power is not None and power.right is node and new in ("1", "1.0"):
                    base = text_of(place, power.left)
                    yield replaced(place, power, base, cost, f"{base} for {text_of(place, power)}")
                else:
                    yield replaced(place, node, new, cost, f"{new} for {old}")


def _others(value: float, is_power: bool) -> Iterator[tuple[str, float]]:
    """(text, cost), each number once."""
    exact = Fraction(str(value)) if value == value and abs(value) != float("inf") else Fraction(0)
    steps = [(exact + 1, 1.0 if is_power else 1.3), (exact - 1, 1.0 if is_power else 1.3)]
    scaled = [(exact * factor, 1.0 if factor in FACTORS[:3] else 1.3) for factor in FACTORS]
    seen = {exact}
    for number, cost in (*steps, *scaled, *((Fraction(plain), 1.4) for plain in PLAIN)):
        if number not in seen:
            seen.add(number)
            text = number_text(number, isinstance(value, float))
            yield text, cost + UNENDING * ("/" in text)


def number_text(number: Fraction, as_float: bool) -> str:
    """A number as a person writes it: 2, 0.5, 2.0, and 1 / 3 where decimals do not end."""
    if number.denominator == 1:
        return f"{number.numerator}.0" if as_float else str(number.numerator)
    decimals = repr(float(number))
    return (
        decimals
        if Fraction(decimals) == number and len(decimals) < 12
        else f"{number.numerator} / {number.denominator}"
    )
