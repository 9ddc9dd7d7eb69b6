"""Does a point belong to a network?"""

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
        if name not in shapes:
            raise NetworkError(f"the network has no parameter {name}: it has {', '.join(shapes)}")
        if name not in point.params:
            raise NetworkError(f"the point has no parameter {name}: give it with shape {shapes[name]}")
        got = point.params[name].shape
        if got != shapes[name]:
            raise NetworkError(f"parameter {name} has shape {got}: the network needs {shapes[name]}")
