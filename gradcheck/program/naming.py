"""The user's names on the nodes: what `x = ...` says about the numbers it stores."""

import sys
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from gradcheck.labels import entries
from gradcheck.program.programs import LEAVES
from gradcheck.program.scalars import Traced
from gradcheck.program.tape import Tape

Names = str | None | tuple[Any, ...]


def let(tape: Tape, names: Names, value: Any, before: frozenset[int] = frozenset()) -> Any:
    """The value that the assignment stores: its traced numbers now carry the name of the variable.

    A number that has a name already gets an alias (`out = neto`), unless a function that was called from here gave it:
    then the caller's name is the better one. before: nodes of the old value in `x += e`; they lose the name to the new.
    """
    if isinstance(names, tuple):
        return _unpack(tape, names, value)
    if names is None:
        return value
    if isinstance(value, Traced):
        return _name_number(tape, names, value, before)
    _name_entries(tape, names, _entries(names, value), before)
    return value


def kept(value: Any, number_only: bool = False) -> frozenset[int]:
    """The nodes of a value before `x += e`, to be recognised after it."""
    numbers = [value] if isinstance(value, Traced) else [] if number_only else [x for _, x in _entries("", value)]
    return frozenset(number.node for number in numbers)


def _unpack(tape: Tape, names: tuple[Any, ...], value: Any) -> Any:
    if isinstance(value, np.ndarray) and value.dtype != object:
        return value
    values = value if isinstance(value, (tuple, list, np.ndarray)) else tuple(value)
    if len(values) != len(names):
        return values  # Python's own message follows
    return tuple(let(tape, name, part) for name, part in zip(names, values, strict=True))


def _name_number(tape: Tape, name: str, value: Traced, before: frozenset[int]) -> Traced:
    node, depth = value.node, _depth()
    present = tape.names.get(node)
    _release(tape, name, before - {node})
    if tape.ops[node][0] == "number" or (present is not None and _is_known(tape, node, name, depth)):
        return value
    if present is not None and not _may_name(tape, node, depth):
        return Traced(tape, tape.alias(node, name), value.value)
    if present is not None:
        tape.take(node)
    tape.give(node, tape.free(name), name, depth)
    return value


def _is_known(tape: Tape, node: int, name: str, depth: int) -> bool:
    """Has the node this variable's name, or a caller's (a helper that the gradient calls again has no better one)?"""
    variable, given = tape.origins[node]
    return variable == name or (given < depth and tape.ops[node][0] not in LEAVES)


def _name_entries(tape: Tape, name: str, numbers: list[tuple[str, Traced]], before: frozenset[int]) -> None:
    # An array keeps its elements (another variable may be a view of it), so an array has no aliases.
    depth = _depth()
    _release(tape, name, before - {number.node for _, number in numbers})
    fresh = [(place, number.node) for place, number in numbers if _may_name(tape, number.node, depth)]
    fresh = list({node: (place, node) for place, node in reversed(fresh)}.values())
    for _, node in fresh:
        if node in tape.names:
            tape.take(node)
    stem = tape.free(name, [place for place, _ in fresh])
    for place, node in reversed(fresh):
        tape.give(node, stem + place, name, depth)


def _may_name(tape: Tape, node: int, depth: int) -> bool:
    if tape.ops[node][0] in LEAVES:
        return False
    return node not in tape.names or (tape.origins[node][1] > depth and node >= tape.forward)


def _release(tape: Tape, name: str, nodes: Iterable[int]) -> None:
    for node in nodes:
        own = node in tape.names and tape.origins[node][0] == name
        if own and node >= tape.forward and tape.ops[node][0] not in LEAVES:
            tape.take(node)


def _entries(name: str, value: Any) -> list[tuple[str, Traced]]:
    """(place, number) of the traced numbers in an array, or in a list or tuple of numbers."""
    if isinstance(value, (list, tuple)):
        return [(f"[{place}]", x) for place, x in enumerate(value) if isinstance(x, Traced)]
    if isinstance(value, np.ndarray) and value.dtype == object:
        places = ((text, value[index]) for text, index in entries("", value.shape))
        return [(text, x) for text, x in places if isinstance(x, Traced)]
    return []


def _depth() -> int:
    """How many calls lie between the tracer and the running code."""
    frame: Any = sys._getframe(1)
    depth = 0
    while frame is not None and frame.f_globals.get("__name__") != "gradcheck.program.tracing":
        depth += 1
        frame = frame.f_back
    return depth


def reporters(tape: Tape) -> dict[str, Callable[..., Any]]:
    """The functions that instrumented code calls about its assignments."""
    return {
        "__let__": lambda names, value, before=frozenset(): let(tape, names, value, before),
        "__kept__": kept,
    }
