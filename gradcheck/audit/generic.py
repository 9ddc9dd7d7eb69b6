"""A generic point near a given one: short decimals, all different, none zero."""

import math
from collections.abc import Callable, Iterator, Mapping

import numpy as np

from gradcheck.results.arrays import Floats

Point = dict[str, Floats]
Bounds = Mapping[str, tuple[float, float]]

# Weyl's sequence i·φ mod 1 fills the unit interval evenly for any count; φ is the golden ratio's fraction.
GOLDEN = (5**0.5 - 1) / 2
# How far a number moves, in units of the size of its array: far enough that a factor (w5 - w6) is no small number, near
# enough that saturated units stay the exception.
REACH = 0.6
# Above this many numbers the near-zero ones are spread beyond the margin, not stacked on it: n/12 of them queued n²/288
# times, minutes at n = 1e5.
MANY = 50
# Halvings of the reach before we give up: 0.6 / 2^12 is 1.5e-4 of the size.
HALVINGS = 12


def move_apart(given: Mapping[str, Floats], seed: int = 0, reach: float = REACH, bounds: Bounds | None = None) -> Point:
    """The given point with every number moved by its own short decimal, so that no two are equal and none is 0.

    The moves are at most `reach` times the array's size (its largest magnitude, rounded up to a power of ten), and
    stay within `bounds` (name -> (low, high)). Equal seeds give equal points.
    """
    taken: set[float] = {0.0, 1.0}  # magnitudes: opposite numbers hide as much as equal ones
    shifts = _shifts(seed)
    moved = {}
    for name, array in given.items():
        low, high = (bounds or {}).get(name, (-np.inf, np.inf))
        size = _size(array)
        moved[name] = _moved(array, size, reach, shifts, taken, low, high)
    return moved


def generic_point(
    given: Mapping[str, Floats], is_usable: Callable[[Point], bool], seed: int = 0, bounds: Bounds | None = None
) -> Point | None:
    """The nearest of ever closer generic points that the loss can use; None where none of them can be used."""
    reach = REACH
    for _ in range(HALVINGS):
        point = move_apart(given, seed, reach, bounds)
        if is_usable(point):
            return point
        reach /= 2
    return None


def _shifts(seed: int) -> Iterator[float]:
    """Fractions in (-1, 1), evenly spread, never within 1/8 of 0, so that every number really moves."""
    place = 1 + 1009 * seed
    while True:
        fraction = 2 * ((place * GOLDEN) % 1) - 1
        place += 1
        if abs(fraction) > 1 / 8:
            yield fraction


def _size(array: Floats) -> float:
    """The power of ten at or above the array's largest magnitude; 1 for zeros."""
    largest = float(np.abs(array).max(initial=0.0))
    return 10.0 ** math.ceil(math.log10(largest)) if 0 < largest < math.inf else 1.0


def _moved(
    array: Floats, size: float, reach: float, shifts: Iterator[float], taken: set[float], low: float, high: float
) -> Floats:
    # Two decimals tell about 2·100·reach numbers apart; larger arrays and shorter reaches need more.
    decimals = 2 + math.ceil(math.log10(max(array.size / 50, 1)) + math.log10(REACH / reach)) - round(math.log10(size))
    result = np.empty_like(array)
    for index in np.ndindex(array.shape):
        here = float(array[index])
        value = here + reach * size * next(shifts)
        if array.size > MANY and abs(value) < size / 10:  # climbing one by one, they would all queue at the margin
            value += math.copysign(size / 10, value)
        value = _inside(value, here, low, high)
        result[index] = _free(value, 10.0**-decimals, decimals, taken, size, high)
        taken.add(abs(float(result[index])))
    return result


def _free(value: float, unit: float, decimals: int, taken: set[float], size: float, high: float) -> float:
    """The next short decimal that is not taken and not so near 0 that its factor would hide a fault."""
    step = unit if value + unit < high else -unit
    while abs(round(value, decimals)) in taken or abs(value) < size / 10:
        value += step
    return round(value, decimals)


def _inside(value: float, given: float, low: float, high: float) -> float:
    """The value, or, where it leaves the bounds, a place two thirds of the way from the given one to that bound."""
    if value < low:
        return given + (low - given) * 2 / 3
    return given + (high - given) * 2 / 3 if value > high else value
