"""Jumps and unbounded slopes at the point itself: f moves far more at the finest steps than any slope explains."""

import numpy as np
from numpy.typing import NDArray

from gradcheck.numeric.tableau import Tableau
from gradcheck.precision import spacing
from gradcheck.results.arrays import Floats

# Seen at so many of the finest levels, so far above rounding of f and of x + h (NUMERICS.md section 2).
FINEST = 6
ABOVE_ROUNDING = 1e3
ABOVE_SLOPE = 64
# |h|^p: p = 0 is a jump, 0 < p < 1 a vertical tangent, a cusp or a logarithm. A corner has p = 1 but for rounding:
# roundings at both levels move p by at most 2 / ln 4 of their part in what is seen; 8 leaves room for 5 of them each.
# A jump's p is bound likewise: with 0.05 the noise of f at the point made 17 of 3,200 noisy functions doubtful, so 8.
JUMP = 0.005
BLURRED = 8.0
# Five times 1 - 4^-0.005: what a jump's power allows over all levels.
SPREAD = 0.035
# p is one number: the levels may differ by so much, and what it lacks to 1 by a factor of two. That falls by 4 from
# level to level of a corner that curves; of x log x it is 0.028 to 0.033.
CONSTANT = 0.2
ALIKE = 2.0


def find_singularities(tableau: Tableau) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """(jumps, singular): (n,) each, True where the point of a partial is one. Source: NUMERICS.md section 2."""
    samples = tableau.samples
    count = np.isfinite(samples.steps).sum(axis=0)
    rows = np.clip(count - FINEST + np.arange(FINEST)[:, None], 0, None)
    steps, floor = (np.take_along_axis(array, rows, axis=0) for array in (samples.steps, samples.floor))
    rounding = ABOVE_SLOPE * np.abs(np.nan_to_num(tableau.value)) * spacing(samples.x)
    loud = np.maximum(ABOVE_ROUNDING * floor, rounding)
    parts = [np.take_along_axis(part, rows, axis=0) for part in (samples.odd, samples.even)]
    found = [_powers(part, steps, loud, floor) for part in parts]
    enough = count >= FINEST
    jumps = (found[0][0] | found[1][0]) & enough & _stays(parts)
    return jumps, (found[0][1] | found[1][1]) & enough & ~jumps


def _stays(parts: list[Floats]) -> NDArray[np.bool_]:
    """True where f stays where it is on both sides: noise may keep the mean of both sides, or their difference."""
    with np.errstate(all="ignore"):
        size = np.fmax.reduce([np.abs(part).max(axis=0) for part in parts])
        return np.asarray(np.fmax.reduce([part.max(axis=0) - part.min(axis=0) for part in parts]) <= SPREAD * size)


def _powers(part: Floats, steps: Floats, loud: Floats, floor: Floats) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """(like |h|^0, like |h|^p with 0 < p < 1) of the odd or the even part at the finest levels, each (n,)."""
    with np.errstate(all="ignore"):
        power = np.log(part[:-1] / part[1:]) / np.log(steps[:-1] / steps[1:])
        seen = (np.abs(part) > loud).all(axis=0) & (np.sign(part) == np.sign(part[-1])).all(axis=0)
        jump = (np.abs(power) < JUMP).all(axis=0)
        lacking = 1 - power
        within = ((-JUMP < power) & (lacking > BLURRED * floor[1:] / np.abs(part[1:]))).all(axis=0)
        constant = power.max(axis=0) - power.min(axis=0) < CONSTANT
        constant &= lacking.max(axis=0) < ALIKE * lacking.min(axis=0)
    return np.asarray(seen & jump), np.asarray(seen & within & constant & ~jump)
