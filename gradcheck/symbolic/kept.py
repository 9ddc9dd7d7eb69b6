"""Partials derived once for an architecture and used at every point of it."""

from functools import lru_cache

import numpy as np

from gradcheck.network.dense import Embedding
from gradcheck.network.networks import Network, Point
from gradcheck.network.sources import point_of
from gradcheck.network.stations import walk
from gradcheck.symbolic.from_network import system_of
from gradcheck.symbolic.kinks import KINKED
from gradcheck.symbolic.partials import Partials, differentiate
from gradcheck.symbolic.systems import System


def partials_at(network: Network, point: Point) -> Partials:
    """The partials of a network at a point; derived afresh only where the formulas depend on the numbers.

    They do in networks with kinks, which take the side of the point, and with embeddings, which look words up.
    """
    kept = None if _reads_words(network) else _kept(network, point.samples)
    if kept is None:
        return differentiate(system_of(network, point))
    values = system_of(network, point, definitions=kept.system.definitions).values
    return Partials(System(values, kept.system.definitions, kept.system.loss, kept.system.parameters), kept.local)


@lru_cache(maxsize=256)
def _kept(network: Network, samples: int) -> Partials | None:
    """The partials at any point; None where they depend on the point."""
    one = point_of(network)
    inputs, targets = (np.repeat(array[:1], samples, axis=0) for array in (one.inputs, one.targets))
    system = system_of(network, Point(one.params, inputs, targets))
    return None if any(expr.has(*KINKED) for expr in system.definitions.values()) else differentiate(system)


def _reads_words(network: Network) -> bool:
    return any(isinstance(station.layer, Embedding) for station in walk(network.stations))
