"""Where a script steps its parameters: `w -= rate * dw`, and the loops around it."""

import ast
from collections.abc import Iterator, Sequence

from gradcheck.subject.dataflow import LOOPS, SCOPES, base_of

Chain = tuple[ast.For | ast.While, ...]


def updates_of(body: Sequence[ast.stmt]) -> Iterator[tuple[str, ast.expr, bool, int]]:
    """(name, e, is it subtracted, line) for every `name -= e`, `name = name - e`, `name += e` in a block."""
    for _, statement in chains_of(body, ()):
        for target, value in _assignments(statement):
            name = base_of(target)
            signed = _step(statement, target, value)
            if name and signed:
                yield name, signed[0], signed[1], statement.lineno


def _step(statement: ast.stmt, target: ast.expr, value: ast.expr) -> tuple[ast.expr, bool] | None:
    """(e, is it subtracted) of `x -= e` and `x = x - e`."""
    op: ast.operator | None = None
    if isinstance(statement, ast.AugAssign):
        op, change = statement.op, value
    elif isinstance(value, ast.BinOp) and ast.unparse(value.left) == ast.unparse(target):
        op, change = value.op, value.right
    if not isinstance(op, ast.Add | ast.Sub):
        return None
    first = change
    while isinstance(first, ast.BinOp) and isinstance(first.op, ast.Mult | ast.Div):
        first = first.left
    negative = isinstance(first, ast.UnaryOp) and isinstance(first.op, ast.USub)
    return change, isinstance(op, ast.Sub) != negative


def _assignments(statement: ast.stmt) -> Iterator[tuple[ast.expr, ast.expr]]:
    """(target, value), tuples taken apart."""
    if isinstance(statement, ast.AugAssign):
        yield statement.target, statement.value
    for target in statement.targets if isinstance(statement, ast.Assign) else ():
        value = statement.value if isinstance(statement, ast.Assign) else target
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
            yield from zip(target.elts, value.elts, strict=True)
        else:
            yield target, value


def chains_of(block: Sequence[ast.stmt], around: Chain) -> Iterator[tuple[Chain, ast.stmt]]:
    """(the loops around it, statement) for every simple statement outside of functions."""
    for statement in block:
        if isinstance(statement, SCOPES):
            continue
        blocks = blocks_of(statement)
        inner = (*around, statement) if isinstance(statement, LOOPS) else around
        for one in blocks:
            yield from chains_of(one, inner)
        if not blocks:
            yield around, statement


def blocks_of(statement: ast.stmt) -> list[list[ast.stmt]]:
    """The blocks of statements that a statement holds."""
    named = [getattr(statement, field, None) for field in ("body", "orelse", "finalbody")]
    return [one for one in named if isinstance(one, list) and one]


def stores_of(statement: ast.stmt) -> set[str]:
    """The names, or what begins with them, that a statement assigns: `w`, and `w` of `w[0]`."""
    return {name for target, _ in _assignments(statement) if (name := base_of(target))}
