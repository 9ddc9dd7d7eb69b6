"""A network's loss and gradient by reverse mode, with the adjoint of every intermediate."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradcheck.backprop.layers import LOSS_RULES, dense
from gradcheck.backprop.parameters import Enter, Places, record_parameters
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
class Recorded:
    """Where on a tape a network's quantities lie: z and a per layer, and the loss."""

    places: Places
    layers: tuple[tuple[int, int], ...]
    loss: int


def forward(network: Network, point: Point) -> float:
    """The loss; raises NetworkError unless the point belongs to the network."""
    return loss_of(network, point)(point.params)


def loss_of(network: Network, point: Point) -> Callable[[Mapping[str, Any]], float]:
    """The loss as a function of the parameters by name, at the point's inputs and targets."""
    fit(network, point)

    def loss(params: Mapping[str, Any]) -> float:
        tape = Tape()
        with np.errstate(all="ignore"):  # what overflows is infinite, and the verdict says so
            return float(tape.values[_record(network, tape, tape.constant, params, point).loss])

    return loss


def gradient(network: Network, point: Point) -> Backprop:
    """Loss, gradient and all adjoints; raises NetworkError unless the point belongs to the network."""
    fit(network, point)
    tape = Tape()
    with np.errstate(all="ignore"):
        recorded = _record(network, tape, tape.variable, point.params, point)
        bars = tape.pullback(recorded.loss)
    adjoint = {slot: bars.get(slot, np.zeros_like(tape.values[slot])) for slot in tape.active}
    return Backprop(
        loss=float(tape.values[recorded.loss]),
        gradient={name: adjoint[slot][index] for name, (slot, index) in recorded.places.items()},
        values=_named(network, point.samples, recorded.layers, tape.values),
        adjoints=_named(network, point.samples, recorded.layers, adjoint),
    )


def layer_values(network: Network, point: Point) -> list[tuple[Floats, Floats]]:
    """(z, a) of every layer, each (samples, units); raises NetworkError unless the point belongs to the network."""
    fit(network, point)
    tape = Tape()
    with np.errstate(all="ignore"):
        recorded = _record(network, tape, tape.constant, point.params, point)
    return [(tape.values[z], tape.values[a]) for z, a in recorded.layers]


def _record(network: Network, tape: Tape, enter: Enter, params: Mapping[str, Any], point: Point) -> Recorded:
    places, matrices = record_parameters(network, tape, enter, params)
    a, layers = tape.constant(point.inputs), []
    for layer, (weights, bias) in zip(network.layers, matrices, strict=True):
        z, a = dense(tape, layer, a, weights, bias)
        layers.append((z, a))
    total = tape.record("sum", LOSS_RULES[network.loss](tape, a, tape.constant(point.targets)))
    if network.reduction == "mean":
        total = tape.record("div", total, tape.constant(float(point.samples)))
    return Recorded(places, tuple(layers), total)


def _named(network: Network, samples: int, layers: tuple[tuple[int, int], ...], arrays: Any) -> dict[str, Any]:
    named: dict[str, Any] = {}
    for k, slots in enumerate(layers):
        for name_of, slot in zip((pre_activation_name, activation_name), slots, strict=True):
            rows = arrays[slot]
            if network.naming == "matrix":
                named[name_of(network, k, 0).partition("[")[0]] = rows[0] if samples == 1 else rows
            else:
                named |= {name_of(network, k, unit, s, samples): rows[s, unit] for s, unit in np.ndindex(rows.shape)}
    return named
