"""Named parameters on the tape: where each lies, and the matrices the layers take."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from gradcheck.backprop.tape import Tape
from gradcheck.network.names import bias_place, parameter_shapes, weight_place
from gradcheck.network.networks import Network

Places: TypeAlias = dict[str, tuple[int, tuple[int, ...]]]
Matrices: TypeAlias = list[tuple[int, int | None]]
# a value -> its slot: Tape.variable, or Tape.constant where no adjoint is wanted
Enter: TypeAlias = Callable[[Any], int]
Index: TypeAlias = NDArray[np.intp]


def record_parameters(network: Network, tape: Tape, enter: Enter, params: Mapping[str, Any]) -> tuple[Places, Matrices]:
    """(slot, index) of every parameter by name, and the slots of W (units, inputs) and b of every layer."""
    if network.naming == "matrix":
        return _record_matrices(network, enter, params)
    return _record_scalars(network, tape, enter, params)


def _record_matrices(network: Network, enter: Enter, params: Mapping[str, Any]) -> tuple[Places, Matrices]:
    slots = {name: enter(np.asarray(params[name], dtype=np.float64)) for name in parameter_shapes(network)}
    matrices: Matrices = [(slots[f"W{k + 1}"], slots.get(f"b{k + 1}")) for k in range(len(network.layers))]
    return {name: (slot, ()) for name, slot in slots.items()}, matrices


def _record_scalars(network: Network, tape: Tape, enter: Enter, params: Mapping[str, Any]) -> tuple[Places, Matrices]:
    """The article's scalars as one vector, from which each layer takes its matrix: a shared bias once per unit."""
    names, indices = _places(network)
    vector = enter(np.array([params[name] for name in names], dtype=np.float64))

    def take(index: Index) -> int:
        return tape.record("take", vector, tape.constant(index))

    matrices: Matrices = [(take(weights), take(bias) if bias.size else None) for weights, bias in indices]
    return {name: (vector, (place,)) for place, name in enumerate(names)}, matrices


@lru_cache(maxsize=64)
def _places(network: Network) -> tuple[tuple[str, ...], list[tuple[Index, Index]]]:
    """Names in the order of the vector; where each layer's weights (units, inputs) and biases (units,) stand in it.

    Biases of size 0 where the layer has none.
    """
    names = tuple(parameter_shapes(network))
    number = {name: place for place, name in enumerate(names)}
    indices: list[tuple[Index, Index]] = []
    for k, layer in enumerate(network.layers):
        weights = [
            [number[weight_place(network, k, unit, source)[0]] for source in range(network.sizes[k])]
            for unit in range(layer.units)
        ]
        biases = [bias_place(network, k, unit) for unit in range(layer.units)]
        bias = [number[one[0]] for one in biases if one is not None]
        indices.append((np.array(weights, dtype=np.intp), np.array(bias, dtype=np.intp)))
    return names, indices
