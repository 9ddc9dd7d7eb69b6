"""When a quick look is enough to agree: the gradient meets two estimates at once (NUMERICS.md sections 5 and 8, R6)."""

import numpy as np
from numpy.typing import NDArray

from gradcheck.judgement.masks import COARSE
from gradcheck.numeric.agreement import Glance
from gradcheck.results.arrays import Floats

# The finer estimate meets the gradient to 2^-22, the coarser to 2^-18, and one rounding of f stays below 2^-20. Of
# 20,552 gradients each with a fault of 1e-1 to 1e-5 none was accepted, with one of 1e-6 41, all where f is noisy.
CLOSE, EARLY, QUIET = 2.0**-22, 2.0**-18, 2.0**-20
# R6: where the estimates are sharper than that, the gradient must meet them as sharply, up to so many roundings of f.
ROUNDINGS = 8.0


def agrees_at_once(
    yours: Floats, seen: Glance, own: Floats | float, largest: Floats | float, resolution: float
) -> NDArray[np.bool_]:
    """True where a gradient may be believed from a glance; False says nothing.

    yours: the gradient; own: its own rounding; largest: the magnitude beside which a partial counts as small, the
    array's largest one. A believed partial has its bar within `resolution` of itself, or is small.
    """
    with np.errstate(all="ignore"):
        size = np.maximum(np.abs(yours), COARSE * largest)
        apart = np.abs(seen.value - yours)
        met = (apart <= CLOSE * size + own) & (np.abs(seen.before - yours) <= EARLY * size + own)
        sharp = apart <= np.abs(seen.value - seen.before) + ROUNDINGS * seen.rounding + own
        told = seen.bar + own <= resolution * size
        return np.asarray(np.isfinite(yours) & seen.smooth & met & sharp & told & (seen.rounding <= QUIET * size))
