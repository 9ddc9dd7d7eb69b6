"""Calls that fill an array and that NumPy does not have in this form."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from gradcheck.backprop.plans.operations import Call, Emit
from gradcheck.backprop.plans.straight_lines import Diverged


def product(arrays: Any, out: Any) -> Call:
    """np.dot where it can: it starts twice as fast as np.matmul on small matrices."""
    a, b = arrays
    plain = a.ndim == b.ndim == 2 and out.flags.c_contiguous and a.dtype == b.dtype == out.dtype
    return (np.dot if plain else np.matmul), (a, b, out)


def stored(value: Any, options: Any) -> Any:
    """The emit function of a primitive without a form of its own: its value, copied."""

    def fill(out: Any, *arrays: Any) -> None:
        out[...] = value(*arrays, **options)

    return lambda arrays, out: (fill, (out, *arrays))


def reduction(ufunc: np.ufunc, axis: Any, keepdims: bool) -> Any:
    """The emit function of a reduction."""
    return lambda arrays, out: (ufunc.reduce, (arrays[0], axis, None, out, keepdims))


def copied(arrays: Any, out: Any) -> Call:
    """The same numbers in another place."""
    return np.copyto, (out, arrays[0])


def in_order(arrays: Any, out: Any) -> Call:
    """The numbers in the order of rows, in another shape than the argument's."""
    return np.copyto, (out.reshape(arrays[0].shape), arrays[0])


def inner_product(arrays: Any, out: Any) -> Call:
    """The sum of all products of entries, in one pass without an array of the products."""
    lines = [flat_view(array) for array in arrays]
    same = len({array.strides for array in arrays}) == 1
    if same and all(line is not None for line in lines) and out.dtype.kind == "f":
        return np.dot, (*lines, out)
    letters = "abcdefghijklmnopqrstuvwxyz"[: arrays[0].ndim]
    return partial(np.einsum, f"{letters},{letters}->", out=out), tuple(arrays)


def flat_view(array: Any) -> Any:
    """All entries in the order of memory, as a view; None where they do not lie in a row."""
    order = sorted(range(array.ndim), key=lambda axis: -array.strides[axis])
    laid = array.transpose(order)
    return laid.reshape(-1) if laid.flags.c_contiguous else None


def column_sums(arrays: Any, out: Any) -> Call:
    """The sums over the rows of a matrix: a product with ones starts faster than a reduction."""
    a, ones = arrays
    if a.flags.c_contiguous and out.flags.c_contiguous:
        return np.dot, (ones, a, out)
    return np.add.reduce, (a, 0, None, out, False)


def checked(kind: Callable[[Any], Any], outcome: Any) -> Emit:
    """A guard: raises Diverged unless `kind` of the value is the outcome."""

    def check(array: Any) -> None:
        if kind(array) != outcome:
            raise Diverged

    return lambda arrays, out: (check, (arrays[0],))


def added(index: Any) -> Emit:
    """A piece added to a part of the value."""

    def emit(arrays: Any, out: Any) -> Call:
        target = out[index] if isinstance(out[index], np.ndarray) else out[(*index, ...)]
        return np.add, (target, arrays[0], target)

    return emit


def put(index: Any) -> Emit:
    """A piece written into a part of the value."""
    return lambda arrays, out: (out.__setitem__, (index, arrays[0]))
