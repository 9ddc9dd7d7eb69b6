"""A file rewritten so that the value of every site passes through our hands."""

import ast
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from gradcheck.diagnosis.sites import Site

WATCH = "__gradcheck_watch__"
# An expression stands in a field of a node: (node, name of the field, place in it where it is a list).
Slot = tuple[ast.AST, str, int | None]


@contextmanager
def instrumented(tree: ast.Module, sites: Sequence[Site]) -> Iterator[ast.Module]:
    """The tree with `e` as `watch(number, e)` at every site whose value can be replaced; lines stay what they are.

    tree: the one in which the sites were found; it is so while the block runs, and what it was after it.
    """
    numbers = {id(site.expr): site.number for site in sites if site.is_value}
    statements = {id(site.statement): site.statement for site in sites}
    slots = [one for statement in statements.values() for one in _slots(statement, numbers)]
    for slot, expr in slots:
        _fill(slot, _watched(numbers[id(expr)], expr))
    try:
        yield tree
    finally:
        for slot, expr in slots:
            _fill(slot, expr)


def _slots(statement: ast.stmt, numbers: dict[int, int]) -> Iterator[tuple[Slot, ast.expr]]:
    """Where the sites of a statement stand in it, but not in the statements inside it."""
    waiting: list[ast.AST] = [statement]
    while waiting:
        node = waiting.pop()
        for field, value in ast.iter_fields(node):
            for place, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
                if isinstance(child, ast.AST) and not isinstance(child, ast.stmt | ast.expr_context | ast.operator):
                    waiting.append(child)
                    if id(child) in numbers and isinstance(child, ast.expr):
                        yield (node, field, place), child


def _watched(number: int, expr: ast.expr) -> ast.Call:
    watch, told = (ast.copy_location(one, expr) for one in (ast.Name(WATCH, ast.Load()), ast.Constant(number)))
    return ast.copy_location(ast.Call(watch, [told, expr], []), expr)


def _fill(slot: Slot, expr: ast.expr) -> None:
    node, field, place = slot
    if place is None:
        setattr(node, field, expr)
    else:
        getattr(node, field)[place] = expr
