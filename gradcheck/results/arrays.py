"""Read-only numbers, for values that travel."""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def frozen(array: ArrayLike) -> Floats:
    """A read-only float64 copy: a frozen dataclass guards the field, this guards the numbers in it."""
    copy = np.array(array, dtype=np.float64)
    copy.flags.writeable = False
    return copy


def frozen_arrays(arrays: Mapping[str, ArrayLike]) -> Mapping[str, Floats]:
    """A read-only mapping of read-only copies, in the same order."""
    return MappingProxyType({name: frozen(array) for name, array in arrays.items()})
