"""Shapes, orders of axes, and arrays put together or taken apart, under NumPy's names and signatures."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from gradcheck.backprop.rules import shapes
from gradcheck.backprop.rules.indexing import flip as flip_axis
from gradcheck.backprop.rules.indexing import take as take_at
from gradcheck.backprop.variables import apply, dtype_of, plain_index, shape_of


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


def concatenate(arrays: Sequence[Any], axis: int | None = 0) -> Any:
    """Arrays end to end."""
    parts = [ravel(part) for part in arrays] if axis is None else list(arrays)
    return apply("concatenate", *parts, axis=0 if axis is None else axis % len(shape_of(parts[0])))


def stack(arrays: Sequence[Any], axis: int = 0) -> Any:
    """Arrays side by side along a new axis."""
    parts = [expand_dims(part, axis) for part in arrays]
    return concatenate(parts, axis)


def split(a: Any, parts: Any, axis: int = 0) -> list[Any]:
    """The array in parts along an axis: so many of nearly equal size, or cut at the given places."""
    size = shape_of(a)[axis]
    equal = isinstance(parts, int | np.integer)
    cuts = [len(part) for part in np.array_split(np.arange(size), parts)] if equal else []
    ends = [int(k) for k in np.cumsum(cuts)[:-1]] if equal else list(parts)
    before = (slice(None),) * (axis % len(shape_of(a)))
    return [take_at(a, (*before, slice(i, j))) for i, j in zip([0, *ends], [*ends, size], strict=True)]


def pad(a: Any, width: Any, mode: str = "constant", constant_values: Any = 0) -> Any:
    """The array with `width` more entries before and after each axis, as np.pad has it."""
    shape = shape_of(a)
    pairs = np.broadcast_to(np.asarray(width), (len(shape), 2)).tolist()
    if mode != "constant":
        for axis, (before, after) in enumerate(pairs):
            places = np.pad(np.arange(shape[axis]), (before, after), mode=mode)  # type: ignore[call-overload]
            a = take_at(a, (slice(None),) * axis + (places,)) if before or after else a
        return a
    spans = tuple(slice(before, before + size) for (before, _), size in zip(pairs, shape, strict=True))
    full = tuple(before + size + after for (before, after), size in zip(pairs, shape, strict=True))
    inside = apply("assemble", a, indices=(spans,), shape=full)
    if np.isscalar(constant_values) and constant_values == 0:
        return inside
    around = np.pad(np.zeros(shape), width, constant_values=constant_values)
    return inside + around.astype(dtype_of(a))


def put(a: Any, index: Any, value: Any) -> Any:
    """The array with other values at an index, where `a[index] = value` would overwrite the old ones."""
    kept = np.ones(shape_of(a))
    kept[plain_index(index)] = 0.0
    filled = broadcast_to(value, kept[index].shape)
    return a * kept + apply("assemble", filled, indices=(plain_index(index),), shape=shape_of(a))


def flip(a: Any, axis: Any = None) -> Any:
    """The entries of the axes in reverse."""
    rank = len(shape_of(a))
    for k in range(rank) if axis is None else (axis if isinstance(axis, tuple) else (axis,)):
        a = flip_axis(a, k % rank)
    return a


def roll(a: Any, shift: int, axis: int) -> Any:
    """The entries moved along an axis; those that fall off the end come back at its start."""
    size = shape_of(a)[axis]
    return take(a, (np.arange(size) - shift) % size, axis)


def take(a: Any, indices: Any, axis: int | None = None) -> Any:
    """The entries with the given numbers along an axis, as np.take has it."""
    flat = ravel(a) if axis is None else a
    before = (slice(None),) * (0 if axis is None else axis % len(shape_of(a)))
    return take_at(flat, (*before, plain_index(indices)))


def take_along_axis(a: Any, indices: Any, axis: int) -> Any:
    """The entries at `indices`, which has the shape of the array but for the axis."""
    indices = np.asarray(plain_index(indices))
    grid = list(np.ogrid[tuple(slice(size) for size in indices.shape)])
    grid[axis] = indices
    return take_at(a, tuple(grid))


def sort(a: Any, axis: int = -1) -> Any:
    """In ascending order along an axis."""
    return take_along_axis(a, apply("argsort", a, axis=axis, kind="stable"), axis)


def repeat(a: Any, repeats: int, axis: int | None = None) -> Any:
    """Every entry so many times in a row."""
    size = math.prod(shape_of(a)) if axis is None else shape_of(a)[axis]
    return take(a, np.repeat(np.arange(size), repeats), axis)


def tile(a: Any, times: Any) -> Any:
    """The whole array so many times along each axis."""
    counts = times if isinstance(times, tuple) else (times,)
    rank = max(len(counts), len(shape_of(a)))
    a = shapes.reshape(a, (1,) * (rank - len(shape_of(a))) + shape_of(a))
    for axis, (size, count) in enumerate(zip(shape_of(a), (1,) * (rank - len(counts)) + counts, strict=True)):
        a = take(a, np.tile(np.arange(size), count), axis)
    return a
