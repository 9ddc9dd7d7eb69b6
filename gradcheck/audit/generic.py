"""A generic point near a given one: short decimals, all different, none zero."""

import math
from collections.abc import Callable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from gradcheck.numeric.pieces import length_of
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
# Above this many numbers in all they are moved at once: to so many decimals, so that each moves by 70 units or more, by
# their typical size and not the largest: where a unit adds up 300 numbers, moves of 0.6 would saturate every one.
SMALL, DIGITS = 2500, 3
# Halvings of the reach before we give up: 0.6 / 2^12 is 1.5e-4 of the size.
HALVINGS = 12


def move_apart(given: Mapping[str, Floats], seed: int = 0, reach: float = REACH, bounds: Bounds | None = None) -> Point:
    """The given point with every number moved by its own short decimal, so that no two are equal and none is 0.

    The moves are at most `reach` times the array's size (its largest magnitude, rounded up to a power of ten), and
    stay within `bounds` (name -> (low, high)). Equal seeds give equal points.
    """
    count = sum(array.size for array in given.values())
    if count > SMALL:
        return _all_moved(given, seed, reach, bounds or {}, count)
    taken: set[float] = {0.0, 1.0}  # magnitudes: opposite numbers hide as much as equal ones
    shifts = _shifts(seed)
    moved = {}
    for name, array in given.items():
        low, high = (bounds or {}).get(name, (-np.inf, np.inf))
        size = min(_size(array), _room(low, high))
        moved[name] = _moved(_brought_in(array, size, low, high), size, reach, shifts, taken, low, high)
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


def _all_moved(given: Mapping[str, Floats], seed: int, reach: float, bounds: Bounds, count: int) -> Point:
    """Many numbers moved at once, each by `reach` times the root mean square of its array at most.

    What follows after DIGITS decimals is each one's own number among all of them.
    """
    moved, first = {}, 1
    for place, (name, own) in enumerate(given.items()):
        low, high = bounds.get(name, (-np.inf, np.inf))
        size = min(_typical(own), _room(low, high))
        array = _brought_in(own, size, low, high)
        value = array + reach * size * _far(array.shape, (seed, place))
        value = np.where(np.abs(value) < size / 10, value + np.copysign(size / 10, value), value)
        value = np.where(value < low, array + (low - array) * 2 / 3, value)
        value = np.where(value > high, array + (high - array) * 2 / 3, value)
        decimals = DIGITS + math.ceil(math.log10(REACH / reach)) - math.floor(math.log10(size))
        numbers = np.arange(first, first + array.size).reshape(array.shape)
        moved[name] = _numbered(value, numbers, decimals, math.ceil(math.log10(count + 1)), low, high)
        moved[name].flags.writeable = False  # so that it is taken as it is, and not copied
        first += array.size
    return moved


def _typical(array: Floats) -> float:
    """The root mean square; 1 for zeros."""
    size = length_of(array) / max(array.size, 1) ** 0.5
    return size if 0 < size < math.inf else 1.0


def _far(shape: tuple[int, ...], key: tuple[int, int]) -> Floats:
    """Random fractions in (-1, 1), none within 1/8 of 0."""
    words = np.random.SFC64(np.random.SeedSequence(key)).random_raw(math.prod(shape)).reshape(shape)
    fractions = (words >> np.uint64(11)).astype(np.float64) * 2.0**-52 - 1
    return np.asarray(np.copysign(1 / 8, fractions) + fractions * 7 / 8)


def _numbered(value: Floats, numbers: NDArray[np.intp], decimals: int, own: int, low: float, high: float) -> Floats:
    """The values to so many decimals, followed by so many more of their numbers; within the bounds."""
    unit = 10.0**-decimals
    numbered = np.trunc(value / unit) * unit + np.copysign(numbers * unit * 10.0**-own, value)
    numbered = np.where(numbered > high, numbered - unit, np.where(numbered < low, numbered + unit, numbered))
    return np.asarray(np.round(numbered, decimals + own))


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


def _room(low: float, high: float) -> float:
    """The power of ten at or below the width of the bounds, in which there is room for moves of that size."""
    return 10.0 ** math.floor(math.log10(high - low)) if math.isfinite(high - low) else math.inf


def _brought_in(array: Floats, size: float, low: float, high: float) -> Floats:
    """The array, with the middle between the bounds, or a place one size off the only one, for what is not inside."""
    inner = (low + high) / 2 if math.isfinite(high - low) else low + size if math.isfinite(low) else high - size
    return np.where((low < array) & (array < high), array, inner) if low > -math.inf or high < math.inf else array


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
    upward = value + unit < high and (value > 0 or high > size / 10)
    step = unit if upward else -unit
    while abs(round(value, decimals)) in taken or abs(value) < size / 10:
        value += step
    return round(value, decimals)


def _inside(value: float, given: float, low: float, high: float) -> float:
    """The value, or, where it leaves the bounds, a place two thirds of the way from the given one to that bound."""
    if value < low:
        return given + (low - given) * 2 / 3
    return given + (high - given) * 2 / 3 if value > high else value
