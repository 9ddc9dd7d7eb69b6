"""What f showed around a point, split into its odd and even part; levels where f is not finite are left out."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gradcheck.precision import EPS, spacing
from gradcheck.results.arrays import Floats

# An edge of the domain shows as non-finite values on one side of the point, at 2 or more of the 4 finest levels
# (NUMERICS.md section 2).
FINEST, ENOUGH = 4, 2
# A function that computes in float32 or float16 inside shows stairs: only such numbers, one value at the finest steps.
# With 6 different values that is no chance (NUMERICS.md section 8, R7).
COARSE = (np.float32, np.float16)
DISTINCT = 6


@dataclass(frozen=True, slots=True)
class Samples:
    """Differences of n partials, the usable levels first and coarse to fine.

    x, side, unit: (n,). steps, odd, even, largest: (levels, n), NaN after a partial's last level.
    side: 0 central, +1 or -1 where only that side of the point lies in the domain, NaN where neither does.
    odd: (f(x+h) - f(x-h)) / 2, one-sided side * (f(x + side h) - f(x)).
    even: (f(x+h) + f(x-h)) / 2 - f(x), one-sided 0.
    largest: the largest |f| at this level or a finer one. unit: relative rounding of f.
    """

    x: Floats
    side: Floats
    steps: Floats
    odd: Floats
    even: Floats
    largest: Floats
    unit: Floats

    @property
    def order(self) -> Floats:
        """2 for central differences, 1 for one-sided ones."""
        return np.where(self.side == 0, 2.0, 1.0)

    @property
    def floor(self) -> Floats:
        """The least noise to reckon with at every level: one rounding of f, also where f is subnormal."""
        return np.maximum(self.unit * self.largest, spacing(self.largest))

    @property
    def finer(self) -> Floats:
        """How many finer levels each level has: (levels, n)."""
        rows = np.arange(self.steps.shape[0])[:, None]
        return np.asarray(np.isfinite(self.steps).sum(axis=0) - 1.0 - rows)

    def part(self, i: int, start: int = 0) -> "Samples":
        """One partial alone, from a level on."""
        rows, column = slice(start, None), slice(i, i + 1)
        levels = {name: getattr(self, name)[rows, column] for name in ("steps", "odd", "even", "largest")}
        return Samples(self.x[column], self.side[column], unit=self.unit[column], **levels)

    def one_sided(self, side: float) -> "Samples":
        """The same samples seen from one side alone: odd and even part together make f(x + h) - f(x)."""
        sides = np.full(self.side.shape, side)
        return replace(self, side=sides, odd=self.odd + side * self.even, even=np.zeros_like(self.even))


def split(x: Floats, steps: Floats, plus: Floats, minus: Floats, centre: float) -> Samples:
    """The samples of n partials from f on both sides.

    x: (n,). steps, plus, minus: (levels, n). centre: f at the point.
    """
    side = side_of(steps, plus, minus)
    with np.errstate(all="ignore"):
        odd = np.where(side == 0, (plus - minus) / 2, np.where(side > 0, plus - centre, centre - minus))
        even = np.where(side == 0, (plus - centre) / 2 + (minus - centre) / 2, 0.0)
    size = np.fmax(np.where(side < 0, 0.0, np.abs(plus)), np.where(side > 0, 0.0, np.abs(minus)))
    usable = np.isfinite(odd) & np.isfinite(even) & np.isfinite(steps) & ~np.isnan(side)
    steps, odd, even, size = (_usable_first(array, usable) for array in (steps, odd, even, size))
    largest = np.maximum(np.fmax.accumulate(size[::-1], axis=0)[::-1], abs(centre))
    return Samples(x, side, steps, odd, even, largest, unit_of(plus, minus, centre))


def _usable_first(array: Floats, usable: NDArray[np.bool_]) -> Floats:
    """The usable levels in their order, then NaN."""
    order = np.argsort(~usable, axis=0, kind="stable")
    return np.take_along_axis(np.where(usable, array, np.nan), order, axis=0)


def side_of(steps: Floats, plus: Floats, minus: Floats) -> Floats:
    """0 where both sides lie in the domain, +1 or -1 where only one does, NaN where neither: (n,)."""
    rows = np.arange(steps.shape[0])[:, None]
    finest = np.isfinite(steps) & (rows >= np.isfinite(steps).sum(axis=0) - FINEST)
    up = (finest & ~np.isfinite(plus)).sum(axis=0) >= ENOUGH
    down = (finest & ~np.isfinite(minus)).sum(axis=0) >= ENOUGH
    return np.where(up & down, np.nan, np.where(up, -1.0, np.where(down, 1.0, 0.0)))


def unit_of(plus: Floats, minus: Floats, centre: float) -> Floats:
    """The relative rounding of f, (n,): float64's, but that of a coarser type where its values show such stairs."""
    values = np.sort(np.concatenate([plus, minus]), axis=0)
    with np.errstate(all="ignore"):
        distinct = (np.diff(values, axis=0) > 0).sum(axis=0) + 1
        stairs = (((plus == centre) & (minus == centre)).sum(axis=0) >= FINEST) & (distinct >= DISTINCT)
        unit = np.full(stairs.shape, EPS)
        for kind in COARSE:
            held = (values.astype(kind) == values) | ~np.isfinite(values)
            unit = np.where(held.all(axis=0) & stairs, float(np.finfo(kind).eps), unit)
    return unit
