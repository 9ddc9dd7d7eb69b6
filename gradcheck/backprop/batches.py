"""A traced loss and its gradient at many points at once, layer by layer: what waits for equally much goes together."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradcheck.backprop.primitives import PRIMITIVES
from gradcheck.backprop.replay import ALIAS
from gradcheck.errors import UsageError
from gradcheck.program.programs import LEAVES, Program

Rows = NDArray[np.float64]
# (primitive, nodes, their arguments: a row for each node).
Group = tuple[str, NDArray[np.intp], NDArray[np.intp]]


def gradients_at(program: Program, values: Mapping[str, Rows]) -> tuple[Rows, dict[str, Rows]]:
    """(loss, gradient by label) of a program at as many points as `values` has numbers for each of its inputs.

    Branches are those of the trace; what overflows or leaves a domain becomes infinite or NaN, without a warning. The
    same as `replay`, for programs of thousands of nodes. Raises UsageError without a loss.
    """
    if program.loss is None:
        raise UsageError("the program has no loss: trace a function that returns one number")
    count = np.size(next(iter(values.values()), 0.0))
    numbers = np.repeat(np.array([[node.value] for node in program.nodes]), count, axis=1)
    for label, place in program.inputs.items():
        numbers[place] = values.get(label, numbers[place])
    groups = list(_groups(program, program.loss))
    bars = np.zeros_like(numbers)
    bars[program.loss] = 1.0
    with np.errstate(all="ignore"):
        for op, nodes, arguments in groups:
            numbers[nodes] = _value(op, [numbers[one] for one in arguments.T])
        for op, nodes, arguments in reversed(groups):
            y, y_bar, args = numbers[nodes], bars[nodes], [numbers[one] for one in arguments.T]
            for place, rule in enumerate((None,) if op == ALIAS else PRIMITIVES[op].vjps):
                bar = y_bar if op == ALIAS else rule(y_bar, y, *args) if rule is not None else None
                if bar is not None:
                    np.add.at(bars, arguments[:, place], bar)
    return numbers[program.loss], {label: bars[place] for label, place in program.inputs.items()}


def _value(op: str, args: list[Any]) -> Any:
    return args[0] if op == ALIAS else PRIMITIVES[op].value(*args)


def _groups(program: Program, loss: int) -> Iterator[Group]:
    """What the loss is computed from, those of one primitive together that need nothing of one another, in order."""
    nodes, wanted, depth = program.nodes, {loss}, [0] * (loss + 1)
    for place in range(loss, -1, -1):
        if place in wanted:
            wanted.update(nodes[place].args)
    waiting: dict[tuple[int, str], list[int]] = {}
    for place in sorted(wanted):
        if nodes[place].op not in LEAVES:
            depth[place] = 1 + max(depth[one] for one in nodes[place].args)
            waiting.setdefault((depth[place], nodes[place].op), []).append(place)
    for (_, op), places in sorted(waiting.items()):
        yield op, np.array(places), np.array([nodes[place].args for place in places])
