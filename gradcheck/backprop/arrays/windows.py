"""Sliding windows, and the convolution as a product with them."""

from typing import Any

from gradcheck.backprop.arrays.joining import pad
from gradcheck.backprop.kinds import shape_of
from gradcheck.backprop.rules.shapes import reshape, transpose
from gradcheck.backprop.variables import apply

Sizes = int | tuple[int, ...]


def per_axis(value: Sizes, axes: int) -> tuple[int, ...]:
    """One number for each axis."""
    return tuple(value) if isinstance(value, tuple | list) else (value,) * axes


def windows(a: Any, window: Any, stride: Sizes = 1, padding: Sizes = 0, dilation: Sizes = 1) -> Any:
    """Every window over the last axes: (..., windows along each axis, places in a window along each axis).

    window: the places along each axis. padding: so many zeros before and after each axis.
    """
    size = tuple(window)
    axes, lead = len(size), len(shape_of(a)) - len(size)
    around = per_axis(padding, axes)
    if any(around):
        a = pad(a, ((0, 0),) * lead + tuple((k, k) for k in around))
    return apply("windows", a, window=size, stride=per_axis(stride, axes), dilation=per_axis(dilation, axes))


def convolve(x: Any, kernel: Any, stride: Sizes = 1, padding: Sizes = 0, dilation: Sizes = 1) -> Any:
    """x (samples, channels, *sizes) against kernel (outputs, channels, *window): (samples, outputs, *windows).

    Any number of axes; as in networks the kernel is not turned round. In value and gradient one product of matrices.
    """
    outputs, channels, *window = shape_of(kernel)
    k = len(window)
    # channels first: what a window holds (channel, place) becomes the rows, sample and place of the window the columns
    every = windows(transpose(x, (1, 0, *range(2, k + 2))), tuple(window), stride, padding, dilation)
    number = shape_of(every)[1 : k + 2]
    ordered = transpose(every, (0, *range(k + 2, 2 * k + 2), *range(1, k + 2)))
    rows = channels
    for size in window:
        rows *= size
    columns = 1
    for size in number:
        columns *= size
    whole = apply("matmul", reshape(kernel, (outputs, rows)), reshape(ordered, (rows, columns)))
    return transpose(reshape(whole, (outputs, *number)), (1, 0, *range(2, k + 2)))
