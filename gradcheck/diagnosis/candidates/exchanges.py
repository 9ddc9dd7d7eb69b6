"""Two like parts of one formula exchanged: the two directions of a shift, the gates of two products."""

import ast
from collections.abc import Iterator
from itertools import combinations

from gradcheck.diagnosis.candidates.places import Candidate, Place, operands, replaced, text_of
from gradcheck.diagnosis.edits import Swap, stretch

COST = 1.1


def exchange_parts(place: Place) -> Iterator[Candidate]:
    """Candidates that exchange what stands at the same place in two calls, subscripts or products that are alike.

    `k[0] * roll(x, -1) + k[2] * roll(x, 1)` for `k[0] * roll(x, 1) + k[2] * roll(x, -1)`.
    """
    likes: dict[tuple[str, int], list[list[ast.expr]]] = {}
    for node in operands(place):
        told = _taken_apart(place, node)
        if told is not None:
            head, parts = told
            likes.setdefault((head, len(parts)), []).append(parts)
    for alike in likes.values():
        for one, other in combinations(alike, 2):
            yield from _exchanged(place, one, other)


def _taken_apart(place: Place, node: ast.expr) -> tuple[str, list[ast.expr]] | None:
    """(what makes two expressions alike, the parts in which they may differ); None of all else."""
    match node:
        case ast.Call(func, args) if args:
            return f"{ast.unparse(func)}(", [*args, *(one.value for one in node.keywords)]
        case ast.Subscript(value, ast.Tuple(parts)):
            return f"{ast.unparse(value)}[", parts
        case ast.Subscript(value, index):
            return f"{ast.unparse(value)}[", [index]
        case ast.BinOp(left, ast.Mult() | ast.MatMult() as sign, right) if _is_summand(place, node):
            return type(sign).__name__, [left, right]
    return None


def _is_summand(place: Place, node: ast.expr) -> bool:
    parent = place.parents.get(node)
    return isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Add | ast.Sub)


def _exchanged(place: Place, one: list[ast.expr], other: list[ast.expr]) -> Iterator[Candidate]:
    for here, there in zip(one, other, strict=True):
        left, right = text_of(place, here), text_of(place, there)
        if left == right or _stand_inside(here, there):
            continue
        swaps = (*_written(place, here, right), *_written(place, there, left))
        yield Candidate(swaps, COST, f"{left} and {right} exchanged")


def _written(place: Place, node: ast.expr, new: str) -> tuple[Swap, ...]:
    """The change of a part; a slice is no expression, and needs no brackets."""
    if isinstance(node, ast.Slice) or ":" in new:
        return (Swap(*stretch(place.source, node), new),)
    return replaced(place, node, new, 0, "").swaps


def _stand_inside(one: ast.expr, other: ast.expr) -> bool:
    """Is the one a part of the other? Then there is nothing to exchange."""
    return any(part is other for part in ast.walk(one)) or any(part is one for part in ast.walk(other))
