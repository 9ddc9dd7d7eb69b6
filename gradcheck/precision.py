"""What a number of a given type can resolve."""

import numpy as np
from numpy.typing import DTypeLike, NDArray

EPS = float(np.finfo(np.float64).eps)


def unit_roundoff(dtype: DTypeLike) -> float:
    """The largest relative error of one rounding in `dtype`: half its machine epsilon (float64 for integers)."""
    kind = np.dtype(dtype)
    return float(np.finfo(kind if kind.kind in "fc" else np.float64).eps) / 2


def spacing(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """The distance from |x| to the next larger float64, also at 0 and for subnormals."""
    return np.spacing(np.abs(x))
