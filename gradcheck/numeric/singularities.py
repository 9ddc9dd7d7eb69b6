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
# |h|^p: p = 0 is a jump, 0 < p < 1 a vertical tangent, a cusp or a logarithm. A corner has p = 1 to three digits there:
# its exponents are wrong by no more than the noise, 1e-3 of what is seen. Of x log x p reaches 0.97 at the finest step.
# The same bounds a jump's: with 0.05 the noise of f at the point made 17 of 3,200 noisy functions doubtful, so 8.
JUMP = 0.005
BELOW_ONE = 0.98
# p is one number; the levels may differ by so much.
CONSTANT = 0.2


def find_singularities(tableau: Tableau) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """(jumps, singular): (n,) each, True where the point of a partial is one. Source: NUMERICS.md section 2."""
    samples = tableau.samples
    count = np.isfinite(samples.steps).sum(axis=0)
    rows = np.clip(count - FINEST + np.arange(FINEST)[:, None], 0, None)
    steps, floor = (np.take_along_axis(array, rows, axis=0) for array in (samples.steps, samples.floor))
    rounding = ABOVE_SLOPE * np.abs(np.nan_to_num(tableau.value)) * spacing(samples.x)
    loud = np.maximum(ABOVE_ROUNDING * floor, rounding)
    found = [_powers(np.take_along_axis(part, rows, axis=0), steps, loud) for part in (samples.odd, samples.even)]
    enough = count >= FINEST
    jumps = (found[0][0] | found[1][0]) & enough
    return jumps, (found[0][1] | found[1][1]) & enough & ~jumps


def _powers(part: Floats, steps: Floats, loud: Floats) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """(like |h|^0, like |h|^p with 0 < p < 1) of the odd or the even part at the finest levels, each (n,)."""
    with np.errstate(all="ignore"):
        power = np.log(part[:-1] / part[1:]) / np.log(steps[:-1] / steps[1:])
        seen = (np.abs(part) > loud).all(axis=0) & (np.sign(part) == np.sign(part[-1])).all(axis=0)
        jump = (np.abs(power) < JUMP).all(axis=0)
        within = ((-JUMP < power) & (power < BELOW_ONE)).all(axis=0)
        constant = power.max(axis=0) - power.min(axis=0) < CONSTANT
    return np.asarray(seen & jump), np.asarray(seen & within & constant & ~jump)
