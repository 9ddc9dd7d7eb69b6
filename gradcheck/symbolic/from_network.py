"""The named definitions of a network at a point: the symbolic opinion's own forward pass."""

from collections.abc import Mapping
from math import prod

import numpy as np
import sympy

from gradcheck.labels import by_label
from gradcheck.network.dense import Embedding
from gradcheck.network.fitting import fit
from gradcheck.network.names import data_name, input_name, target_name
from gradcheck.network.networks import Network, Point
from gradcheck.network.stations import Station, walk
from gradcheck.results.arrays import Floats
from gradcheck.symbolic.partials import ensure_size
from gradcheck.symbolic.readings.layers import read_layers
from gradcheck.symbolic.readings.losses import read_loss
from gradcheck.symbolic.readings.sheets import Exprs, Sheet
from gradcheck.symbolic.systems import Number, System, symbol


def system_of(network: Network, point: Point, definitions: Mapping[str, sympy.Expr] | None = None) -> System:
    """The loss of a network at a point as named definitions; raises NetworkError or TooLarge.

    Names are those of gradcheck.network.names. Of several samples each has a loss of its own (`Loss[0]`, in the
    article's way `Loss_1`), and `Loss` is their sum or mean; with penalties that is `DataLoss` and `Loss` the whole.
    definitions: those of the same network at another point of as many samples, where they are the same here.
    """
    fit(network, point)
    ensure_size(point.samples * sum(map(_products, walk(network.stations))))
    values: dict[str, Number] = dict(by_label(point.params))
    parameters = tuple(values)
    sheet = Sheet(network, point.samples)
    words = isinstance(network.layers[0], Embedding)
    x = point.inputs if words else _data(network, "x", point.inputs, values)
    y = _data(network, "y", point.targets, values)
    if definitions is None:
        read_loss(sheet, read_layers(sheet, network.stations, x), y)
        definitions = sheet.definitions
    return System(values, definitions, "Loss", parameters)


def _data(network: Network, letter: str, array: Floats, values: dict[str, Number]) -> Exprs:
    """The symbols of inputs or targets; their numbers go into `values`."""
    found = np.empty(array.shape, dtype=object)
    for index in np.ndindex(array.shape):
        sample, *place = index
        if network.naming == "article":
            name_of = {"x": input_name, "y": target_name}[letter]
            name = name_of(network, place[0], sample, len(array))
        else:
            name = data_name(letter, place, sample, len(array))
        found[index] = symbol(name)
        values[name] = float(array[index])
    return found


def _products(station: Station) -> int:
    """About how many products of a weight and a value a layer holds for one sample: each is a link at least."""
    weights = sum(map(prod, station.parameters.values()))
    steps = prod(station.leaving[1:]) if len(station.leaving) > 2 else station.leaving[0]
    return weights * (steps if len(station.leaving) > 1 else 1)
