"""Which steps to try around a number: falling powers of two."""

import numpy as np

from gradcheck.precision import spacing
from gradcheck.results.arrays import Floats

# Ratio 4 between levels, from half of the number's own magnitude down to its rounding: 2^-1, 2^-3, ... 2^-51 are 26
# levels. Of 1,500 points of (1 - cos x) / x^2 the bar missed 8 with ratio 8, 5 with ratio 16, none with 4.
# Numbers below 1 go on to their own rounding; 60 levels reach it for |x| > 1e-20 (NUMERICS.md section 2).
LEVELS = 26
DEEPEST = 60


def magnitude_of(x: Floats) -> Floats:
    """The power of two at or above |x|, and at least 1: the length on which f is first tried."""
    mantissa, exponent = np.frexp(np.maximum(np.abs(x), 1.0))
    return np.ldexp(1.0, np.minimum(np.where(mantissa == 0.5, exponent - 1, exponent), 1023))


def steps_for(x: Floats, shift: int = 0) -> Floats:
    """Falling steps for every number: (levels, n), at least one row, NaN below a number's last level.

    x: (n,). A step of at least two roundings of x makes x + h and x - h move by h and not by something else.
    shift: halves all steps so often; an odd one gives another ladder with no step in common.
    """
    rows = np.arange(DEEPEST)[:, None]
    steps = magnitude_of(x) * np.ldexp(1.0, -(1 + shift + 2 * rows))
    goes_on = (rows < LEVELS) | ((x != 0) & (np.abs(x) < 1))
    kept = goes_on & (steps >= 2 * spacing(x))
    return np.where(kept, steps, np.nan)[: int(kept.sum(axis=0).max(initial=1))]
