"""The same numbers in another order: the other way round, with other axes, taken apart in another order."""

import ast
from collections.abc import Iterator
from itertools import permutations
from typing import Any

import numpy as np

from gradcheck.diagnosis.candidates.axes import HANDED_ON
from gradcheck.diagnosis.candidates.places import ATOM, Candidate, Place, guarded, operands, replaced, text_of

# Arrays of more axes have more orders of them than anybody confuses.
AXES = 4
CUMULATIVE = ("cumsum", "cumprod")


def rearrange(place: Place, values: dict[ast.expr, tuple[Any, ...]]) -> Iterator[Candidate]:
    """Candidates that put the numbers of a sub-expression into another order.

    values: what the sub-expressions have at some moments; those without one are no arrays.
    """
    for node in dict.fromkeys((place.expr, *operands(place))):
        had = values.get(node)
        shape = np.shape(had[0]) if had is not None else ()
        if shape and not isinstance(node, ast.Constant | ast.Compare):
            yield from _turned_round(place, node, len(shape))
            yield from _with_other_axes(place, node, len(shape))
        if isinstance(node, ast.Call):
            yield from _taken_apart(place, node)
            yield from _run_backwards(place, node)
            yield from _stretched(place, node)


def _turned_round(place: Place, node: ast.expr, axes: int) -> Iterator[Candidate]:
    """Reversed along the first axis, the last, or the last two: what a kernel or a sequence is read in."""
    text = text_of(place, node)
    if text.endswith("::-1]"):
        return
    ways = {("::-1",), (":",) * (axes - 1) + ("::-1",), (":",) * (axes - 2) + ("::-1",) * min(axes, 2)}
    for way in sorted(ways):
        is_name = isinstance(node, ast.Name | ast.Subscript | ast.Attribute)
        cost = 1.2 if is_name != (node is place.expr) else HANDED_ON if is_name else 1.5
        yield replaced(place, node, f"{guarded(text, ATOM)}[{', '.join(way)}]", cost, f"{text} the other way round")


def _with_other_axes(place: Place, node: ast.expr, axes: int) -> Iterator[Candidate]:
    """The axes of an array of three or four exchanged; instead of those of a transposition that stands there."""
    if not 2 < axes <= AXES:
        return
    inner = _transposed(node)
    text = text_of(place, node if inner is None else inner[0])
    for order in permutations(range(axes)):
        told = f"{guarded(text, ATOM)}.transpose({', '.join(map(str, order))})"
        if order != tuple(range(axes)) and (inner is None or order != inner[1]):
            yield replaced(place, node, told, 1.2 if inner is not None else 1.3, f"axes {order}")


def _transposed(node: ast.expr) -> tuple[ast.expr, tuple[int, ...]] | None:
    """What a call like `x.transpose(0, 2, 1)` transposes, and how; None for all else."""
    match node:
        case ast.Call(ast.Attribute(ast.Name("np"), "transpose"), [inner, ast.Tuple(parts)]):
            pass
        case ast.Call(ast.Attribute(inner, "transpose"), [ast.Tuple(parts)]):
            pass
        case ast.Call(ast.Attribute(inner, "transpose"), parts) if len(parts) > 1:
            pass
        case _:
            return None
    order = [part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, int)]
    return (inner, tuple(order)) if sorted(order) == list(range(len(parts))) else None


def _taken_apart(place: Place, node: ast.Call) -> Iterator[Candidate]:
    """`x.reshape(a, b, c)` as `x.reshape(b, a, c)` with the axes put back, and the other way."""
    sizes = _sizes(node)
    if sizes is not None and 2 <= len(sizes) <= AXES:
        for order in permutations(range(len(sizes))):
            back = ", ".join(str(order.index(axis)) for axis in range(len(sizes)))
            if order != tuple(range(len(sizes))):
                new = f"{_reshaped(place, node, [sizes[axis] for axis in order])}.transpose({back})"
                yield replaced(place, node, new, 1.4, "taken apart in another order")
    inner = _transposed(node)
    if inner is not None and isinstance(inner[0], ast.Call):
        sizes, order = _sizes(inner[0]), inner[1]
        if sizes is not None and len(sizes) == len(order):
            new = _reshaped(place, inner[0], [sizes[axis] for axis in order])
            yield replaced(place, node, new, 1.1, "taken apart in the order it has")


def _sizes(node: ast.Call) -> list[ast.expr] | None:
    """The sizes in `x.reshape(a, b)` and `x.reshape((a, b))`; None for all else."""
    match node:
        case ast.Call(ast.Attribute(ast.Name("np"), "reshape"), [_, ast.Tuple(parts)], []):
            return parts
        case ast.Call(ast.Attribute(_, "reshape"), [ast.Tuple(parts)], []):
            return parts
        case ast.Call(ast.Attribute(inner, "reshape"), [_, _, *_] as parts, []) if not _is_numpy(inner):
            return parts
    return None


def _is_numpy(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id in ("np", "numpy")


def _reshaped(place: Place, node: ast.Call, sizes: list[ast.expr]) -> str:
    """The reshaping with these sizes."""
    assert isinstance(node.func, ast.Attribute)
    inner = node.args[0] if _is_numpy(node.func.value) else node.func.value
    return f"{guarded(text_of(place, inner), ATOM)}.reshape({', '.join(text_of(place, size) for size in sizes)})"


def _run_backwards(place: Place, node: ast.Call) -> Iterator[Candidate]:
    """A running sum from the end instead of from the start."""
    if isinstance(node.func, ast.Attribute) and node.func.attr in CUMULATIVE and node.args:
        text = text_of(place, node.args[0])
        whole = text_of(place, node).replace(text, f"{guarded(text, ATOM)}[::-1]", 1)
        yield replaced(place, node, f"{whole}[::-1]", 1.3, f"{node.func.attr} from the end")


def _stretched(place: Place, node: ast.Call) -> Iterator[Candidate]:
    """Every entry repeated where the whole is laid side by side: `np.tile(x, (1, 2))` as np.repeat(x, 2, axis=1)."""
    match node:
        case ast.Call(ast.Attribute(module, "tile"), [array, times], []) if _is_numpy(module):
            parts = times.elts if isinstance(times, ast.Tuple) else [times]
        case _:
            return
    new = text_of(place, array)
    for axis, part in enumerate(parts):
        if not (isinstance(part, ast.Constant) and part.value == 1):
            new = f"np.repeat({new}, {text_of(place, part)}, axis={axis - len(parts) if len(parts) == 1 else axis})"
    yield replaced(place, node, new, 1.2, "every entry repeated")
