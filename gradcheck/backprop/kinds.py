"""Shape and type of arrays, numbers and variables alike."""

from typing import Any

import numpy as np


def shape_of(a: Any) -> tuple[int, ...]:
    """The shape of an array, a number or a variable."""
    try:
        shape: tuple[int, ...] = a.shape
    except AttributeError:
        return np.shape(a)
    return shape


def dtype_of(a: Any) -> np.dtype[Any]:
    """The dtype of an array, a number or a variable."""
    try:
        dtype: np.dtype[Any] = a.dtype
    except AttributeError:
        return np.asarray(a).dtype
    return dtype


def is_complex(a: Any) -> bool:
    """Are these complex numbers?"""
    try:
        return bool(a.dtype.kind == "c")
    except AttributeError:
        return isinstance(a, complex)
