"""Interval arithmetic on traced programs: bounds that hold, whatever was rounded on the way."""

from dataclasses import dataclass
from typing import Any

import mpmath

from gradcheck.program.programs import Program
from gradcheck.symbolic.replays import numbers_of, pulled_back
from gradcheck.symbolic.rules import NoValue

# Digits of one attempt after the other: at the second almost every difference that is one shows (SYMBOLIC.md).
LADDER = (30, 60, 120)


class Intervals(mpmath.ctx_iv.MPIntervalContext):  # type: ignore[misc]  # mpmath is untyped
    """Intervals of so many digits, each operation rounded outward; what mpmath lacks is made of its exponential."""

    def __init__(self, digits: int) -> None:
        super().__init__()
        self.dps = digits

    def whole(self, x: Any) -> int | None:
        """The whole number that x is, or None."""
        low, high = x._mpi_
        return int(mpmath.libmp.to_int(low)) if low == high and mpmath.libmp.to_rational(low)[1] == 1 else None

    def expm1(self, x: Any) -> Any:
        """exp(x) - 1."""
        return self.exp(x) - 1

    def tanh(self, x: Any) -> Any:
        """1 - 2/(exp(2x) + 1): rises with x, and x stands in it once."""
        return 1 - 2 / (self.exp(2 * x) + 1)

    def sinh(self, x: Any) -> Any:
        """(exp(x) - exp(-x))/2: both terms rise with x."""
        return (self.exp(x) - self.exp(-x)) / 2

    def cosh(self, x: Any) -> Any:
        """(exp(x) + exp(-x))/2; where x is narrow, a little wider than it need be."""
        return (self.exp(x) + self.exp(-x)) / 2

    def atan(self, x: Any) -> Any:
        """The arctangent."""
        return self.make_mpf(mpmath.libmp.libmpi.mpi_atan(x._mpi_, self.prec))


@dataclass(frozen=True, slots=True)
class Enclosure:
    """Two bounds on a number that hold without any assumption on rounding: low <= number <= high."""

    low: float
    high: float
    digits: int

    @property
    def excludes_zero(self) -> bool:
        """Is it proved that the number is not 0?"""
        return self.low > 0 or self.high < 0


def enclose_differences(program: Program, labels: list[str]) -> dict[str, Enclosure]:
    """Bounds on yours - true for these partials at the point of the trace, the doubles there taken as exact.

    Both gradients are formulas in exact arithmetic, so a bound away from 0 proves that yours is wrong, not rounded.
    A label is left out where it was not traced, or where no bounds could be had (a corner, no real value).
    """
    open_labels = [label for label in labels if label in program.gradient]
    found: dict[str, Enclosure] = {}
    for digits in LADDER:
        found |= _enclosed(program, open_labels, digits)
        open_labels = [label for label in open_labels if label in found and not found[label].excludes_zero]
        if not open_labels:
            break
    return found


def _enclosed(program: Program, labels: list[str], digits: int) -> dict[str, Enclosure]:
    ctx = Intervals(digits)
    try:
        numbers = numbers_of(program, ctx)
        slopes = pulled_back(program, numbers, ctx, program.loss or 0)
    except NoValue:
        return {}
    zero = ctx.mpf(0)
    gaps = {label: numbers[program.gradient[label]] - slopes.get(program.inputs[label], zero) for label in labels}
    return {label: Enclosure(*_outward(gap), digits) for label, gap in gaps.items()}


def _outward(gap: Any) -> tuple[float, float]:
    """The bounds as doubles, the lower one rounded down, the upper one up."""
    low, high = gap._mpi_
    return float(mpmath.libmp.to_float(low, rnd="f")), float(mpmath.libmp.to_float(high, rnd="c"))
