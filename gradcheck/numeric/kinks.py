"""Kinks: the even part of f falls like |h| where the slopes left and right of a corner differ."""

import numpy as np
from numpy.typing import NDArray

from gradcheck.numeric.samples import Samples
from gradcheck.numeric.tableau import Tableau, extrapolate
from gradcheck.results.arrays import Floats

# The even part of a smooth f falls with exponent 2, that of a corner with 1. The window and the other numbers here
# stand in NUMERICS.md section 2: every corner 1e-3 to 1e-12 away was found (1,500), 77 of 16,805 smooth points flagged.
EXPONENTS = (0.8, 1.25)
ABOVE_NOISE = 16.0
FALLEN = 8.0
STRAIGHT = 0.6
LONG_RUN = 4
SHORTEST_RUN = 3
STEEPER = 1.5
# A value from below the corner counts if its bar is this small beside half the difference of the two slopes.
RESOLVED = 0.1


def around_kinks(tableau: Tableau) -> tuple[NDArray[np.bool_], Floats, Floats, Floats]:
    """(is there a kink, value, bar, slopes) of every partial.

    A kink near the point: value and bar from the levels below it, slopes NaN. A kink at the point: slopes (2, n) left
    and right of it, one bar that holds for both, and the value halfway between. None: the winner.
    """
    found = np.zeros(tableau.level.size, dtype=bool)
    value, bar, slopes = tableau.value.copy(), tableau.bar.copy(), np.full((2, found.size), np.nan)
    for i in np.flatnonzero(_may_have_kink(tableau.samples)).tolist():
        last, gap = _finest_run(tableau.samples.part(i))
        found[i] = last >= 0
        if tableau.level[i] > last:
            continue
        value[i], bar[i] = _below(tableau.samples, i, last)
        if not bar[i] < RESOLVED * gap:
            slopes[:, i], bar[i] = _both_slopes(tableau.samples, i)
            value[i] = slopes[:, i].mean()
    return found, value, bar, slopes


def _may_have_kink(samples: Samples) -> NDArray[np.bool_]:
    """True where two neighbouring exponents look like a corner's: a quick test of all partials at once."""
    corner = _corner_like(samples)
    return np.asarray((corner[1:] & corner[:-1]).any(axis=0))


def _corner_like(samples: Samples) -> NDArray[np.bool_]:
    """(levels - 1, n): True where the even part, well above rounding, falls with the step to the next level."""
    loud = np.abs(samples.even) > ABOVE_NOISE * samples.floor
    with np.errstate(all="ignore"):
        fall = np.log(samples.even[:-1] / samples.even[1:]) / np.log(samples.steps[:-1] / samples.steps[1:])
        return np.asarray(loud[:-1] & loud[1:] & (EXPONENTS[0] < fall) & (fall < EXPONENTS[1]))


def _finest_run(one: Samples) -> tuple[int, float]:
    """(finest level, half the gap of the slopes) of one partial's corner; (-1, 0) for none."""
    corner, even, steps = _corner_like(one)[:, 0], np.abs(one.even[:, 0]), one.steps[:, 0]
    pairs = np.flatnonzero(corner[1:] & corner[:-1])
    if not pairs.size:
        return -1, 0.0
    last = int(pairs[-1]) + 2
    first = last
    while first > 0 and corner[first - 1]:
        first -= 1
    gap = even[last] / steps[last]
    stands_out = last - first >= LONG_RUN or first == 0 or even[first - 1] > STEEPER * even[first]
    # Coarse levels, where curvature or another corner bends the line, may leave a run that is long without them: of 300
    # relu nets on a kink 2 were taken for smooth.
    while not _is_straight(even, steps, gap, first, last) and last - first > SHORTEST_RUN:
        first += 1
    falls = bool((even[last + 1 :][np.isfinite(even[last + 1 :])] < even[first + 1] / FALLEN).all())
    straight = _is_straight(even, steps, gap, first, last)
    return (last, float(gap)) if falls and straight and stands_out else (-1, 0.0)


def _is_straight(even: Floats, steps: Floats, gap: float, first: int, last: int) -> bool:
    """Is the even part of the run one line through the point?"""
    run = slice(first, last + 1)
    return bool((np.abs(even[run] - gap * steps[run]) < STRAIGHT * even[first]).all())


def _below(samples: Samples, i: int, last: int) -> tuple[float, float]:
    """The better of two answers (value, bar) from the levels below a corner; an infinite bar where none are left."""
    starts = [start for start in (last + 1, last + 2) if start < samples.steps.shape[0]]
    tableaux = [extrapolate(samples.part(i, start)) for start in starts]
    answers = [(float(tableau.value[0]), float(tableau.bar[0])) for tableau in tableaux]
    return min(answers, key=lambda answer: answer[1], default=(np.nan, np.inf))


def _both_slopes(samples: Samples, i: int) -> tuple[Floats, float]:
    """(left and right slope, the larger of their bars)."""
    sides = [extrapolate(samples.part(i).one_sided(side)) for side in (-1.0, 1.0)]
    return np.array([float(side.value[0]) for side in sides]), max(float(side.bar[0]) for side in sides)
