"""Functions that NumPy lacks, as values: they neither overflow nor lose digits, however far out the argument lies."""

import math
from typing import Any

import numpy as np

_erf = np.frompyfunc(math.erf, 1, 1)
_erfc = np.frompyfunc(math.erfc, 1, 1)


def _real_like(values: Any, z: Any) -> Any:
    """What frompyfunc made, in the type of the argument."""
    dtype = np.result_type(np.asarray(z).dtype, np.float32 if np.asarray(z).dtype == np.float32 else np.float64)
    return np.asarray(values, dtype=dtype)[()]


def sigmoid(z: Any) -> Any:
    """1 / (1 + exp(-z)), without overflow: for real numbers exp is only taken of numbers below 0."""
    if np.iscomplexobj(z):
        return 1 / (1 + np.exp(-z))
    small = np.exp(-np.abs(z))
    return np.where(z < 0, small, 1) / (1 + small)


def softplus(z: Any) -> Any:
    """log(1 + exp(z))."""
    return np.log1p(np.exp(z)) if np.iscomplexobj(z) else np.logaddexp(0, z)


def erf(z: Any) -> Any:
    """The error function of real numbers."""
    return _real_like(_erf(z), z)


def erfc(z: Any) -> Any:
    """1 - erf(z), with all digits far out on the right."""
    return _real_like(_erfc(z), z)


def normal_below(z: Any) -> Any:
    """The normal distribution function; by erfc, because 1 + erf loses the tail below 0."""
    return _real_like(_erfc(np.negative(z) / math.sqrt(2)), z) / 2


def logsumexp(z: Any, axis: Any, keepdims: bool) -> Any:
    """log(sum(exp(z))) of real numbers, without overflow, because the largest entry is taken out."""
    top = np.max(z, axis=axis, keepdims=True)
    whole = top + np.log(np.sum(np.exp(z - top), axis=axis, keepdims=True))
    return whole if keepdims else np.squeeze(whole, axis=axis)[()]


def softmax(z: Any, axis: int) -> Any:
    """exp(z) / sum(exp(z)) over an axis, without overflow."""
    share = np.exp(z - np.max(z, axis=axis, keepdims=True))
    return share / np.sum(share, axis=axis, keepdims=True)


def norm(z: Any, axis: Any, keepdims: bool) -> Any:
    """The Euclidean norm, by the largest entry: the squares of large entries would overflow."""
    size = np.abs(z)
    top = np.max(size, axis=axis, keepdims=True, initial=0)
    unit = np.where((top == 0) | ~np.isfinite(top), 1, top)
    whole = unit * np.sqrt(np.sum(np.square(size / unit), axis=axis, keepdims=True))
    return whole if keepdims else np.squeeze(whole, axis=axis)[()]
