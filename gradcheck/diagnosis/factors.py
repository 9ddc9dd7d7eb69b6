"""A number written as a person would: 2, 1/2, the batch size, twice a named constant."""

from collections.abc import Iterator, Sequence
from fractions import Fraction

from gradcheck.diagnosis.scalars import Scalar

# A factor that was found by least squares is known to some 1e-9.
SAME = 1e-7
# A factor that has a name is further away than one that is there by itself.
NAMED = 0.3
# Derivatives of squares bring a 2, nothing brings a half: where one would mend, a 2 is rather too many elsewhere. What
# is divided by 3 or 4 is divided by a count, most likely, and counts have names.
PLAIN = tuple(
    (Fraction(text), cost)
    for text, cost in (("1", 0.0), ("2", 0.1), ("1/2", 0.3), ("3", 0.4), ("4", 0.4), ("1/4", 0.8), ("1/3", 0.8))
)


def factor_texts(factor: float, scalars: Sequence[Scalar]) -> Iterator[tuple[str, str, float]]:
    """(times, over, cost) for every way to write a factor: a small number, a scalar (text, value, cost), or both.

    An empty text is a 1; the sign is left to the caller. A named constant has a number beside it only where neither
    does alone: `4 * RATE` for a RATE of 0.25 is a 1 by chance. Sizes have one, too: other shapes tell.
    """
    size = abs(factor)
    alone = [(*_number(plain), cost) for plain, cost in PLAIN if _same(size, float(plain))]
    alone += [(text, "", far + NAMED) for text, value, far in scalars if value and _same(size, abs(value))]
    alone += [("", text, far + NAMED) for text, value, far in scalars if value and _same(size * abs(value), 1.0)]
    yield from alone
    if not _same(size, 1.0):
        yield from _both(size, [one for one in scalars if not alone or not one[0].isidentifier()])


def _both(size: float, scalars: Sequence[Scalar]) -> Iterator[tuple[str, str, float]]:
    """A small number times a scalar, or over it."""
    for plain, cost in PLAIN[1:]:
        times, over = _number(plain)
        for text, value, far in scalars:
            if value and _same(size, float(plain) * abs(value)):
                yield f"{times} * {text}" if times else text, over, cost + far + NAMED
            if value and not over and _same(size * abs(value), float(plain)):
                yield times, text, cost + far + NAMED


def _number(plain: Fraction) -> tuple[str, str]:
    """What to multiply by and what to divide by."""
    if plain == 1:
        return "", ""
    if plain.numerator == 1 and plain.denominator > 2:
        return "", str(plain.denominator)
    return str(plain.numerator) if plain.denominator == 1 else str(float(plain)), ""


def _same(a: float, b: float) -> bool:
    return abs(a - b) <= SAME * abs(b)
