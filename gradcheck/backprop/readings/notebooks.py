"""What a reading of a network looks up and writes down: its parameters, and the values under their names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradcheck.backprop import arrays as xp
from gradcheck.network.names import bias_place, parameter_shapes, weight_place
from gradcheck.network.networks import Network
from gradcheck.network.stations import TRANSPOSED, Station

Index = NDArray[np.intp]


@dataclass(slots=True)
class Notebook:
    """The parameters by name, plain or under differentiation, and the values noted so far.

    In the article's naming `params` holds all scalars as one vector, under "". values: (samples, ...) arrays, or one
    for every step of a sequence; shared: those that belong to the batch as a whole.
    """

    network: Network
    params: Mapping[str, Any]
    values: dict[str, Any] = field(default_factory=dict)
    shared: set[str] = field(default_factory=set)

    def note(self, letters: str, station: Station, value: Any, shared: bool = False) -> Any:
        """The value, kept under its name."""
        name = f"{letters}{station.number}"
        self.values[name] = value
        if shared:
            self.shared.add(name)
        return value

    def note_step(self, letters: str, station: Station, value: Any) -> Any:
        """The value of the next step of a sequence, kept under its name."""
        self.values.setdefault(f"{letters}{station.number}", []).append(value)
        return value

    def parameter(self, letters: str, station: Station) -> Any:
        """A layer's parameter in the shape the layer wants it in."""
        if self.network.naming == "article":
            weights, biases = places(self.network)[1][station.number - 1]
            return xp.take(self.params[""], weights if letters == "W" else biases)
        name = f"{letters}{station.number}"
        of = dict(self.network.ties).get(name, name)
        found = self.params[of.removesuffix(TRANSPOSED)]
        return xp.transpose(found) if of.endswith(TRANSPOSED) else found

    def bias(self, station: Station) -> Any:
        """A layer's bias; None where it has none."""
        return self.parameter("b", station) if f"b{station.number}" in station.parameters else None


@lru_cache(maxsize=64)
def places(network: Network) -> tuple[tuple[str, ...], list[tuple[Index, Index]]]:
    """The article's names in the order of the vector; where each layer's weights (units, inputs) and biases stand."""
    names = tuple(parameter_shapes(network))
    number = {name: place for place, name in enumerate(names)}
    indices: list[tuple[Index, Index]] = []
    for k, layer in enumerate(network.dense_layers):
        weights = [
            [number[weight_place(network, k, unit, source)[0]] for source in range(network.sizes[k])]
            for unit in range(layer.units)
        ]
        biases = [bias_place(network, k, unit) for unit in range(layer.units)]
        bias = [number[one[0]] for one in biases if one is not None]
        indices.append((np.array(weights, dtype=np.intp), np.array(bias, dtype=np.intp)))
    return names, indices


def affine(x: Any, weights: Any, bias: Any = None) -> Any:
    """x·Wᵀ + b along the last axis."""
    z = xp.matmul(x, xp.transpose(weights))
    return z if bias is None else z + bias


def stacked(steps: Sequence[Any]) -> Any:
    """(samples, steps, ...) from one array per step."""
    return xp.stack(list(steps), 1)
