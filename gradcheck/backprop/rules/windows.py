"""Sliding windows over the last axes, and their adjoint: overlapping windows added up.

A convolution is a product with the windows, a pooling layer an extreme over them.
"""

from itertools import product
from typing import Any

import numpy as np

from gradcheck.backprop.kinds import shape_of
from gradcheck.backprop.primitives import Primitive
from gradcheck.backprop.variables import apply, define

Sizes = tuple[int, ...]


def counts(sizes: Sizes, window: Sizes, stride: Sizes, dilation: Sizes) -> Sizes:
    """How many windows fit along each axis."""
    zipped = zip(sizes, window, stride, dilation, strict=True)
    return tuple((size - (width - 1) * gap - 1) // step + 1 for size, width, step, gap in zipped)


def views(whole: Any, window: Sizes, stride: Sizes, dilation: Sizes, number: Sizes) -> Any:
    """(place in the window, the entries that all windows have at that place), for every place."""
    for offset in product(*map(range, window)):
        zipped = zip(offset, stride, dilation, number, strict=True)
        spans = tuple(slice(o * gap, o * gap + (n - 1) * step + 1, step) for o, step, gap, n in zipped)
        yield offset, whole[(..., *spans)]


def windowed(a: Any, window: Sizes, stride: Sizes, dilation: Sizes) -> Any:
    """A view of every window: (..., windows along each axis, places in a window)."""
    a = np.asarray(a)
    axes, lead = len(window), a.shape[: a.ndim - len(window)]
    number = counts(a.shape[a.ndim - axes :], window, stride, dilation)
    steps = a.strides[a.ndim - axes :]
    strides = (
        *a.strides[: a.ndim - axes],
        *(s * step for s, step in zip(steps, stride, strict=True)),
        *(s * gap for s, gap in zip(steps, dilation, strict=True)),
    )
    return np.lib.stride_tricks.as_strided(a, (*lead, *number, *window), strides, writeable=False)


def overlap(whole: Any, parts: Any, window: Sizes, stride: Sizes, dilation: Sizes) -> None:
    """Adds the windows in `parts` into `whole`, where they came from."""
    axes = len(window)
    number = parts.shape[parts.ndim - 2 * axes : parts.ndim - axes]
    for offset, view in views(whole, window, stride, dilation, number):
        np.add(view, parts[(..., *offset)], out=view)


def _unwindowed(parts: Any, sizes: Sizes, window: Sizes, stride: Sizes, dilation: Sizes) -> Any:
    lead = parts.shape[: parts.ndim - 2 * len(window)]
    whole = np.zeros((*lead, *sizes), parts.dtype)
    overlap(whole, parts, window, stride, dilation)
    return whole


def _windows(a: Any, **options: Any) -> Any:
    return apply("windows", a, **options)


def _unwindows(parts: Any, sizes: Sizes, window: Sizes, **options: Any) -> Any:
    return apply("unwindows", parts, sizes=sizes[len(sizes) - len(window) :], window=window, **options)


define(
    "windows",
    Primitive(
        windowed,
        (lambda y_bar, y, a, **options: _unwindows(y_bar, shape_of(a), **options),),
        (lambda x_dot, y, a, **options: _windows(x_dot, **options),),
    ),
)
define(
    "unwindows",
    Primitive(
        _unwindowed,
        (lambda y_bar, y, parts, sizes, **options: _windows(y_bar, **options),),
        (lambda x_dot, y, parts, sizes, **options: _unwindows(x_dot, sizes, **options),),
    ),
)
