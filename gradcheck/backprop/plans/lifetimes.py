"""Which values are needed, when each is read for the last time, and which can be made where they are wanted at once."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradcheck.backprop.plans.operations import ASSEMBLE, CONSTANT, ELEMENTWISE, GUARD, INPUT, KERNEL, VIEW, Graph


@dataclass(frozen=True, slots=True)
class Part:
    """A value that is made inside of an assembly: the assembly's place and the index of the part in it."""

    whole: int
    index: Any


def needed(graph: Graph, outputs: Iterable[int]) -> list[int]:
    """The places of what outputs and guards depend on, in order."""
    wanted = set(outputs) | {k for k, operation in enumerate(graph.operations) if operation.kind == GUARD}
    for place in range(len(graph.operations) - 1, -1, -1):
        if place in wanted:
            wanted.update(graph[place].args)
    return sorted(wanted)


def parts_of(graph: Graph, places: list[int], outputs: set[int]) -> dict[int, Part]:
    """The values that can be made inside of the one assembly they are for; a whole that is covered twice takes none."""
    parts: dict[int, Part] = {}
    for whole in places:
        if graph[whole].kind == ASSEMBLE and coverage(graph, whole) is not None:
            for piece, index in zip(graph[whole].args, graph[whole].data, strict=True):
                inner = _unshaped(graph, piece)
                fits = graph[inner].dtype == graph[whole].dtype and graph[inner].kind in (ELEMENTWISE, KERNEL, ASSEMBLE)
                if fits and inner not in parts and inner not in outputs:
                    parts[inner] = Part(whole, index)
    return parts


def coverage(graph: Graph, whole: int) -> bool | None:
    """Do the pieces of an assembly cover it? None where two of them overlap or one is stretched."""
    operation = graph[whole]
    count = np.zeros(operation.shape, np.uint8)
    for piece, index in zip(operation.args, operation.data, strict=True):
        if count[index].shape != graph[piece].shape or np.any(count[index]):
            return None
        count[index] = 1
    return bool(count.all())


def last_uses(graph: Graph, places: list[int], parts: dict[int, Part]) -> dict[int, int]:
    """The last operation that reads a value's memory, directly, by a view of it or inside of a whole."""
    last = {place: place for place in places}
    for place in places:
        for arg in graph[place].args:
            last[arg] = max(last[arg], place)
    for place in reversed(places):
        if graph[place].kind == VIEW:
            arg = graph[place].args[0]
            last[arg] = max(last[arg], last[place])
    for piece, part in sorted(parts.items(), key=lambda item: item[1].whole):
        last[part.whole] = max(last[part.whole], last[piece])
    return last


def is_made(graph: Graph, place: int) -> bool:
    """Has the value memory of its own, that is filled in every run?"""
    return graph[place].kind not in (INPUT, CONSTANT, VIEW, GUARD)


def _unshaped(graph: Graph, place: int) -> int:
    """The value of which a piece is only another shape."""
    operation = graph[place]
    is_reshape = operation.kind == VIEW and isinstance(operation.what, tuple) and operation.what[0] == "reshape"
    return _unshaped(graph, operation.args[0]) if is_reshape else place
