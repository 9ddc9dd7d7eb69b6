"""Mistakes of order and time: not accumulated, overwritten too early, done twice, left out, the wrong step."""

import ast
from collections.abc import Iterator

from .sources import Change, Place

Changes = Iterator[list[Change]]


def _names(node: ast.AST, kind: type) -> set[str]:
    return {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name) and isinstance(inner.ctx, kind)}


def _mark(place: Place, statement: ast.AugAssign) -> tuple[int, int]:
    """Where += or -= stands."""
    start, end = place.source.span(statement.target)[1], place.source.span(statement.value)[0]
    at = place.source.text.index("=", start, end)
    return at - 1, at + 1


def forgot_to_accumulate(place: Place) -> Changes:
    if isinstance(place.statement, ast.AugAssign) and isinstance(place.statement.op, ast.Add):
        yield [(*_mark(place, place.statement), "=")]


def accumulated_with_the_wrong_sign(place: Place) -> Changes:
    if isinstance(place.statement, ast.AugAssign) and isinstance(place.statement.op, ast.Add | ast.Sub):
        yield [(*_mark(place, place.statement), "-=" if isinstance(place.statement.op, ast.Add) else "+=")]


def _whole(place: Place, statement: ast.stmt) -> str:
    start, end = place.source.lines(statement)
    return place.source.text[start:end]


def overwritten_too_early(place: Place) -> Changes:
    """The statement stands above the last one that needs the old value."""
    if not isinstance(place.statement, ast.Assign):
        return
    written = {t.id for t in place.statement.targets if isinstance(t, ast.Name)}
    for above in reversed(place.block[: place.index]):
        if _names(above, ast.Store) & _names(place.statement, ast.Load):
            return
        if written & _names(above, ast.Load):
            at = place.source.lines(above)[0]
            yield [(at, at, _whole(place, place.statement)), (*place.source.lines(place.statement), "")]
            return


def done_twice(place: Place) -> Changes:
    if isinstance(place.statement, ast.AugAssign) and isinstance(place.statement.op, ast.Add | ast.Sub):
        end = place.source.lines(place.statement)[1]
        yield [(end, end, _whole(place, place.statement))]


def left_out(place: Place) -> Changes:
    """The second and later accumulation into a name, forgotten as a whole."""
    if isinstance(place.statement, ast.AugAssign) and len(place.block) > 1:
        yield [(*place.source.lines(place.statement), "")]


def _counters(place: Place) -> set[str]:
    return {name for loop in place.loops for name in _names(loop.target, ast.Store)}


def wrong_step(place: Place) -> Changes:
    """hs[t] for hs[t - 1] and the reverse, x[t - 1] for x[t]."""
    for node in place.inside(ast.Subscript):
        index = node.slice
        if isinstance(index, ast.BinOp) and isinstance(index.left, ast.Name) and index.left.id in _counters(place):
            yield [place.source.put(index, index.left.id)]
        elif isinstance(index, ast.Name) and index.id in _counters(place):
            yield [place.source.put(index, f"{index.id} - 1")]


def last_step_for_this_one(place: Place) -> Changes:
    """Left over from the loop of the forward pass: hs[-1] for hs[t]."""
    for node in place.inside(ast.Subscript):
        if _names(node.slice, ast.Load) & _counters(place) and isinstance(node.slice, ast.Name | ast.BinOp):
            yield [place.source.put(node.slice, "-1")]


def forgot_to_go_backwards(place: Place) -> Changes:
    loop = place.statement
    if isinstance(loop, ast.For) and isinstance(loop.iter, ast.Call) and place.source.of(loop.iter.func) == "reversed":
        yield [place.source.put(loop.iter, place.source.of(loop.iter.args[0]))]


def stopped_one_step_early(place: Place) -> Changes:
    loop = place.statement
    for node in ast.walk(loop.iter) if isinstance(loop, ast.For) else ():
        if isinstance(node, ast.Call) and place.source.of(node.func) == "range":
            if len(node.args) == 1:
                yield [place.source.put(node.args[0], f"1, {place.source.of(node.args[0])}")]
            elif len(node.args) == 3 and place.source.of(node.args[1]) == "-1":
                yield [place.source.put(node.args[1], "0")]


MISTAKES = (
    forgot_to_accumulate,
    accumulated_with_the_wrong_sign,
    overwritten_too_early,
    done_twice,
    left_out,
    wrong_step,
    last_step_for_this_one,
    forgot_to_go_backwards,
    stopped_one_step_early,
)
