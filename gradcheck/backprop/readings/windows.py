"""Convolution and pooling of whole batches."""

from typing import Any

from gradcheck.backprop import arrays as xp
from gradcheck.backprop.readings.dense import activate
from gradcheck.backprop.readings.notebooks import Notebook
from gradcheck.network.stations import Station
from gradcheck.network.windows import AveragePool, Conv, MaxPool


def read_conv(book: Notebook, station: Station, layer: Conv, x: Any) -> Any:
    """z = W against every window + b, a = activation(z)."""
    z = xp.convolve(x, book.parameter("W", station), layer.stride, layer.padding, layer.dilation)
    bias = book.bias(station)
    if bias is not None:
        z = z + (bias if layer.bias == "shared" else xp.reshape(bias, (-1, *[1] * len(layer.size))))
    return activate(book, station, layer.activation, z)


def read_max_pool(book: Notebook, station: Station, layer: MaxPool, x: Any) -> Any:
    """The largest of each window."""
    return book.note("a", station, xp.max(_windows(layer, x), _inside(layer)))


def read_average_pool(book: Notebook, station: Station, layer: AveragePool, x: Any) -> Any:
    """The mean of each window."""
    return book.note("a", station, xp.mean(_windows(layer, x), _inside(layer)))


def _windows(layer: MaxPool, x: Any) -> Any:
    return xp.windows(x, layer.size, layer.window.stride)


def _inside(layer: MaxPool) -> tuple[int, ...]:
    """The axes of the places in a window."""
    return tuple(range(-len(layer.size), 0))
