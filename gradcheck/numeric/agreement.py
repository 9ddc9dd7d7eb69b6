"""Stage 0: two quick estimates of every partial from three steps, good enough to agree with and never to disagree.

Two estimates that were reached from different steps and a gradient that was reached in another way altogether: where
all three meet, each vouches for the others (NUMERICS.md section 5). Arrays are (levels, n), coarse to fine.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from gradcheck.numeric.sampling import Arrays, Function, values_beside
from gradcheck.numeric.steps import magnitude_of
from gradcheck.precision import EPS, spacing
from gradcheck.results.arrays import Floats

# Steps 2^-8, 2^-10 and 2^-12 of the number's magnitude (NUMERICS.md section 5).
STEPS = np.ldexp(1.0, [-8, -10, -12])
# Richardson with steps in ratio 4 and an error that falls with the square: (16 D(h/4) - D(h)) / 15.
WEIGHT = 1 / 15
# A corner's even part falls with exponent 1, a smooth one's with 2; above 32 roundings of f the exponent can be read.
ABOVE_ROUNDING, CORNER_LIKE = 32.0, 1.6
# The bar holds 12 measured noises: 3 as on the full ladder, times 4 since they are a maximum of two or three numbers.
NOISES = 12.0


@dataclass(frozen=True, slots=True)
class Glance:
    """Two quick estimates of n partials, all fields (n,) or the parameter's shape.

    value: from the two finer steps; before: from the two coarser; bar: what both, and the noise seen beside them, leave
    open. plain: the plain quotient of the finest step. rounding: the least that rounding of f may move `value` by.
    scale: the slope at which f would change by all of itself over the number's magnitude. smooth: 1 where f is finite
    and shows no corner.
    """

    value: Floats
    before: Floats
    bar: Floats
    plain: Floats
    rounding: Floats
    scale: Floats
    smooth: NDArray[np.bool_]

    def part(self, row: slice, shape: tuple[int, ...]) -> "Glance":
        """A row of the partials alone, in the shape of their parameter."""
        return Glance(*(getattr(self, name)[row].reshape(shape) for name in self.__slots__))


def glance(f: Function, arrays: Arrays, names: Sequence[str], centre: float) -> dict[str, Glance]:
    """Stage 0 of every entry of the named parameters: 6 evaluations each. centre: f at the point."""
    cells = [(name, flat) for name in names for flat in range(arrays[name].size)]
    x = np.concatenate([arrays[name].reshape(-1) for name in names] or [np.empty(0)])
    steps = magnitude_of(x) * STEPS[:, None]
    plus, minus = values_beside(f, arrays, cells, x, steps)
    whole = look(steps, plus, minus, centre, spacing(x))
    ends = np.cumsum([0, *(arrays[name].size for name in names)]).tolist()
    return {name: whole.part(slice(*row), arrays[name].shape) for name, row in zip(names, pairwise(ends), strict=True)}


def look(steps: Floats, plus: Floats, minus: Floats, centre: float, grain: Floats | float = 0.0) -> Glance:
    """What three steps say of n partials.

    steps, plus, minus: (3, n) and f there; centre: f at the point. grain: rounding of x itself, (n,).
    """
    with np.errstate(all="ignore"):
        plain = (plus - minus) / 2 / steps
        even = (plus - centre) / 2 + (minus - centre) / 2
        before, value = (plain[k + 1] + WEIGHT * (plain[k + 1] - plain[k]) for k in (0, 1))
        floor = np.maximum(EPS * np.abs([*plus, *minus]).max(axis=0), np.spacing(abs(centre)))
        noise = np.fmax(floor, _unexplained(even, steps)) + np.abs(value) * grain
        bar = np.abs(value - before) + NOISES * noise / steps[-1] + 4 * EPS * np.abs(value)
        scale = floor / EPS / (steps[-1] / STEPS[-1])
        smooth = np.isfinite(value) & np.isfinite(before) & ~_has_corner(even, floor)
    return Glance(value, before, bar, plain[-1], floor / steps[-1], scale, smooth)


def _unexplained(even: Floats, steps: Floats) -> Floats:
    """The even part at the finest step beside what the coarser ones predict: noise, seen apart from the odd part."""
    coarse, middle = even[:2] / steps[:2] ** 2
    return np.asarray(np.abs(even[2] - (middle + WEIGHT * (middle - coarse)) * steps[2] ** 2))


def _has_corner(even: Floats, floor: Floats) -> NDArray[np.bool_]:
    """True where the even part, well above rounding, falls no faster than a corner's from one step to the next."""
    loud = np.abs(even[1:]) > ABOVE_ROUNDING * floor
    slow = np.log(np.abs(even[:-1] / even[1:])) <= CORNER_LIKE * np.log(4.0)
    return np.asarray((loud & slow).any(axis=0))
