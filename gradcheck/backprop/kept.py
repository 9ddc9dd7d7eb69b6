"""A network's loss and its slopes as recorded programs, kept for its architecture. Not for two threads at once."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from itertools import count
from typing import Any

from gradcheck.backprop.networks import entered, function_of, loss_of, read
from gradcheck.backprop.readings.notebooks import Notebook
from gradcheck.backprop.recording import record
from gradcheck.backprop.transforms import jvp
from gradcheck.network.dense import Embedding
from gradcheck.network.fitting import fit
from gradcheck.network.networks import Network, Point
from gradcheck.network.stations import walk

Arrays = Mapping[str, Any]
# So many architectures are kept.
KEPT = 256


def kept_loss_of(network: Network, point: Point) -> Callable[[Arrays], float]:
    """What `loss_of` returns; recorded where the network is asked for again: a record takes as long as 16 losses."""
    if not _is_worthwhile(network):
        return loss_of(network, point)
    fit(network, point)
    program = _loss(network)
    return lambda params: float(program(dict(params), point.inputs, point.targets))


def slope_of(network: Network, point: Point, along: Arrays) -> float:
    """The slope of the loss at the point along a direction through all parameters, by forward mode."""
    return float(jvp(function_of(network, point), (dict(point.params),), (dict(along),))[1])


def kept_slope(network: Network, point: Point, along: Arrays) -> float:
    """What `slope_of` returns; recorded where the network is asked for again."""
    if not _is_worthwhile(network):
        return slope_of(network, point, along)
    return float(_slope(network)(dict(point.params), dict(along), point.inputs, point.targets))


def _is_worthwhile(network: Network) -> bool:
    """Is the network asked for again? Words are looked up, so that they are no inputs of a record."""
    reads_words = any(isinstance(station.layer, Embedding) for station in walk(network.stations))
    return not reads_words and next(_visits(network)) > 1  # a check asks twice


@lru_cache(maxsize=KEPT)
def _visits(network: Network) -> "count[int]":
    return count()


@lru_cache(maxsize=KEPT)
def _loss(network: Network) -> Callable[..., Any]:
    return record(lambda *point: _read(network, *point))


@lru_cache(maxsize=KEPT)
def _slope(network: Network) -> Callable[..., Any]:
    return record(lambda params, along, *data: jvp(lambda p: _read(network, p, *data), (params,), (along,))[1])


def _read(network: Network, params: Arrays, inputs: Any, targets: Any) -> Any:
    return read(Notebook(network, entered(network, params)), inputs, targets)
