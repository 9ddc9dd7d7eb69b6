"""Normalisations, read mean by mean and variance by variance."""

from typing import Any

import numpy as np
import sympy

from gradcheck.network.norms import BatchNorm, LayerNorm, RMSNorm
from gradcheck.network.stations import Station
from gradcheck.symbolic.readings.sheets import Exprs, Sheet, total


def read_batch_norm(sheet: Sheet, station: Station, layer: BatchNorm, x: Exprs) -> Exprs:
    """Mean and variance of each feature over the batch (and the space), then g·(x - mean)/√(variance + ε) + b."""
    g, b = sheet.parameter("g", station), sheet.parameter("b", station)
    a = np.empty(x.shape, dtype=object)
    for feature in range(x.shape[1]):
        a[:, feature] = _standardised(sheet, station, (feature,), x[:, feature], layer.epsilon)
        a[:, feature] = g[feature] * a[:, feature] + b[feature]
    return sheet.define_all("a", station, a)


def read_layer_norm(sheet: Sheet, station: Station, layer: LayerNorm, x: Exprs) -> Exprs:
    """Mean and variance of each row, then g·(x - mean)/√(variance + ε) + b."""
    g, b = sheet.parameter("g", station), sheet.parameter("b", station)
    a = np.empty(x.shape, dtype=object)
    for row in np.ndindex(x.shape[:-1]):
        a[row] = g * _standardised(sheet, station, row, x[row], layer.epsilon) + b
    return sheet.define_all("a", station, a)


def read_rms_norm(sheet: Sheet, station: Station, layer: RMSNorm, x: Exprs) -> Exprs:
    """Mean square of each row, then g·x/√(mean square + ε)."""
    g = sheet.parameter("g", station)
    a = np.empty(x.shape, dtype=object)
    for row in np.ndindex(x.shape[:-1]):
        square = sheet.define(_name("q", station, row), total(x[row] ** 2) / x.shape[-1])
        a[row] = g * x[row] / sympy.sqrt(square + _exact(layer.epsilon))
    return sheet.define_all("a", station, a)


def _standardised(sheet: Sheet, station: Station, place: tuple[int, ...], x: Exprs, epsilon: float) -> Any:
    """(x - mean)/√(variance + ε), the mean m and the variance v under names of their own."""
    mean = sheet.define(_name("m", station, place), total(x) / x.size)
    variance = sheet.define(_name("v", station, place), total((x - mean) ** 2) / x.size)
    return (x - mean) / sympy.sqrt(variance + _exact(epsilon))


def _name(letter: str, station: Station, place: tuple[int, ...]) -> str:
    """`m2[0]`: a value of several numbers, with every index written out."""
    return f"{letter}{station.number}[{','.join(map(str, place))}]"


def _exact(epsilon: float) -> sympy.Rational:
    """The decimal that was meant."""
    return sympy.Rational(repr(epsilon))
