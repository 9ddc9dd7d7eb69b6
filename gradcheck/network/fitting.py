"""Does a point belong to a network?"""

import numpy as np

from gradcheck.errors import NetworkError
from gradcheck.network.names import parameter_shapes
from gradcheck.network.networks import Network, Point


def fit(network: Network, point: Point) -> None:
    """Raises NetworkError, naming the array and both sizes, unless the point belongs to the network."""
    from_network = {
        "inputs": (point.samples, network.inputs),
        "targets": (point.samples, network.outputs),
    }
    for name, shape in from_network.items():
        got = getattr(point, name).shape
        if got != shape:
            raise NetworkError(f"{name} have shape {got}, but this network needs {shape}: give one row per sample")
    if point.samples < 1:
        raise NetworkError("the batch is empty: give at least one sample")
    shapes = parameter_shapes(network)
    for name in {**shapes, **point.params}:
        got, shape = np.shape(point.params.get(name)) if name in point.params else None, shapes.get(name)
        if got != shape:
            mend = f"it needs {', '.join(shapes)}" if got is None or shape is None else f"give it shape {shape}"
            raise NetworkError(f"parameter {name} has shape {got}, the network's has {shape}: {mend}")
