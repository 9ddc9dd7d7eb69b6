"""The same numbers in another shape, order or type; and the way back of broadcasting."""

from typing import Any

import numpy as np

from gradcheck.backprop.kinds import shape_of
from gradcheck.backprop.primitives import Primitive
from gradcheck.backprop.variables import apply, define


def unbroadcast(bar: Any, like: Any) -> Any:
    """The cotangent of an argument that was stretched to the shape of `bar`: the sum over every stretched axis."""
    shape, full = shape_of(like), shape_of(bar)
    if full == shape:
        return bar
    extra = len(full) - len(shape)
    axes = (*range(extra), *(extra + axis for axis, size in enumerate(shape) if size == 1 and full[extra + axis] != 1))
    return reshape(apply("sum", bar, axis=axes, keepdims=False), shape=shape)


def stretched(dot: Any, like: Any) -> Any:
    """The tangent of an argument in the shape of the value."""
    shape = shape_of(like)
    return dot if shape_of(dot) == shape else apply("broadcast_to", dot, shape=shape)


def reshape(a: Any, shape: tuple[int, ...]) -> Any:
    """The same numbers in another shape."""
    return a if shape_of(a) == shape else apply("reshape", a, shape=shape)


def transpose(a: Any, axes: tuple[int, ...]) -> Any:
    """The axes in another order."""
    return apply("transpose", a, axes=axes)


def swapped(a: Any) -> Any:
    """The last two axes exchanged."""
    last = len(shape_of(a)) - 1
    return transpose(a, (*range(last - 1), last, last - 1))


def _inverse(axes: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(axes.index(axis) for axis in range(len(axes)))


define(
    "reshape",
    Primitive(
        lambda a, shape: np.reshape(a, shape),
        (lambda y_bar, y, a, shape: reshape(y_bar, shape_of(a)),),
        (lambda x_dot, y, a, shape: reshape(x_dot, shape),),
    ),
)
define(
    "transpose",
    Primitive(
        lambda a, axes: np.transpose(a, axes),
        (lambda y_bar, y, a, axes: transpose(y_bar, _inverse(axes)),),
        (lambda x_dot, y, a, axes: transpose(x_dot, axes),),
    ),
)
define(
    "broadcast_to",
    Primitive(
        lambda a, shape: np.broadcast_to(a, shape),
        (lambda y_bar, y, a, shape: unbroadcast(y_bar, a),),
        (lambda x_dot, y, a, shape: apply("broadcast_to", x_dot, shape=shape),),
    ),
)
# The tape itself gives a cotangent the type of its variable.
define(
    "astype",
    Primitive(
        lambda a, dtype: np.asarray(a).astype(dtype),
        (lambda y_bar, y, a, dtype: y_bar,),
        (lambda x_dot, y, a, dtype: apply("astype", x_dot, dtype=dtype),),
    ),
)
