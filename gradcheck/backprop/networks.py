"""A network's loss and gradient by reverse mode, with the adjoint of every intermediate."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradcheck.backprop import arrays
from gradcheck.backprop.layers import LOSS_RULES, dense
from gradcheck.backprop.parameters import Enter, Places, enter_parameters
from gradcheck.backprop.tape import Tape
from gradcheck.network.fitting import fit
from gradcheck.network.names import activation_name, pre_activation_name
from gradcheck.network.networks import Network, Point
from gradcheck.results.arrays import Floats, frozen_arrays


@dataclass(frozen=True, slots=True)
class Backprop:
    """Loss and gradient of a network at a point; values and adjoints of its pre-activations and activations by name.

    gradient: in the shapes of the parameters. values, adjoints: `z1`, `a1`, ... (units,), or (samples, units) for a
    batch, so that their labels are the names of `network.names`; in the article's naming one scalar per name (`neth1`).
    """

    loss: float
    gradient: Mapping[str, Floats]
    values: Mapping[str, Floats]
    adjoints: Mapping[str, Floats]

    def __post_init__(self) -> None:
        for field in ("gradient", "values", "adjoints"):
            object.__setattr__(self, field, frozen_arrays(getattr(self, field)))


@dataclass(frozen=True, slots=True)
class Passed:
    """What a forward pass came to: where the parameters lie, (z, a) per layer, and the loss."""

    places: Places
    layers: tuple[tuple[Any, Any], ...]
    loss: Any


def forward(network: Network, point: Point) -> float:
    """The loss; raises NetworkError unless the point belongs to the network."""
    return loss_of(network, point)(point.params)


def loss_of(network: Network, point: Point) -> Callable[[Mapping[str, Any]], float]:
    """The loss as a function of the parameters by name, at the point's inputs and targets."""
    fit(network, point)

    def loss(params: Mapping[str, Any]) -> float:
        with np.errstate(all="ignore"):  # what overflows is infinite, and the verdict says so
            return float(_pass(network, _itself, params, point).loss)

    return loss


def gradient(network: Network, point: Point) -> Backprop:
    """Loss, gradient and all adjoints; raises NetworkError unless the point belongs to the network."""
    fit(network, point)
    tape = Tape()
    with np.errstate(all="ignore"):
        passed = _pass(network, tape.variable, point.params, point)
        wanted = {id(value): value for value, _ in passed.places.values()}
        wanted |= {id(value): value for pair in passed.layers for value in pair}
        bars = dict(zip(wanted, tape.pullback([passed.loss], [1.0], list(wanted.values())), strict=True))
    values = tuple((z.value, a.value) for z, a in passed.layers)
    adjoints = tuple((bars[id(z)], bars[id(a)]) for z, a in passed.layers)
    return Backprop(
        loss=float(passed.loss.value),
        gradient={name: bars[id(value)][index] for name, (value, index) in passed.places.items()},
        values=_named(network, point.samples, values),
        adjoints=_named(network, point.samples, adjoints),
    )


def layer_values(network: Network, point: Point) -> list[tuple[Floats, Floats]]:
    """(z, a) of every layer, each (samples, units); raises NetworkError unless the point belongs to the network."""
    fit(network, point)
    with np.errstate(all="ignore"):
        return list(_pass(network, _itself, point.params, point).layers)


def _itself(array: Any) -> Any:
    return array


def _pass(network: Network, enter: Enter, params: Mapping[str, Any], point: Point) -> Passed:
    places, matrices = enter_parameters(network, enter, params)
    a, layers = point.inputs, []
    for layer, (weights, bias) in zip(network.layers, matrices, strict=True):
        z, a = dense(layer, a, weights, bias)
        layers.append((z, a))
    total = arrays.sum(LOSS_RULES[network.loss](a, point.targets))
    if network.reduction == "mean":
        total = total / float(point.samples)
    return Passed(places, tuple(layers), total)


def _named(network: Network, samples: int, layers: tuple[tuple[Any, Any], ...]) -> dict[str, Any]:
    named: dict[str, Any] = {}
    for k, pair in enumerate(layers):
        for name_of, rows in zip((pre_activation_name, activation_name), pair, strict=True):
            if network.naming == "matrix":
                named[name_of(network, k, 0).partition("[")[0]] = rows[0] if samples == 1 else rows
            else:
                named |= {name_of(network, k, unit, s, samples): rows[s, unit] for s, unit in np.ndindex(rows.shape)}
    return named
