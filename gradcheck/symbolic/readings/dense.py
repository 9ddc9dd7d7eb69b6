"""Layers that look at one place at a time, read number by number."""

import numpy as np
import sympy

from gradcheck.network.dense import Activation, Dense, Dropout, Embedding, Flatten, Last
from gradcheck.network.stations import Station
from gradcheck.symbolic.readings.activations import ACTIVATION_RULES
from gradcheck.symbolic.readings.sheets import Exprs, Sheet, each, product_sum


def read_dense(sheet: Sheet, station: Station, layer: Dense, x: Exprs) -> Exprs:
    """z = W·x + b and a = activation(z) for every row of the last axis."""
    weights, bias = sheet.parameter("W", station), sheet.bias(station)
    z = np.empty((*x.shape[:-1], layer.units), dtype=object)
    for *row, unit in np.ndindex(z.shape):
        offset = [] if bias is None else [bias[unit] if bias.ndim else bias.item()]
        z[(*row, unit)] = sympy.Add(product_sum(weights[unit], x[tuple(row)]), *offset)
    return activate(sheet, station, layer.activation, z)


def read_activation(sheet: Sheet, station: Station, layer: Activation, x: Exprs) -> Exprs:
    """a = activation(x)."""
    return sheet.define_all("a", station, each(x, lambda _, z: ACTIVATION_RULES[layer.activation](z)))


def read_embedding(sheet: Sheet, station: Station, layer: Embedding, x: Exprs) -> Exprs:
    """The row of E that each input numbers; nothing new is named."""
    table = sheet.parameter("E", station)
    return table[x.astype(np.intp)]


def read_dropout(sheet: Sheet, station: Station, layer: Dropout, x: Exprs) -> Exprs:
    """x·mask/keep."""
    kept = np.array(layer.mask).reshape(station.entering)
    share = sympy.Rational(str(layer.keep))
    return sheet.define_all("a", station, each(x, lambda index, one: one * int(kept[index[1:]]) / share))


def read_flatten(sheet: Sheet, station: Station, layer: Flatten, x: Exprs) -> Exprs:
    """The same numbers in one row."""
    return x.reshape(x.shape[0], -1)


def read_last(sheet: Sheet, station: Station, layer: Last, x: Exprs) -> Exprs:
    """The numbers of the last step."""
    return x[:, -1]


def activate(sheet: Sheet, station: Station, activation: str, z: Exprs) -> Exprs:
    """Names z and a = activation(z), unit by unit."""
    rule = ACTIVATION_RULES[activation]

    def both(index: tuple[int, ...], expr: sympy.Expr) -> sympy.Expr:
        named = sheet.define(sheet.name("z", station, index), expr)
        return sheet.define(sheet.name("a", station, index), rule(named))

    return each(z, both)
