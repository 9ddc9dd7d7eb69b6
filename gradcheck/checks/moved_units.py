"""The loss of each sample when one unit's pre-activation moves; only what lies above the unit is computed again.

Samples stand in the last axis.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from gradcheck.backprop.networks import layer_values
from gradcheck.backprop.readings.dense import ACTIVATION_RULES
from gradcheck.backprop.readings.losses import LOSS_RULES
from gradcheck.network.networks import Network, Point
from gradcheck.network.stations import TRANSPOSED
from gradcheck.numeric.rows import Losses
from gradcheck.results.arrays import Floats


@dataclass(frozen=True, slots=True)
class Layer:
    """A dense layer at the point: weights (units, inputs), bias, and inputs a and pre-activations z by samples."""

    number: int
    activation: str
    weights: Floats
    bias: Floats
    a: Floats
    z: Floats


def layers_at(network: Network, point: Point) -> list[Layer]:
    """The layers from the inputs on, tied parameters looked up."""
    values, layers, entering = layer_values(network, point), [], point.inputs
    for number, layer in enumerate(network.dense_layers, 1):
        bias = np.zeros(()) if layer.bias == "none" else _parameter(network, point, f"b{number}")
        weights = _parameter(network, point, f"W{number}")
        z = np.ascontiguousarray(values[f"z{number}"].T)
        layers.append(Layer(number, layer.activation, weights, bias.reshape(-1, 1), entering.T, z))
        entering = values[f"a{number}"]
    return layers


def _parameter(network: Network, point: Point, name: str) -> Floats:
    of = dict(network.ties).get(name, name)
    array = point.params[of.removesuffix(TRANSPOSED)]
    return array.T if of.endswith(TRANSPOSED) else array


def outputs_of(layers: list[Layer], z: Floats) -> Floats:
    """What leaves the last layer, z being the pre-activations of the first."""
    for below, layer in pairwise(layers):
        z = layer.weights @ ACTIVATION_RULES[below.activation](z)
        z += layer.bias
    return np.asarray(ACTIVATION_RULES[layers[-1].activation](z))


def losses_of(network: Network, targets: Floats, outputs: Floats) -> Floats:
    """The loss of every column."""
    losses = LOSS_RULES[network.loss](outputs.T, targets.T, network.setting_of_loss)
    return np.asarray(losses if losses.ndim == 1 else losses.sum(axis=-1))


def losses_above(network: Network, point: Point, layers: list[Layer]) -> Losses:
    """Each sample's loss when one pre-activation of it, in the first of the layers, is at another place."""
    targets: dict[int, Floats] = {}

    def losses(units: slice, places: Floats) -> Floats:
        copies = places.shape[0] * places.shape[1]
        if copies not in targets:
            targets[copies] = np.tile(point.targets.T, copies)
        above, z = _moved(layers, units, places)
        outputs = outputs_of(above, z.reshape(z.shape[0], -1))
        return losses_of(network, targets[copies], outputs).reshape(places.shape)

    return losses


def _moved(layers: list[Layer], units: slice, places: Floats) -> tuple[list[Layer], Floats]:
    """(the layers that are left, the pre-activations of the first of them) for every place of every unit.

    One moved unit moves the next layer's pre-activations by a column of its weights: no product of matrices.
    """
    first, above = layers[0], layers[1:]
    if above:
        activate = ACTIVATION_RULES[first.activation]
        change = activate(places) - activate(first.z[units])
        z = above[0].weights[:, units][:, None, :, None] * change
        z += above[0].z[:, None, None, :]
        return above, z
    z = np.empty((first.z.shape[0], *places.shape))
    z[:] = first.z[:, None, None, :]
    for k in range(places.shape[1]):
        z[units.start + k, :, k] = places[:, k]
    return layers, z
