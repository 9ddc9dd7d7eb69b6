"""The point of a network for a seed: numbers keyed by their place.

A number depends on (seed, layer, row, column) alone, so that a net which loses a unit keeps all other numbers: failing
examples shrink to the smallest net. Within a layer all numbers differ, so that no fault hides behind equal siblings.
"""

import random
from functools import lru_cache
from math import prod

import numpy as np
from numpy.typing import NDArray

from gradcheck.backprop.networks import layer_values
from gradcheck.network.dense import Dense, Embedding
from gradcheck.network.losses import targets_from
from gradcheck.network.names import bias_place, parameter_shapes, weight_place
from gradcheck.network.networks import Network, Point
from gradcheck.network.stations import Station, walk
from gradcheck.results.arrays import Floats

# Multiples of 1/16 in (-2, 2) without 0: exact in binary, cheap as a fraction in the symbolic opinion, short on a page.
FRIENDLY = tuple(k / 16 for k in range(-31, 32) if k)

# Slopes (elu: curvatures) that change at 0. A pre-activation nearer than MARGIN has its bias moved by a step wider than
# the forbidden interval, so that every pre-activation rules out one move at most; 1/1024 keeps the bias distinct.
# Without a bias the weights are moved, one source after the other, and MARGIN is a share of the layer's largest input.
KINKED = ("relu", "leaky_relu", "elu")
MARGIN = 1 / 32
SHIFT = 1 / 8 + 1 / 1024
MOVES = 64


def point_at(network: Network, seed: int = 0, samples: int = 1) -> Point:
    """The network's point for a seed, the same at every call.

    In dense nets no pre-activation is nearer to a kink than MARGIN; for an embedding the inputs are numbers of words.
    """
    params: dict[str, Floats] = {}
    stations, numbered = list(walk(network.stations)), network.naming == "article"
    for station in stations:
        role = f"layer {len(stations) - station.number + 1} from the end"
        params |= _scalars(network, station, seed, role) if numbered else _arrays(station, seed, role)
    shapes = parameter_shapes(network)
    targets = targets_from(network.loss, _rows(seed, "targets", samples, network.target_shape))
    point = Point({name: params[name] for name in shapes}, _inputs(network, seed, samples), targets)
    return _off_kinks(network, point) if network.is_dense else point


def _inputs(network: Network, seed: int, samples: int) -> Floats:
    """Numbers as for parameters; whole ones below the size of the vocabulary for an embedding."""
    numbers, first = _rows(seed, "inputs", samples, network.input_shape), network.layers[0]
    return np.floor((numbers + 2) / 4 * first.words) if isinstance(first, Embedding) else numbers


def _rows(seed: int, role: str, samples: int, shape: tuple[int, ...]) -> Floats:
    return numbers_at(seed, role, samples, prod(shape)).reshape(samples, *shape)


def _arrays(station: Station, seed: int, role: str) -> dict[str, Floats]:
    """The parameters of a layer, cut from one table with a row for each unit: vectors first, then matrices."""
    shapes = dict(sorted(station.parameters.items(), key=lambda item: len(item[1]) > 1))
    widths = {name: prod(shape[1:]) for name, shape in shapes.items()}
    units = max((shape[0] for shape in shapes.values() if shape), default=1)
    column = 0 if any(len(shape) < 2 for shape in shapes.values()) else 1  # a bias that is taken away moves no weight
    table, arrays = numbers_at(seed, role, units, column + sum(widths.values())), {}
    for name, shape in shapes.items():
        part = table[:, column : column + widths[name]]
        arrays[name] = part.reshape(shape) if shape else part[0, 0].reshape(())
        column += widths[name]
    return arrays


def _scalars(network: Network, station: Station, seed: int, role: str) -> dict[str, Floats]:
    """The scalars of a layer by name: its bias stands in the first column, each unit's weights behind."""
    layer = station.number - 1
    table = numbers_at(seed, role, station.leaving[0], station.entering[0] + 1)
    scalars: dict[str, Floats] = {}
    for unit, row in reversed(list(enumerate(table))):  # a shared bias is that of the first unit
        places = [bias_place(network, layer, unit)]
        places += [weight_place(network, layer, unit, source) for source in range(station.entering[0])]
        scalars |= {place[0]: np.array(number) for place, number in zip(places, row, strict=True) if place}
    return scalars


def numbers_at(seed: int, role: str, rows: int, columns: int) -> Floats:
    """(rows, columns) numbers in (-2, 2), not 0, all different; each depends on seed, role and its own place only."""
    row, column = np.indices((rows, columns))
    # Rosenberg and Strong's pairing numbers the places shell by shell, whatever the size of the array.
    shell = np.maximum(row, column)
    place = shell * shell + shell + row - column
    whole, turn = place % len(FRIENDLY), place // len(FRIENDLY)
    return np.asarray(_shuffled(seed, role)[whole] + _radical_inverse(turn) / 16)


@lru_cache(maxsize=1024)
def _shuffled(seed: int, role: str) -> Floats:
    """The friendly numbers in an order of their own; random() of a text seed is the same in every version of Python."""
    source = random.Random(f"{seed}: {role}")
    return np.array(sorted(FRIENDLY, key=lambda _: source.random()))


def _radical_inverse(number: NDArray[np.intp]) -> Floats:
    """van der Corput's sequence in base 2: 0, 1/2, 1/4, 3/4, ...: a fraction of its own in [0, 1) for every number."""
    fraction, unit = np.zeros(number.shape), 0.5
    while number.any():
        fraction, number, unit = fraction + unit * (number % 2), number // 2, unit / 2
    return fraction


def _off_kinks(network: Network, point: Point) -> Point:
    """The point with biases moved (weights where there are none) until no pre-activation is near a kink."""
    for k, layer in enumerate(network.dense_layers):
        for move in range(MOVES if layer.activation in KINKED else 0):
            near = _near_kink(network, point, layer, k)
            if not near:
                break
            point = _moved(network, point, k, near, move % network.sizes[k])
    return point


def _near_kink(network: Network, point: Point, layer: Dense, k: int) -> list[int]:
    """The units of a layer that have a pre-activation near 0 in some sample."""
    values = layer_values(network, point)
    inputs = values[f"a{k}"] if k else point.inputs
    reach = np.abs(inputs).max(axis=1, keepdims=True) if layer.bias == "none" else 1.0
    return [int(unit) for unit in np.flatnonzero((np.abs(values[f"z{k + 1}"]) < MARGIN * reach).any(axis=0))]


def _moved(network: Network, point: Point, layer: int, units: list[int], source: int) -> Point:
    params = {name: np.array(array) for name, array in point.params.items()}
    for name, index in {bias_place(network, layer, u) or weight_place(network, layer, u, source) for u in units}:
        params[name][index] += SHIFT
    return point.with_params(params)
