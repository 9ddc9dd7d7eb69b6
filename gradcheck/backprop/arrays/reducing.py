"""Reductions under NumPy's names and signatures."""

from typing import Any

import numpy as np

from gradcheck.backprop.arrays.shaping import moveaxis
from gradcheck.backprop.kinds import is_complex, shape_of
from gradcheck.backprop.rules.complexes import conjugate, real
from gradcheck.backprop.rules.elementwise import sqrt
from gradcheck.backprop.rules.reductions import softmax as softmax_at
from gradcheck.backprop.rules.shapes import reshape
from gradcheck.backprop.variables import apply


def axes_of(a: Any, axis: Any) -> tuple[int, ...] | None:
    """The axes as a tuple of numbers from 0; None for all."""
    if axis is None:
        return None
    rank = len(shape_of(a))
    return tuple(int(one) % rank for one in (axis if isinstance(axis, tuple) else (axis,)))


def _reduced(name: str, a: Any, axis: Any, keepdims: bool) -> Any:
    return apply(name, a, axis=axes_of(a, axis), keepdims=bool(keepdims))


def sum(a: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The sum over the axes."""
    return _reduced("sum", a, axis, keepdims)


def max(a: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The largest entry; where several tie they share its slope equally."""
    return _reduced("max", a, axis, keepdims)


def min(a: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The smallest entry; where several tie they share its slope equally."""
    return _reduced("min", a, axis, keepdims)


def logsumexp(a: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """log(sum(exp(a))) without overflow."""
    return _reduced("logsumexp", a, axis, keepdims)


def norm(a: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The Euclidean norm of all entries over the axes; its slope at 0 is 0."""
    return _reduced("norm", a, axis, keepdims)


def count_over(a: Any, axis: Any) -> int:
    """How many entries each reduced number is made of."""
    shape, axes = shape_of(a), axes_of(a, axis)
    return int(np.prod([shape[k] for k in (range(len(shape)) if axes is None else axes)], dtype=np.int64))


def mean(a: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The mean over the axes."""
    return sum(a, axis, keepdims) * (1 / count_over(a, axis))


def var(a: Any, axis: Any = None, ddof: float = 0, keepdims: bool = False) -> Any:
    """The mean square distance from the mean; with `ddof` the divisor is that much smaller than the count."""
    off = a - mean(a, axis, keepdims=True)
    squares = real(off * conjugate(off)) if is_complex(off) else off * off
    return sum(squares, axis, keepdims) / (count_over(a, axis) - ddof)


def std(a: Any, axis: Any = None, ddof: float = 0, keepdims: bool = False) -> Any:
    """The square root of `var`."""
    return sqrt(var(a, axis, ddof, keepdims))


def softmax(a: Any, axis: int = -1) -> Any:
    """exp(a) / sum(exp(a)) over an axis."""
    return softmax_at(a, axis=axis % len(shape_of(a)))


def log_softmax(a: Any, axis: int = -1) -> Any:
    """log(softmax(a)), with all digits."""
    return a - logsumexp(a, axis, keepdims=True)


def prod(a: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The product over the axes, half by half, so that its slopes are right where entries are 0 too."""
    shape, axes = shape_of(a), axes_of(a, axis)
    over = tuple(range(len(shape))) if axes is None else axes
    kept = tuple(size for k, size in enumerate(shape) if k not in over)
    flat = reshape(moveaxis(a, over, tuple(range(len(over)))), (count_over(a, axis), *kept))
    if shape_of(flat)[0] == 0:
        flat = np.ones((1, *kept))
    while shape_of(flat)[0] > 1:
        half, odd = divmod(shape_of(flat)[0], 2)
        front = flat[:half] * flat[half : 2 * half]
        flat = apply("concatenate", front, flat[2 * half :], axis=0) if odd else front
    full = tuple(1 if k in over else size for k, size in enumerate(shape))
    return reshape(flat, full if keepdims else kept)


def cumsum(a: Any, axis: int | None = None) -> Any:
    """The sums of the first 1, 2, 3, ... entries along an axis; of the flattened array without one."""
    if axis is None:
        return apply("cumsum", reshape(a, (int(np.prod(shape_of(a))),)), axis=0)
    return apply("cumsum", a, axis=axis % len(shape_of(a)))
