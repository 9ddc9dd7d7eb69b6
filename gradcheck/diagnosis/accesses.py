"""What the statements of a function read, store to and add to."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["read", "store", "add"]


@dataclass(frozen=True, slots=True)
class Access:
    """One use of a variable, or of an attribute of `self`: its text, and the key of letters of the entry meant.

    kind: "add" is `+=` or `-=` to it or to a part of it, "store" any other change. is_part: an index tells which.
    """

    base: str
    key: str | None
    kind: Kind
    is_part: bool = False

    def is_of(self, base: str, key: str | None) -> bool:
        """Is it one of this variable, or of this entry of it?"""
        return self.base == base and (None in (self.key, key) or self.key == key)

    def touches(self, base: str, key: str | None) -> bool:
        """Is what was added to it seen, or overwritten, here? Sums may be made in any order."""
        return self.kind != "add" and self.is_of(base, key)


def accesses_in(statement: ast.stmt) -> tuple[Access, ...]:
    """All of a statement's, and of those inside it, in the order in which they happen."""
    return tuple(_accesses(statement))


def base_and_key(node: ast.expr) -> tuple[str, str | None]:
    """The variable that an expression is, or is a part of, and the key of letters that the part is kept under."""
    key = None
    while isinstance(node, ast.Subscript | ast.Attribute) and not _is_own(node):
        key = ast.unparse(node.slice) if isinstance(node, ast.Subscript) and _is_word(node.slice) else None
        node = node.value
    return ast.unparse(node), key


def names_in(node: ast.AST) -> set[str]:
    """The names in a piece of code."""
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def _accesses(node: ast.AST) -> Iterator[Access]:
    if isinstance(node, ast.AugAssign):
        yield from (*_accesses(node.value), *_inside(node.target))
        is_sum = isinstance(node.op, ast.Add | ast.Sub)
        kinds: tuple[Kind, ...] = ("add",) if is_sum else ("read", "store")
        yield from (Access(*base_and_key(node.target), kind) for kind in kinds)
    elif isinstance(node, ast.Assign):
        yield from _accesses(node.value)
        for target in node.targets:
            yield from _accesses(target)
    elif isinstance(node, ast.For):
        yield from _accesses(node.iter)
        for child in (node.target, *node.body, *node.orelse):
            yield from _accesses(child)
    elif isinstance(node, ast.Name | ast.Attribute | ast.Subscript):
        yield from _inside(node)
        if _is_variable(node):
            base, key = base_and_key(node)
            is_part = key is None and isinstance(node, ast.Subscript)
            yield Access(base, key, "read" if isinstance(node.ctx, ast.Load) else "store", is_part)
    else:
        for child in ast.iter_child_nodes(node):
            yield from _accesses(child)


def _inside(node: ast.expr) -> Iterator[Access]:
    """The accesses in the indices of a target, or of what is read, and in what no name stands for."""
    while isinstance(node, ast.Subscript | ast.Attribute) and not _is_own(node):
        if isinstance(node, ast.Subscript):
            yield from _accesses(node.slice)
        node = node.value
    if not isinstance(node, ast.Name) and not _is_own(node):
        yield from _accesses(node)


def _is_variable(node: ast.expr) -> bool:
    """Is it a name, or a part of what a name stands for?"""
    while isinstance(node, ast.Subscript | ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name)


def _is_own(node: ast.expr) -> bool:
    """`self.dW` is a variable by itself."""
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self"


def _is_word(node: ast.expr) -> bool:
    """Is it a key that is told by its letters: "W", "W%d" % i, f"W{i}"?"""
    if isinstance(node, ast.BinOp):
        return _is_word(node.left)
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))
