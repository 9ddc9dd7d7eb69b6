"""Named parameters: the value in which each lies, and the matrices the layers take."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from gradcheck.backprop.rules.indexing import take
from gradcheck.network.names import bias_place, parameter_shapes, weight_place
from gradcheck.network.networks import Network

Places: TypeAlias = dict[str, tuple[Any, tuple[int, ...]]]
Matrices: TypeAlias = list[tuple[Any, Any]]
# an array -> the same as a variable: Tape.variable, or the array itself where no adjoint is wanted
Enter: TypeAlias = Callable[[Any], Any]
Index: TypeAlias = NDArray[np.intp]


def enter_parameters(network: Network, enter: Enter, params: Mapping[str, Any]) -> tuple[Places, Matrices]:
    """(value, index in it) of every parameter by name, and W (units, inputs) and b (or None) of every layer."""
    if network.naming == "matrix":
        return _enter_matrices(network, enter, params)
    return _enter_scalars(network, enter, params)


def _enter_matrices(network: Network, enter: Enter, params: Mapping[str, Any]) -> tuple[Places, Matrices]:
    values = {name: enter(np.asarray(params[name], dtype=np.float64)) for name in parameter_shapes(network)}
    matrices: Matrices = [(values[f"W{k + 1}"], values.get(f"b{k + 1}")) for k in range(len(network.layers))]
    return {name: (value, ()) for name, value in values.items()}, matrices


def _enter_scalars(network: Network, enter: Enter, params: Mapping[str, Any]) -> tuple[Places, Matrices]:
    """The article's scalars as one vector, from which each layer takes its matrix: a shared bias once per unit."""
    names, indices = _places(network)
    vector = enter(np.array([params[name] for name in names], dtype=np.float64))
    matrices: Matrices = [
        (take(vector, weights), take(vector, bias) if bias.size else None) for weights, bias in indices
    ]
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
