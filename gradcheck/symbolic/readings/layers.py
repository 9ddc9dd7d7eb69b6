"""One reading for every kind of layer."""

from collections.abc import Callable
from typing import Any

from gradcheck.network.attention import Attention, Residual
from gradcheck.network.dense import Activation, Dense, Dropout, Embedding, Flatten, Last
from gradcheck.network.layers import Layer
from gradcheck.network.norms import BatchNorm, LayerNorm, RMSNorm
from gradcheck.network.recurrent import GRU, LSTM, Recurrent
from gradcheck.network.stations import Station
from gradcheck.network.windows import AveragePool, Conv, MaxPool
from gradcheck.symbolic.readings.attention import read_attention
from gradcheck.symbolic.readings.dense import (
    read_activation,
    read_dense,
    read_dropout,
    read_embedding,
    read_flatten,
    read_last,
)
from gradcheck.symbolic.readings.norms import read_batch_norm, read_layer_norm, read_rms_norm
from gradcheck.symbolic.readings.recurrent import read_gru, read_lstm, read_recurrent
from gradcheck.symbolic.readings.sheets import Exprs, Sheet
from gradcheck.symbolic.readings.windows import read_average_pool, read_conv, read_max_pool


def read_layers(sheet: Sheet, stations: tuple[Station, ...], x: Exprs) -> Exprs:
    """What leaves the last of the stations: (samples, *shape) of names."""
    for station in stations:
        x = LAYER_RULES[type(station.layer)](sheet, station, station.layer, x)
    return x


def read_residual(sheet: Sheet, station: Station, layer: Residual, x: Exprs) -> Exprs:
    """x + what the layers inside make of it."""
    return sheet.define_all("a", station, x + read_layers(sheet, station.inside, x))


LAYER_RULES: dict[type[Layer], Callable[[Sheet, Station, Any, Exprs], Exprs]] = {
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
