"""Regimes: where other steps than the winner's agree among themselves on a slope that its bar excludes."""

import numpy as np
from numpy.typing import NDArray

from gradcheck.numeric.plateaus import flat_to_the_end
from gradcheck.numeric.tableau import Tableau
from gradcheck.results.arrays import Floats

# Two finer levels in a row, or three coarser ones that agree, are another regime if they miss the winner by so many
# times both bars (NUMERICS.md section 2).
# Below this part of |f| the winner's own residuals are rounding, and what finer levels say is rounding too.
EXCLUDED = 1.5
ROUNDING = 2.0**-38
# From a fine regime that is the true one, coarser quotients move away like h^2: twice in a row within these exponents.
EXIT = (1.5, 2.5)
# Where a corner or a branch lies between the regimes, one side of the point goes on as the fine one says: f leaves its
# tangent like h^2 there, or not at all within so many roundings. A part of f that is rounded goes on on neither side.
STILL = 16.0


def between_regimes(tableau: Tableau, value: Floats, bar: Floats) -> tuple[Floats, Floats, Floats, NDArray[np.bool_]]:
    """(value, bar, core, conflict): the finer of two regimes if left smoothly, else a bar that reaches to both.

    core: the bar that a coarse winner had before finer steps contradicted it, NaN elsewhere. conflict: True where the
    bar reaches to both.
    """
    value, bar, core = value.copy(), bar.copy(), np.full(value.shape, np.nan)
    conflict = np.zeros(value.shape, dtype=bool)
    values, bars = _best_of_levels(tableau)
    finer, coarser = _other_regimes(tableau, values, bars, value, bar)
    for i in np.flatnonzero(finer.any(axis=0) | coarser.any(axis=0)).tolist():
        fine = bool(finer[:, i].any())
        other = int(np.where(finer[:, i] if fine else coarser[:, i], bars[:, i], np.inf).argmin())
        top, bottom = sorted((other, int(tableau.level[i])))
        slope = float(values[bottom, i])
        if _is_left_smoothly(tableau, i, top, bottom, slope) or _goes_on(tableau, i, top, bottom, slope):
            value[i], bar[i] = (values[other, i], bars[other, i]) if fine else (value[i], bar[i])
        elif not (fine and _is_rounding(tableau, i, float(value[i]))):
            core[i], conflict[i] = bar[i] if fine else np.nan, True
            bar[i] = abs(values[other, i] - value[i]) + max(bars[other, i], bar[i])
    return value, bar, core, conflict


def rivals_of(tableau: Tableau, value: Floats, bar: Floats) -> tuple[Floats, Floats]:
    """(slope, bar) of the coarser level that excludes the winner most sharply, NaN where none does.

    One level proves nothing against the winner; a gradient that says the same is not proved wrong by the winner either.
    Not counted where the winner's regime is left smoothly, or goes on at one side.
    """
    rival, reach = np.full(value.shape, np.nan), np.full(value.shape, np.nan)
    values, bars = _best_of_levels(tableau)
    coarser = _excludes(tableau, values, bars, value, bar) & (np.arange(len(values))[:, None] < tableau.level)
    for i in np.flatnonzero(coarser.any(axis=0)).tolist():
        other, level = int(np.where(coarser[:, i], bars[:, i], np.inf).argmin()), int(tableau.level[i])
        slope = float(value[i])
        if not (_is_left_smoothly(tableau, i, other, level, slope) or _goes_on(tableau, i, other, level, slope)):
            rival[i], reach[i] = values[other, i], bars[other, i]
    return rival, reach


def _best_of_levels(tableau: Tableau) -> tuple[Floats, Floats]:
    """(value, bar) of every level's sharpest column."""
    best = tableau.bars.argmin(axis=0)[None]
    values, bars = (np.take_along_axis(table, best, axis=0)[0] for table in (tableau.values, tableau.bars))
    return values, bars


def _excludes(tableau: Tableau, values: Floats, bars: Floats, value: Floats, bar: Floats) -> NDArray[np.bool_]:
    """(levels, n): True where a level, with enough finer ones to know its noise, misses the winner by both bars."""
    with np.errstate(invalid="ignore"):
        speaks = np.isfinite(bars) & (tableau.samples.finer >= 3) & (tableau.samples.side == 0)
        return np.asarray(speaks & (np.abs(values - value) > EXCLUDED * (bars + bar)))


def _other_regimes(
    tableau: Tableau, values: Floats, bars: Floats, value: Floats, bar: Floats
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """(levels, n) twice, that exclude the winner: two finer ones in a row, three coarser ones that agree."""
    rows = np.arange(values.shape[0])[:, None]
    excludes = _excludes(tableau, values, bars, value, bar)
    with np.errstate(invalid="ignore"):
        agrees = np.abs(values[1:] - values[:-1]) <= bars[1:] + bars[:-1]
    finer = excludes & (rows > tableau.level) & ~flat_to_the_end(tableau)
    coarser = excludes & (rows < tableau.level)
    pair, three = np.zeros_like(finer), np.zeros_like(coarser)
    pair[1:] = finer[1:] & finer[:-1]
    three[2:] = coarser[2:] & coarser[1:-1] & coarser[:-2] & agrees[1:] & agrees[:-1]
    return pair, three


def _is_left_smoothly(tableau: Tableau, i: int, top: int, bottom: int, slope: float) -> bool:
    """True where the plain quotients, from the fine regime to the coarse one, leave its slope like h^2 twice in a row.

    Above both regimes the quotients leave either slope like h^2, and say nothing.
    """
    rows = slice(top, bottom + 1)
    steps, odd = tableau.samples.steps[rows, i], tableau.samples.odd[rows, i]
    with np.errstate(all="ignore"):
        away = np.abs(odd / steps - slope)
        exponents = np.log(away[:-1] / away[1:]) / np.log(steps[:-1] / steps[1:])
    smooth = (EXIT[0] < exponents) & (exponents < EXIT[1])
    return bool((smooth[1:] & smooth[:-1]).any())


def _goes_on(tableau: Tableau, i: int, top: int, bottom: int, slope: float) -> bool:
    """True where f leaves its tangent in the fine regime like h^2 on one side, from there to the coarse regime."""
    rows = slice(top, bottom + 1)
    samples = tableau.samples
    steps, odd, even, floor = (part[rows, i] for part in (samples.steps, samples.odd, samples.even, samples.floor))
    for side in (-1, 1):
        away = np.abs(even + side * (odd - slope * steps))
        with np.errstate(all="ignore"):
            exponents = np.log(away[:-1] / away[1:]) / np.log(steps[:-1] / steps[1:])
        bent = (EXIT[0] < exponents) & (exponents < EXIT[1])
        still, faint = away <= STILL * floor, away <= STILL**2 * floor
        if len(steps) > 2 and (bent | still[:-1] | (faint[:-1] & still[1:])).all():
            return True
    return False


def _is_rounding(tableau: Tableau, i: int, slope: float) -> bool:
    """True where the finer levels leave the winner's line by no more than rounding of f."""
    samples, finer = tableau.samples, slice(int(tableau.level[i]) + 1, None)
    residuals = np.abs(samples.odd[finer, i] - slope * samples.steps[finer, i])
    return bool(np.fmax.reduce(residuals, initial=0.0) < ROUNDING * samples.largest[tableau.level[i], i])
