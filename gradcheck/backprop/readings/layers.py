"""One reading for every kind of layer."""

from collections.abc import Callable
from typing import Any

from gradcheck.backprop.readings.attention import read_attention
from gradcheck.backprop.readings.dense import (
    read_activation,
    read_dense,
    read_dropout,
    read_embedding,
    read_flatten,
    read_last,
)
from gradcheck.backprop.readings.norms import read_batch_norm, read_layer_norm, read_rms_norm
from gradcheck.backprop.readings.notebooks import Notebook
from gradcheck.backprop.readings.recurrent import read_gru, read_lstm, read_recurrent
from gradcheck.backprop.readings.windows import read_average_pool, read_conv, read_max_pool
from gradcheck.network.attention import Attention, Residual
from gradcheck.network.dense import Activation, Dense, Dropout, Embedding, Flatten, Last
from gradcheck.network.layers import Layer
from gradcheck.network.norms import BatchNorm, LayerNorm, RMSNorm
from gradcheck.network.recurrent import GRU, LSTM, Recurrent
from gradcheck.network.stations import Station
from gradcheck.network.windows import AveragePool, Conv, MaxPool


def read_layers(book: Notebook, stations: tuple[Station, ...], x: Any) -> Any:
    """What leaves the last of the stations."""
    for station in stations:
        x = LAYER_RULES[type(station.layer)](book, station, station.layer, x)
    return x


def read_residual(book: Notebook, station: Station, layer: Residual, x: Any) -> Any:
    """x + what the layers inside make of it."""
    return book.note("a", station, x + read_layers(book, station.inside, x))


LAYER_RULES: dict[type[Layer], Callable[[Notebook, Station, Any, Any], Any]] = {
    Dense: read_dense,
    Activation: read_activation,
    Embedding: read_embedding,
    Dropout: read_dropout,
    Flatten: read_flatten,
    Last: read_last,
    Recurrent: read_recurrent,
    LSTM: read_lstm,
    GRU: read_gru,
    Conv: read_conv,
    MaxPool: read_max_pool,
    AveragePool: read_average_pool,
    BatchNorm: read_batch_norm,
    LayerNorm: read_layer_norm,
    RMSNorm: read_rms_norm,
    Attention: read_attention,
    Residual: read_residual,
}
