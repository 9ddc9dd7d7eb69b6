"""What differs between two texts of a file, as pairs of expressions or statements."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any


@dataclass(frozen=True, eq=False)
class Change:
    """The smallest differing piece: `old` became `new`, either None where something is missing or too much.

    before, after: the statement around it, as it was and as it is. chain: the factors of the product that it is one of.
    """

    old: ast.AST | None
    new: ast.AST | None
    before: ast.stmt
    after: ast.stmt
    chain: tuple[ast.expr, ...] = ()


def changes_between(old: str, new: str) -> tuple[Change, ...]:
    """Every change from the one text to the other, in the order of the text; raises SyntaxError."""
    return tuple(_rows(ast.parse(old).body, ast.parse(new).body))


def factors_of(node: ast.expr) -> list[ast.expr]:
    """The factors of a product, `a*b*(c)` as a, b, c; anything else alone."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        return [*factors_of(node.left), *factors_of(node.right)]
    return [node]


def text_of(node: ast.AST | None) -> str:
    """The node as code; empty where there is none."""
    return "" if node is None else ast.unparse(node)


def listed(nodes: Sequence[ast.AST]) -> str:
    """Pieces of code in a row: `a` and `b`."""
    return " and ".join(f"`{text_of(node)}`" for node in nodes)


def same(one: ast.AST, other: ast.AST) -> bool:
    """Do they say the same, wherever they stand?"""
    return ast.dump(one) == ast.dump(other)


def _rows(old: Sequence[ast.stmt], new: Sequence[ast.stmt]) -> Iterator[Change]:
    """Changes of a row of statements: what is missing, what is too much, what changed inside."""
    before, after = [ast.dump(one) for one in old], [ast.dump(one) for one in new]
    for kind, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        pairs = list(zip(old[i:j], new[k:m], strict=False))
        yield from (change for one, other in pairs for change in _inside(one, other, one, other, ()))
        yield from (Change(one, None, one, one) for one in old[i + len(pairs) : j])
        yield from (Change(None, one, one, one) for one in new[k + len(pairs) : m])


def _inside(
    one: ast.AST, other: ast.AST, before: ast.stmt, after: ast.stmt, chain: tuple[ast.expr, ...]
) -> Iterator[Change]:
    """The smallest differing pieces of two nodes; the nodes themselves where no single part tells the difference."""
    if same(one, other):
        return
    parts = None if type(one) is not type(other) or isinstance(one, WHOLE) else _parts(one, other)
    if parts is None or (len(parts) > 1 and not isinstance(one, MANY)):
        yield Change(one, other, before, after, chain)
        return
    is_product = isinstance(one, ast.BinOp) and isinstance(one.op, ast.Mult)
    inner = (chain or tuple(factors_of(one))) if is_product and isinstance(one, ast.expr) else ()
    for first, second in parts:
        if isinstance(first, list):
            yield from _rows(first, second)
        else:
            yield from _inside(first, second, before, after, inner)


# Of these, every part may change by itself; of those, none: a reader needs the whole of h[t - 1] and axis=0.
MANY = (ast.stmt, ast.Dict, ast.Tuple, ast.List, ast.arguments)
WHOLE = (ast.keyword, ast.Subscript)


def _parts(one: ast.AST, other: ast.AST) -> list[tuple[Any, Any]] | None:
    """The differing children of two nodes of one type, rows of statements as a whole; None where more differs."""
    parts: list[tuple[Any, Any]] = []
    for field in one._fields:
        first, second = getattr(one, field), getattr(other, field)
        if isinstance(first, list) and first and isinstance(first[0], ast.stmt):
            parts.append((first, second))
        elif isinstance(first, list) and isinstance(second, list):
            if len(first) != len(second):
                return None
            parts += [pair for pair in zip(first, second, strict=True) if not _equal(*pair)]
        elif not _equal(first, second):
            parts.append((first, second))
    changed = [pair for pair in parts if not _equal(*pair)]
    whole = all(
        isinstance(part, ast.AST | list) and not isinstance(part, OPERATORS) for pair in changed for part in pair
    )
    return changed if whole and changed else None


OPERATORS = (ast.operator, ast.unaryop, ast.cmpop, ast.boolop)


def _equal(first: Any, second: Any) -> bool:
    if isinstance(first, list) and isinstance(second, list):
        return len(first) == len(second) and all(_equal(*pair) for pair in zip(first, second, strict=True))
    return same(first, second) if isinstance(first, ast.AST) and isinstance(second, ast.AST) else first == second
