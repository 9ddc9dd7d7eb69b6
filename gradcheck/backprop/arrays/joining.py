"""Arrays put together, taken apart and read in another order, under NumPy's names and signatures."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from gradcheck.backprop.arrays.shaping import broadcast_to, expand_dims, ravel
from gradcheck.backprop.kinds import dtype_of, shape_of
from gradcheck.backprop.rules import shapes
from gradcheck.backprop.rules.indexing import flip as flip_axis
from gradcheck.backprop.rules.indexing import take as take_at
from gradcheck.backprop.variables import apply, plain_index


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
