"""Does a point belong to a network?"""

from collections.abc import Mapping

import numpy as np

from gradcheck.errors import NetworkError
from gradcheck.labels import label
from gradcheck.network.dense import Embedding
from gradcheck.network.names import parameter_shapes
from gradcheck.network.networks import Network, Point
from gradcheck.results.arrays import Floats


def fit(network: Network, point: Point) -> None:
    """Raises NetworkError, naming the array and both sizes, unless the point belongs to the network."""
    from_network = {
        "inputs": (point.samples, *network.input_shape),
        "targets": (point.samples, *network.target_shape),
    }
    for name, shape in from_network.items():
        got = getattr(point, name).shape
        if got != shape:
            raise NetworkError(f"{name} have shape {got}, but this network needs {shape}: give one row per sample")
    if point.samples < 1:
        raise NetworkError("the batch is empty: give at least one sample")
    shapes = parameter_shapes(network)
    for name in {**shapes, **point.params}:
        if name not in shapes:
            raise NetworkError(f"the network has no parameter {name}: it has {', '.join(shapes)}")
        if name not in point.params:
            raise NetworkError(f"the point has no parameter {name}: give it with shape {shapes[name]}")
        got = point.params[name].shape
        if got != shapes[name]:
            raise NetworkError(f"parameter {name} has shape {got}: the network needs {shapes[name]}")
    _ensure_numbers({"inputs": point.inputs, "targets": point.targets, **point.params})
    first = network.layers[0]
    if isinstance(first, Embedding):
        _ensure_words(point, first.words)


def _ensure_numbers(arrays: Mapping[str, Floats]) -> None:
    for name, array in arrays.items():
        if not np.isfinite(array).all():
            place = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
            raise NetworkError(f"{label(name, place)} is {array[place]}: give numbers, leave incomplete samples out")


def _ensure_words(point: Point, words: int) -> None:
    """Raises NetworkError unless every input is the number of a word."""
    strange = point.inputs[(point.inputs != np.floor(point.inputs)) | (point.inputs < 0) | (point.inputs >= words)]
    if strange.size:
        raise NetworkError(f"an embedding of {words} words has no word {strange[0]}: give whole numbers below {words}")
