"""Exact numbers of networks by programs that are derived once for an architecture and run at every point of it."""

from functools import lru_cache

import numpy as np

from gradcheck.network.dense import Embedding
from gradcheck.network.fitting import fit
from gradcheck.network.networks import Network, Point
from gradcheck.network.sources import point_of
from gradcheck.network.stations import walk
from gradcheck.symbolic.from_network import system_of
from gradcheck.symbolic.numbers import Exact, Reading, definitions_on_tape, evaluate, numbers_of, reading_of
from gradcheck.symbolic.partials import differentiate
from gradcheck.symbolic.sides import partials_on_tape


def exact_at(network: Network, point: Point) -> Exact:
    """What `evaluate` says of the network at the point; derived afresh only for embeddings, which look words up."""
    if any(isinstance(station.layer, Embedding) for station in walk(network.stations)):
        return evaluate(differentiate(system_of(network, point)))
    fit(network, point)
    names, reading = _kept(network, point.samples)
    numbers = [number for name in names for number in point.params[name].ravel().tolist()]
    numbers += point.inputs.ravel().tolist() + point.targets.ravel().tolist()
    return numbers_of(reading, numbers)


@lru_cache(maxsize=256)
def _kept(network: Network, samples: int) -> tuple[tuple[str, ...], Reading]:
    """(the parameters in their order, the program) for any point of so many samples."""
    one = point_of(network)
    inputs, targets = (np.repeat(array[:1], samples, axis=0) for array in (one.inputs, one.targets))
    system = system_of(network, Point(one.params, inputs, targets))
    tape = definitions_on_tape(system.values, system.definitions)
    names = dict(tape.names)
    for name, expr in system.definitions.items():
        tape.local.update(partials_on_tape(tape, name, expr))
    tape.names = names
    return tuple(one.params), reading_of(tape, system.definitions, system.loss, system.parameters)
