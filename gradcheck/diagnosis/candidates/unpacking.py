"""Names that take a tuple apart in another order than the file puts it together: a cache is read as it was written."""

import ast
from collections.abc import Collection, Iterator
from functools import lru_cache

from gradcheck.diagnosis.candidates.places import Candidate
from gradcheck.diagnosis.edits import Source, Swap, stretch, written

# What the file itself says is nearer than any other change.
AS_PACKED = 0.7


def unpack_otherwise(source: Source, statement: ast.stmt, packed: Collection[tuple[str, ...]]) -> Iterator[Candidate]:
    """Candidates that put the names of a tuple among the targets in an order of the file; packed: as `packed_in`."""
    for names in _taken_apart(statement):
        texts = tuple(written(source, name) for name in names)
        for order in packed:
            if sorted(order) == sorted(texts) and order != texts:
                told = [(name, new) for name, old, new in zip(names, texts, order, strict=True) if new != old]
                swaps = tuple(Swap(*stretch(source, name), new) for name, new in told)
                yield Candidate(swaps, AS_PACKED, f"({', '.join(order)}) as it is put together")


@lru_cache(maxsize=16)
def packed_in(tree: ast.Module) -> tuple[tuple[str, ...], ...]:
    """The tuples and lists of names that a file puts together, as texts."""
    found = (node for node in ast.walk(tree) if _is_named(node, ast.Load))
    return tuple(dict.fromkeys(tuple(map(ast.unparse, _parts(node))) for node in found))


def _taken_apart(statement: ast.stmt) -> Iterator[list[ast.expr]]:
    """The names of every tuple among a statement's targets."""
    targets: list[ast.expr] = []
    if isinstance(statement, ast.For):
        targets = [statement.target]
    elif isinstance(statement, ast.Assign):
        targets = statement.targets
    for target in targets:
        yield from (_parts(node) for node in ast.walk(target) if _is_named(node, ast.Store))


def _is_named(node: ast.AST, context: type[ast.expr_context]) -> bool:
    """Is it a tuple or list of two names or more?"""
    parts = _parts(node)
    named = all(isinstance(part, ast.Name | ast.Attribute) for part in parts)
    return len(parts) > 1 and named and isinstance(getattr(node, "ctx", None), context)


def _parts(node: ast.AST) -> list[ast.expr]:
    return node.elts if isinstance(node, ast.Tuple | ast.List) else []
