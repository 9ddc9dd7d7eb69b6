"""Layers that look at one place at a time, for whole batches."""

from collections.abc import Callable
from typing import Any

import numpy as np

from gradcheck.backprop import arrays as xp
from gradcheck.backprop.readings.notebooks import Notebook, affine
from gradcheck.network.dense import Activation, Dense, Dropout, Embedding, Flatten, Last
from gradcheck.network.stations import Station
from gradcheck.network.tables import ELU_HEIGHT, LEAKY_SLOPE

ACTIVATION_RULES: dict[str, Callable[[Any], Any]] = {
    "identity": lambda z: z,
    "sigmoid": xp.sigmoid,
    "tanh": xp.tanh,
    "relu": xp.relu,
    "leaky_relu": lambda z: xp.leaky_relu(z, LEAKY_SLOPE),
    "softplus": xp.softplus,
    "elu": lambda z: xp.elu(z, ELU_HEIGHT),
    "gelu": xp.gelu,
    "silu": xp.silu,
}


def read_dense(book: Notebook, station: Station, layer: Dense, x: Any) -> Any:
    """z = x·Wᵀ + b, a = activation(z)."""
    return activate(book, station, layer.activation, affine(x, book.parameter("W", station), book.bias(station)))


def read_activation(book: Notebook, station: Station, layer: Activation, x: Any) -> Any:
    """a = activation(x)."""
    return book.note("a", station, ACTIVATION_RULES[layer.activation](x))


def read_embedding(book: Notebook, station: Station, layer: Embedding, x: Any) -> Any:
    """The rows of E that the inputs number."""
    return xp.take(book.parameter("E", station), np.asarray(x).astype(np.intp), 0)


def read_dropout(book: Notebook, station: Station, layer: Dropout, x: Any) -> Any:
    """x·mask/keep."""
    return book.note("a", station, x * (np.array(layer.mask, dtype=float).reshape(station.entering) / layer.keep))


def read_flatten(book: Notebook, station: Station, layer: Flatten, x: Any) -> Any:
    """The same numbers in one row."""
    return xp.reshape(x, (x.shape[0], -1))


def read_last(book: Notebook, station: Station, layer: Last, x: Any) -> Any:
    """The numbers of the last step."""
    return x[:, -1]


def activate(book: Notebook, station: Station, activation: str, z: Any) -> Any:
    """a = activation(z), both noted."""
    return book.note("a", station, ACTIVATION_RULES[activation](book.note("z", station, z)))
