"""Normalisations of whole batches."""

from typing import Any

from gradcheck.backprop import arrays as xp
from gradcheck.backprop.readings.notebooks import Notebook
from gradcheck.network.norms import BatchNorm, LayerNorm, RMSNorm
from gradcheck.network.stations import Station


def read_batch_norm(book: Notebook, station: Station, layer: BatchNorm, x: Any) -> Any:
    """g·(x - mean)/√(variance + ε) + b, mean and variance over the batch and the space."""
    axes = (0, *range(2, len(x.shape)))
    mean = book.note("m", station, xp.mean(x, axes), shared=True)
    column = (-1, *[1] * (len(x.shape) - 2))
    off = x - xp.reshape(mean, column)
    variance = book.note("v", station, xp.mean(xp.square(off), axes), shared=True)
    g, b = (xp.reshape(book.parameter(letter, station), column) for letter in "gb")
    return book.note("a", station, g * off / xp.reshape(xp.sqrt(variance + layer.epsilon), column) + b)


def read_layer_norm(book: Notebook, station: Station, layer: LayerNorm, x: Any) -> Any:
    """g·(x - mean)/√(variance + ε) + b, mean and variance over the last axis."""
    off = x - xp.mean(x, -1, keepdims=True)
    scale = xp.sqrt(xp.mean(xp.square(off), -1, keepdims=True) + layer.epsilon)
    return book.note("a", station, book.parameter("g", station) * off / scale + book.parameter("b", station))


def read_rms_norm(book: Notebook, station: Station, layer: RMSNorm, x: Any) -> Any:
    """g·x/√(mean of x² + ε), the mean over the last axis."""
    scale = xp.sqrt(xp.mean(xp.square(x), -1, keepdims=True) + layer.epsilon)
    return book.note("a", station, book.parameter("g", station) * x / scale)
