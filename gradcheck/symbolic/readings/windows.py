"""Convolution and pooling, read window by window."""

from collections.abc import Callable, Iterator
from typing import TypeAlias

import numpy as np
import sympy

from gradcheck.network.stations import Station
from gradcheck.network.windows import AveragePool, Conv, MaxPool, Window
from gradcheck.symbolic.readings.dense import activate
from gradcheck.symbolic.readings.sheets import Exprs, Sheet, total

Rule: TypeAlias = Callable[[list[sympy.Expr]], sympy.Expr]


def read_conv(sheet: Sheet, station: Station, layer: Conv, x: Exprs) -> Exprs:
    """z = Σ W·x over the window + b, place by place; places in the padding are left out."""
    weights, bias = sheet.parameter("W", station), sheet.bias(station)
    z = np.empty((x.shape[0], *station.leaving), dtype=object)
    for sample, channel, *place in np.ndindex(z.shape):
        terms = [
            weights[(channel, below, *inside)] * x[(sample, below, *there)]
            for inside, there in seen(layer.window, place, station.entering[1:])
            for below in range(station.entering[0])
        ]
        offset = [] if bias is None else [bias[channel] if bias.ndim else bias.item()]
        z[(sample, channel, *place)] = sympy.Add(*terms, *offset)
    return activate(sheet, station, layer.activation, z)


def read_max_pool(sheet: Sheet, station: Station, layer: MaxPool, x: Exprs) -> Exprs:
    """The largest of each window."""
    return _pool(sheet, station, layer, x, lambda numbers: sympy.Max(*numbers))


def read_average_pool(sheet: Sheet, station: Station, layer: AveragePool, x: Exprs) -> Exprs:
    """The mean of each window."""
    return _pool(sheet, station, layer, x, lambda numbers: total(numbers) / len(numbers))


def seen(window: Window, place: list[int], space: tuple[int, ...]) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
    """(place in the window, place in the space) of all that a window sees from `place`, without the padding."""
    for inside in np.ndindex(window.size):
        there = tuple(
            at * window.stride + k * window.dilation - window.padding for at, k in zip(place, inside, strict=True)
        )
        if all(0 <= one < side for one, side in zip(there, space, strict=True)):
            yield inside, there


def _pool(sheet: Sheet, station: Station, layer: MaxPool, x: Exprs, rule: Rule) -> Exprs:
    a = np.empty((x.shape[0], *station.leaving), dtype=object)
    for sample, channel, *place in np.ndindex(a.shape):
        numbers = [x[(sample, channel, *there)] for _, there in seen(layer.window, place, station.entering[1:])]
        a[(sample, channel, *place)] = rule(numbers)
    return sheet.define_all("a", station, a)
