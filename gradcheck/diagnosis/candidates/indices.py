"""An index one off, two indices exchanged, a slice that begins or ends elsewhere, another column."""

import ast
from collections.abc import Iterator, Sequence
from itertools import pairwise

from gradcheck.diagnosis.candidates.places import ADDED, ATOM, Candidate, Place, guarded, operands, replaced, text_of
from gradcheck.diagnosis.edits import Swap, stretch


def change_indices(place: Place) -> Iterator[Candidate]:
    """Candidates that change what stands between the brackets of a subscript; a slice is one edit."""
    for node in ast.walk(place.expr):
        if isinstance(node, ast.Tuple) and isinstance(place.parents.get(node, node), ast.Call | ast.Tuple):
            yield from _exchanged(place, node.elts)  # of np.add.at(d, (i, j), ...)
        if not isinstance(node, ast.Subscript):
            continue
        parts = parts_of(node.slice)
        for part in parts:
            yield from _shifted(place, part)
        yield from _exchanged(place, parts)
        if isinstance(node.ctx, ast.Load):
            is_turned = isinstance(node.slice, ast.Slice) and node.slice.step is not None
            cost = 0.9 if is_turned else 1.4
            yield replaced(place, node, text_of(place, node.value), cost, f"without {text_of(place, node.slice)}")


def shift_throughout(place: Place) -> Iterator[Candidate]:
    """All indices by the same name one more, or one less: `xs[k + 1] - ts[k + 1]` for `xs[k] - ts[k]`."""
    found: dict[str, list[ast.expr]] = {}
    for node in ast.walk(place.expr):
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
            for part in parts_of(node.slice):
                stem = part.left if isinstance(part, ast.BinOp) and isinstance(part.op, ast.Add | ast.Sub) else part
                if isinstance(stem, ast.Name):
                    found.setdefault(stem.id, []).append(part)
    for name, parts in found.items():
        if len(parts) > 1:
            shifts = [_neighbours(part, text_of(place, part)) for part in parts]
            for news, which in zip(zip(*shifts, strict=True), ("next", "previous"), strict=True):
                swaps = tuple(Swap(*stretch(place.source, one), new) for one, new in zip(parts, news, strict=True))
                yield Candidate(swaps, 1.1, f"the {which} {name} throughout")


def change_target(place: Place) -> Iterator[Candidate]:
    """The same for the index of a target, which is no subscript by itself."""
    parts = parts_of(place.expr)
    for part in parts:
        yield from _shifted(place, part)
    yield from _exchanged(place, parts)
    if isinstance(place.expr, ast.Name | ast.BinOp):
        text = text_of(place, place.expr)
        yield Candidate((Swap(*stretch(place.source, place.expr), f":, {text}"),), 1.0, f"column {text} for row {text}")


def other_indices(place: Place, names: Sequence[str]) -> Iterator[Candidate]:
    """Other names for the names in an index."""
    for node in operands(place):
        if isinstance(node, ast.Name):
            yield from (replaced(place, node, name, 1.1, f"{name} for {node.id}") for name in names if name != node.id)


def factored_indices(place: Place, names: Sequence[str]) -> Iterator[Candidate]:
    """A stride or dilation that is missing in an index: `NAME * i`."""
    for node in operands(place):
        if isinstance(node, ast.Name) and node.id not in names:
            yield from (replaced(place, node, f"{name} * {node.id}", 1.4, f"{name} times {node.id}") for name in names)


def other_slices(place: Place, slices: Sequence[str]) -> Iterator[Candidate]:
    """Another of these slices where one stands, in a value or in the index of a target: the next gate's."""
    for node in ast.walk(place.expr):
        if isinstance(node, ast.Slice) and (node.lower or node.upper):
            text = text_of(place, node)
            for other in slices:
                if other != text:
                    yield Candidate((Swap(*stretch(place.source, node), other),), 1.0, f"{other} for {text}")


def other_brackets(place: Place, brackets: Sequence[tuple[str, int]]) -> Iterator[Candidate]:
    """What stands between the brackets of another subscript of as many axes: `D[i + 1, j + 1]` for `D[i, j]`."""
    for node in ast.walk(place.expr):
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
            text, own = text_of(place, node.slice), len(parts_of(node.slice))
            for other, axes in brackets:
                if axes == own and other != text:
                    yield Candidate((Swap(*stretch(place.source, node.slice), other),), 1.05, f"{other} for {text}")


def parts_of(index: ast.expr) -> list[ast.expr]:
    """What the index of a subscript says of each axis that it tells a place on."""
    return index.elts if isinstance(index, ast.Tuple) else [index]


def _shifted(place: Place, part: ast.expr) -> Iterator[Candidate]:
    """One more, one less, counted from the other end; a slice at either end or at both."""
    if isinstance(part, ast.Slice):
        yield from _slices(place, part)
        return
    if isinstance(part, ast.Constant) and part.value is None:
        return
    text = text_of(place, part)
    for new in _neighbours(part, text):
        yield Candidate((Swap(*stretch(place.source, part), new),), 1.0, f"index {new}")
    yield from _from_the_other_end(place, part)
    backwards = f"{guarded(text, ATOM)}[::-1]"
    if text.endswith("[::-1]"):
        yield Candidate((Swap(*stretch(place.source, part), text[: -len("[::-1]")]),), 1.0, "not reversed")
    elif not isinstance(part, ast.Constant):
        yield Candidate((Swap(*stretch(place.source, part), backwards),), 1.8, f"{text} reversed")


def _from_the_other_end(place: Place, part: ast.expr) -> Iterator[Candidate]:
    """`x[-1 - t]` for x[t], and x[t] for `x[n - 1 - t]`."""
    if isinstance(part, ast.Name):
        yield Candidate((Swap(*stretch(place.source, part), f"-1 - {part.id}"),), 1.4, f"{part.id} from the end")
    elif isinstance(part, ast.BinOp) and isinstance(part.op, ast.Sub) and isinstance(part.right, ast.Name):
        yield Candidate((Swap(*stretch(place.source, part), part.right.id),), 1.2, f"{part.right.id} from the start")


def _slices(place: Place, part: ast.Slice) -> Iterator[Candidate]:
    bounds = [bound for bound in (part.lower, part.upper) if bound is not None]
    shifts = {id(bound): _neighbours(bound, text_of(place, bound)) for bound in bounds}
    for bound in bounds:
        for new in shifts[id(bound)]:
            yield Candidate((Swap(*stretch(place.source, bound), new),), 1.1, f"slice to {new}")
        yield Candidate((Swap(*stretch(place.source, bound), ""),), 1.2, "an open slice")
    if len(bounds) == 2:
        for lower, upper in zip(shifts[id(bounds[0])], shifts[id(bounds[1])], strict=False):
            swaps = (Swap(*stretch(place.source, bounds[0]), lower), Swap(*stretch(place.source, bounds[1]), upper))
            yield Candidate(swaps, 1.2, f"the slice {lower}:{upper}")
    elif len(bounds) == 1:
        text, (start, end) = text_of(place, bounds[0]), stretch(place.source, part)
        yield Candidate((Swap(start, end, f":{text}" if part.lower else f"{text}:"),), 1.2, "the other side of the cut")
        yield Candidate(
            (Swap(start, end, f"-{guarded(text, ATOM)}:" if part.upper else f":-{guarded(text, ATOM)}"),), 1.4, ""
        )


def _neighbours(part: ast.expr, text: str) -> tuple[str, ...]:
    """The index plus 1 and minus 1, written the short way: t - 1 + 1 is t."""
    if isinstance(part, ast.Constant) and isinstance(part.value, int):
        return str(part.value + 1), str(part.value - 1)
    if isinstance(part, ast.BinOp) and isinstance(part.right, ast.Constant) and part.right.value == 1:
        stem = ast.unparse(part.left)
        if isinstance(part.op, ast.Add):
            return f"{stem} + 2", stem
        if isinstance(part.op, ast.Sub):
            return stem, f"{stem} - 2"
    if isinstance(part, ast.UnaryOp) and isinstance(part.operand, ast.Constant):
        value = -int(part.operand.value) if isinstance(part.operand.value, int) else 0
        return str(value + 1), str(value - 1)
    stem = guarded(text, ADDED)
    return f"{stem} + 1", f"{stem} - 1"


def _exchanged(place: Place, parts: list[ast.expr]) -> Iterator[Candidate]:
    for one, other in pairwise(parts):
        if text_of(place, one) != text_of(place, other):
            swaps = (
                Swap(*stretch(place.source, one), text_of(place, other)),
                Swap(*stretch(place.source, other), text_of(place, one)),
            )
            yield Candidate(swaps, 1.0, "indices exchanged")
