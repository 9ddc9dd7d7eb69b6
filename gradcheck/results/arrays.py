"""Read-only numbers, for values that travel."""

import copyreg
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
# A read-only view travels between processes, and is copied, as the dict under it.
copyreg.pickle(MappingProxyType, lambda view: (_view_of, (dict(view),)))


def frozen(array: ArrayLike) -> Floats:
    """A read-only float64 copy, row by row: a frozen dataclass guards the field, this guards the numbers in it.

    What nobody can write to any more is taken as it is, and one number in all places stays one number.
    """
    if isinstance(array, np.ndarray) and not array.flags.writeable and array.size > 1 and array.dtype == np.float64:
        if array.base is None:
            return array
        if not any(array.strides):
            return np.broadcast_to(array.flat[0], array.shape)
    copy = np.array(array, dtype=np.float64, order="C")
    copy.flags.writeable = False
    return copy


def frozen_arrays(arrays: Mapping[str, ArrayLike]) -> Mapping[str, Floats]:
    """A read-only mapping of read-only copies, in the same order."""
    return MappingProxyType({name: frozen(array) for name, array in arrays.items()})


def _view_of(mapping: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    return MappingProxyType(mapping)
