"""What the chain rule can give where a program's values tie: an interval for every partial.

At a tie of maximum, minimum or abs every slope between those of the two sides is as good a choice as any other; a
partial made of several such choices lies between the sums of the lowest and of the highest terms (Bolte & Pauwels 2021,
conservative fields).
"""

from collections.abc import Iterator

import numpy as np

from gradcheck.backprop.primitives import PRIMITIVES
from gradcheck.backprop.replay import ALIAS
from gradcheck.program.programs import LEAVES, Node, Program

Interval = tuple[float, float]


def choices(program: Program) -> dict[str, Interval]:
    """(lowest, highest) partial of every input, by label, at the point where the program was traced.

    Equal but for rounding where nothing ties; other branches than the trace's own are not looked at.
    """
    bars: dict[int, Interval] = {} if program.loss is None else {program.loss: (1.0, 1.0)}
    with np.errstate(all="ignore"):
        for place in range(program.forward - 1, -1, -1):
            node = program.nodes[place]
            if place in bars and node.op not in LEAVES:
                for arg, (low, high) in _handed_down(program, node, bars[place]):
                    before = bars.get(arg, (0.0, 0.0))
                    bars[arg] = (before[0] + low, before[1] + high)
    return {label: bars.get(place, (0.0, 0.0)) for label, place in program.inputs.items()}


def _handed_down(program: Program, node: Node, bar: Interval) -> Iterator[tuple[int, Interval]]:
    """What each argument of a node gets of its adjoint."""
    args = [program.nodes[arg].value for arg in node.args]
    if node.op == ALIAS:
        yield node.args[0], bar
    elif node.op == "abs" and args[0] == 0:
        yield node.args[0], _hull(bar[0], bar[1], -bar[0], -bar[1])
    elif node.op in ("maximum", "minimum") and args[0] == args[1]:
        yield from ((arg, _hull(0.0, *bar)) for arg in node.args)
    else:
        for arg, vjp in zip(node.args, PRIMITIVES[node.op].vjps, strict=True):
            if vjp is not None:
                yield arg, _hull(*(float(vjp(end, node.value, *map(np.float64, args))) for end in bar))


def _hull(*values: float) -> Interval:
    return min(values), max(values)
