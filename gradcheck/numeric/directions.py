"""Estimates along lines through some entries of a parameter: what its corners are like in directions."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gradcheck.numeric.estimation import estimate
from gradcheck.numeric.sampling import Function, value_at
from gradcheck.numeric.steps import magnitude_of
from gradcheck.precision import EPS
from gradcheck.results.arrays import Floats
from gradcheck.results.estimates import Estimate

# About 46 lines: of 46 through the ties of a maximum 6 showed that its gradient was no subgradient (NUMERICS.md
# section 8, R3). Of rows, columns and pairs no more than these; mantissas have 7 bits, so that products are exact.
MIXED, ONE_SIGNED, HALVES, PAIRS, BANDS = 8, 8, 8, 8, 8
MANTISSAS = (64, 128)
# Corners that meet at the point part when everything is moved by this part of its magnitude: then f is walked along the
# line in half steps of that size, this far to both sides, after each of so many moves. Curvature is a millionth of a
# slope there; bends under 1e-4 of the slopes, under a hundredth of the sharpest, or near rounding, are not counted.
APART = 2.0**-20
FAR = 32
MOVES = 3
SHARP, CURVED = 0.01, 1e-4


def lines_through(chosen: NDArray[np.bool_], seed: int = 0) -> tuple[Floats, ...]:
    """Directions in the parameter's shape, 0 outside of `chosen`: about 46, each through two entries or more.

    All ones; rows and columns; halves and the rest; pairs with equal and with opposite signs; random mantissas with
    random signs and with one sign. No two are the same line.
    """
    places = np.flatnonzero(chosen)
    if places.size < 2:
        return ()
    found: dict[bytes, Floats] = {}
    for direction in (*_bands(chosen), *_random_lines(places, np.random.default_rng(seed), chosen.size)):
        line = np.asarray(direction, dtype=np.float64).reshape(chosen.shape) + 0.0
        if np.count_nonzero(line) > 1:
            found.setdefault(line.tobytes(), line)
    return tuple(found.values())


def _bands(chosen: NDArray[np.bool_]) -> Iterator[Floats]:
    """All of the chosen entries, then those of one row, one column, one slice along any axis."""
    yield chosen.astype(np.float64)
    for axis in range(chosen.ndim):
        others = tuple(other for other in range(chosen.ndim) if other != axis)
        for i in np.flatnonzero(chosen.sum(axis=others) > 1)[:BANDS].tolist():
            band = np.zeros(chosen.shape)
            here = (slice(None),) * axis + (i,)
            band[here] = chosen[here]
            yield band


def _random_lines(places: NDArray[np.intp], r: np.random.Generator, size: int) -> Iterator[Floats]:
    """Halves with their rests, pairs, mantissas; flat, with entries at `places` only."""

    def line(values: ArrayLike, where: NDArray[np.intp] = places) -> Floats:
        flat = np.zeros(size)
        flat[where] = values
        return flat

    for _ in range(HALVES // 2):
        half = r.permutation(places.size) < places.size / 2
        yield line(half)
        yield line(~half)
    for _ in range(PAIRS // 2):
        pair = r.choice(places, 2, replace=False)
        yield line(1.0, pair)
        yield line([1.0, -1.0], np.sort(pair))
    for _ in range(MIXED):
        yield line(r.choice([-1, 1], places.size) * r.integers(*MANTISSAS, places.size) / MANTISSAS[1])
    for _ in range(ONE_SIGNED):
        yield line(r.integers(*MANTISSAS, places.size) / MANTISSAS[1])


def estimate_along(
    f: Function, at: Mapping[str, ArrayLike], name: str, lines: Sequence[Floats], shift: int = 0
) -> tuple[Estimate, ...]:
    """One estimate of d f(x + t line) / dt at t = 0 for every line through the parameter, each of shape ().

    Steps begin at half the magnitude of the largest number that the line moves, as along an axis.
    """
    arrays = {key: np.array(value, dtype=np.float64) for key, value in at.items()}
    return tuple(_along(f, arrays, name, line, shift) for line in lines)


def _along(f: Function, arrays: dict[str, Floats], name: str, line: Floats, shift: int) -> Estimate:
    unit = float(magnitude_of(np.abs(arrays[name][line != 0]).max(keepdims=True))[0])

    def moved(t: dict[str, Floats]) -> float:
        copies = {key: array.copy() for key, array in arrays.items()}
        copies[name] = copies[name] + unit * float(t["t"]) * line
        return f(copies)

    scaled = estimate(moved, {"t": 0.0}, shift=shift)["t"]
    slopes = None if scaled.slopes is None else scaled.slopes / unit
    return Estimate(
        scaled.value / unit,
        scaled.bar / unit,
        scaled.one_sided,
        scaled.steps * unit,
        scaled.differences / unit,
        scaled.evaluations,
        slopes=slopes,
        marks=scaled.marks,
        reason=scaled.reason,
    )


def opens_both_ways(f: Function, at: Mapping[str, ArrayLike], name: str, line: Floats, seed: int = 0) -> bool:
    """Does the line cross corners that open upwards and others that open downwards?

    At the point they may meet and show only their sum; beside it they stand apart, each with its own second difference.
    """
    arrays = {key: np.array(value, dtype=np.float64) for key, value in at.items()}
    r = np.random.default_rng(seed)
    for _ in range(MOVES):
        moved = beside(arrays, r)
        step = APART / 2 * float(magnitude_of(np.abs(arrays[name][line != 0]).max(keepdims=True))[0])
        walk = [value_at(f, {**moved, name: moved[name] + step * i * line}) for i in range(-FAR, FAR + 1)]
        bends = np.diff(walk, 2)
        least = (SHARP * np.abs(bends).max(), CURVED * np.abs(np.diff(walk)).max(), 64 * EPS * np.abs(walk).max())
        sharp = float(max(least))
        if (bends > sharp).any() and (bends < -sharp).any():
            return True
    return False


def beside(point: Mapping[str, Floats], r: np.random.Generator) -> dict[str, Floats]:
    """The point with every number moved by about a millionth of its magnitude, so that corners that meet there part."""
    return {name: array + APART * magnitude_of(array) * _mantissas(r, array.shape) for name, array in point.items()}


def _mantissas(r: np.random.Generator, shape: tuple[int, ...]) -> Floats:
    return np.asarray(r.choice([-1, 1], shape) * r.integers(*MANTISSAS, shape) / MANTISSAS[1])
