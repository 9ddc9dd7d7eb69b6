"""Shapes, orders of axes, and arrays put together or taken apart, under NumPy's names and signatures."""

import math
from typing import Any

import numpy as np

from gradcheck.backprop.kinds import shape_of
from gradcheck.backprop.rules import shapes
from gradcheck.backprop.variables import apply


def reshape(a: Any, *shape: Any) -> Any:
    """The numbers in another shape, in the order of rows; one size may be -1."""
    sizes = shape[0] if len(shape) == 1 and isinstance(shape[0], tuple | list) else shape
    known = math.prod(size for size in sizes if size != -1)
    whole = math.prod(shape_of(a))
    return shapes.reshape(a, tuple(whole // known if size == -1 else int(size) for size in sizes))


def ravel(a: Any) -> Any:
    """One axis."""
    return reshape(a, -1)


def transpose(a: Any, *axes: Any) -> Any:
    """The axes in another order, reversed where none is given."""
    given = axes[0] if len(axes) == 1 and (axes[0] is None or isinstance(axes[0], tuple | list)) else axes
    rank = len(shape_of(a))
    order = tuple(int(k) % rank for k in given) if given else tuple(range(rank))[::-1]
    return shapes.transpose(a, order)


def moveaxis(a: Any, source: Any, destination: Any) -> Any:
    """Axes moved to other places, the rest in their order."""
    rank = len(shape_of(a))
    where_from = [k % rank for k in (source if isinstance(source, tuple | list) else (source,))]
    where_to = [k % rank for k in (destination if isinstance(destination, tuple | list) else (destination,))]
    order = [k for k in range(rank) if k not in where_from]
    for to, out in sorted(zip(where_to, where_from, strict=True)):
        order.insert(to, out)
    return a if order == list(range(rank)) else shapes.transpose(a, tuple(order))


def swapaxes(a: Any, one: int, other: int) -> Any:
    """Two axes exchanged."""
    order = list(range(len(shape_of(a))))
    order[one], order[other] = order[other], order[one]
    return shapes.transpose(a, tuple(order))


def expand_dims(a: Any, axis: Any) -> Any:
    """New axes of size 1."""
    added = axis if isinstance(axis, tuple) else (axis,)
    rank = len(shape_of(a)) + len(added)
    places, sizes = {k % rank for k in added}, iter(shape_of(a))
    return shapes.reshape(a, tuple(1 if k in places else next(sizes) for k in range(rank)))


def squeeze(a: Any, axis: Any = None) -> Any:
    """Without axes of size 1."""
    shape = shape_of(a)
    gone = None if axis is None else {k % len(shape) for k in (axis if isinstance(axis, tuple) else (axis,))}
    kept = tuple(size for k, size in enumerate(shape) if (size != 1 if gone is None else k not in gone))
    return shapes.reshape(a, kept)


def broadcast_to(a: Any, shape: Any) -> Any:
    """Stretched to the shape."""
    return apply("broadcast_to", a, shape=tuple(shape) if isinstance(shape, tuple | list) else (shape,))


def astype(a: Any, dtype: Any) -> Any:
    """The numbers in another floating-point type."""
    return apply("astype", a, dtype=np.dtype(dtype))
