"""Plateaus: where rounding makes f exactly flat near the point, the slope is that of the coarser steps."""

import numpy as np
from numpy.typing import NDArray

from gradcheck.numeric.steps import magnitude_of
from gradcheck.numeric.tableau import Tableau
from gradcheck.results.arrays import Floats

# A slope from coarse steps is believed against a plateau if its bar is this small beside it; else a plateau this part
# of the number's own magnitude is believed (NUMERICS.md section 8, R5: a dead ReLU's plateau was taken for rounding).
RESOLVED = 1 / 16
WIDE = 2.0**-16
# One side stands still within so many roundings of f.
STILL = 4.0
# A staircase is climbed by jumps: slopes from step to step differ by a third, a twelfth right above a plateau. A dead
# zone (that of a soft threshold) is left continuously: over so many levels they are one slope, and f lags behind it by
# at least an eighth of the finest of these steps, for the next finer one, a quarter of it, still lies on the plateau.
STEADY_LEVELS, STEADY, LAG = 4, 2.0**-8, 1 / 16


def beyond_plateaus(tableau: Tableau) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """(value, bar, fooled) of every partial: the winner, but not one that lies on the steps of a staircase.

    Where neither the plateau nor the coarse slope can be believed, the bar reaches to both.
    """
    value, bar = tableau.value, tableau.bar
    flat = flat_to_the_end(tableau)
    coarse, coarse_bar, crossed = _best_above(tableau, flat)
    with np.errstate(invalid="ignore"):
        fooled = flat[tableau.level, np.arange(value.size)] & (np.abs(value - coarse) > bar + coarse_bar)
        stairs = fooled & (coarse_bar <= RESOLVED * np.abs(coarse)) & ~crossed & ~_is_dead_zone(tableau, flat)
        unclear = fooled & ~stairs & (_width(tableau, flat) < WIDE * magnitude_of(tableau.samples.x))
        reach = np.abs(value - coarse) + coarse_bar
    return np.where(stairs, coarse, value), np.where(stairs, coarse_bar, np.where(unclear, reach, bar)), fooled


def flat_to_the_end(tableau: Tableau) -> NDArray[np.bool_]:
    """(levels, n): True where f is the same on both sides of the point at this level and at all finer ones."""
    samples = tableau.samples
    flat = (samples.odd == 0) | np.isnan(samples.steps)
    return np.asarray(np.logical_and.accumulate(flat[::-1], axis=0)[::-1])


def _best_above(tableau: Tableau, flat: NDArray[np.bool_]) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """(value, bar, crossed) with the smallest bar among the levels above the plateau; an infinite bar where none is.

    crossed: True where f stands still on one side there: beyond a corner, not up the steps of a staircase.
    """
    bars = np.concatenate(list(np.where(flat, np.inf, tableau.bars)))
    best = bars.argmin(axis=0)[None]
    values = tableau.values.reshape(bars.shape)
    level = best % flat.shape[0]
    odd, even, floor = (
        np.take_along_axis(part, level, axis=0)[0]
        for part in (tableau.samples.odd, tableau.samples.even, tableau.samples.floor)
    )
    with np.errstate(invalid="ignore"):
        crossed = np.abs(np.abs(odd) - np.abs(even)) <= STILL * floor
    return np.take_along_axis(values, best, axis=0)[0], np.take_along_axis(bars, best, axis=0)[0], np.asarray(crossed)


def _is_dead_zone(tableau: Tableau, flat: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(n,): True where f leaves its plateau along one straight line on each side."""
    samples, n = tableau.samples, flat.shape[1]
    moves = ~flat & (np.abs(np.abs(samples.odd) - np.abs(samples.even)) > STILL * samples.floor)
    finest = np.where(moves, np.arange(len(moves))[:, None], -1).max(axis=0, initial=-1)
    rows = np.clip(finest + np.arange(1 - STEADY_LEVELS, 1)[:, None], 0, None)
    steps, odd = samples.steps[rows, np.arange(n)], samples.odd[rows, np.arange(n)]
    with np.errstate(all="ignore"):
        slopes = np.diff(odd, axis=0) / np.diff(steps, axis=0)
        steady = slopes.max(axis=0) - slopes.min(axis=0) < STEADY * np.abs(slopes[0])
        lags = np.abs(odd[-1] - slopes[-1] * steps[-1]) > LAG * np.abs(slopes[-1] * steps[-1])
    return np.asarray((finest >= STEADY_LEVELS - 1) & steady & lags)


def _width(tableau: Tableau, flat: NDArray[np.bool_]) -> Floats:
    """The largest step on the plateau; 0 where there is no plateau."""
    return np.asarray(np.fmax.reduce(np.where(flat, tableau.samples.steps, 0.0), axis=0))
