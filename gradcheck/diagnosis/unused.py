"""What a backward pass computes and never uses: a loud clue to a path that was forgotten."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
# With these, any name may be read behind the text's back.
OPAQUE = frozenset({"locals", "vars", "eval", "exec", "globals"})

VIEWS = frozenset({"reshape", "ravel", "transpose", "swapaxes", "squeeze", "view", "setdefault", "get"})


@dataclass(frozen=True, slots=True)
class Unused:
    """A value that nobody reads: its variable is never read, or `overwritten` on line `by` before anybody did."""

    name: str
    line: int
    kind: Literal["unread", "overwritten"]
    by: int | None = None

    @property
    def words(self) -> str:
        """`dvar` (line 31) is computed and never used."""
        what = "computed and never used" if self.by is None else f"overwritten on line {self.by} before it is used"
        return f"`{self.name}` (line {self.line}) is {what}"


def read_once(tree: ast.Module, function: str) -> frozenset[str]:
    """The names that a function of this qualified name assigns once and reads once."""
    named = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
    found = next((node for node in named if node.name == function.rpartition(".")[2]), None)
    names = [node for node in ast.walk(found) if isinstance(node, ast.Name)] if found else []
    read, written = ([one.id for one in names if isinstance(one.ctx, kind)] for kind in (ast.Load, ast.Store))
    return frozenset(name for name in read if read.count(name) == written.count(name) == 1)


def unused_in(function: Function) -> tuple[Unused, ...]:
    """Variables of a function that are assigned by themselves and never read, and values overwritten unread.

    Names that are unpacked from a tuple, loop variables, `_` and names that other functions share are not meant.
    """
    names = [node for node in ast.walk(function) if isinstance(node, ast.Name)]
    read = {node.id for node in names if isinstance(node.ctx, ast.Load)}
    if read & OPAQUE:
        return ()
    shared = {one for node in ast.walk(function) if isinstance(node, ast.Global | ast.Nonlocal) for one in node.names}
    changed = set(_changed_elsewhere(function))
    unread = {
        target.id: Unused(target.id, target.lineno, "unread")
        for statement in ast.walk(function)
        for target in _targets(statement)
        if target.id not in read | shared | changed and not target.id.startswith("_")
    }
    lost = (one for block in _blocks(function) for one in _overwritten(block) if one.name not in unread)
    return tuple(sorted((*unread.values(), *(one for one in lost if one.name not in shared)), key=lambda one: one.line))


def _changed_elsewhere(function: Function) -> Iterator[str]:
    """Names of a part of something else, that are added to: `row = dz[i]; row += d` changes dz."""
    augmented = {
        node.target.id
        for node in ast.walk(function)
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name)
    }
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and _may_be_a_view(node.value):
            yield from (target.id for target in _targets(node) if target.id in augmented)


def _may_be_a_view(value: ast.expr) -> bool:
    is_turned = isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr in VIEWS
    return is_turned or isinstance(value, ast.Name | ast.Attribute | ast.Subscript)


def _targets(statement: ast.AST) -> list[ast.Name]:
    """The variables that a statement stores a value of its own in."""
    if isinstance(statement, ast.Assign):
        return [target for target in statement.targets if isinstance(target, ast.Name)]
    if isinstance(statement, ast.AnnAssign | ast.AugAssign | ast.NamedExpr):
        return [statement.target] if isinstance(statement.target, ast.Name) else []
    return []


def _blocks(function: Function) -> Iterator[list[ast.stmt]]:
    for node in ast.walk(function):
        for field in ("body", "orelse", "finalbody"):
            block = getattr(node, field, None)
            if isinstance(block, list):
                yield block


def _overwritten(block: list[ast.stmt]) -> Iterator[Unused]:
    """Plain assignments in a row of statements after which the same variable is assigned again, unread."""
    waiting: dict[str, int] = {}
    for statement in block:
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                waiting.pop(node.id, None)
        if isinstance(statement, ast.AugAssign):
            waiting.pop(getattr(statement.target, "id", ""), None)
        for target in _targets(statement) if isinstance(statement, ast.Assign) else ():
            if target.id in waiting and not target.id.startswith("_"):
                yield Unused(target.id, waiting[target.id], "overwritten", statement.lineno)
            waiting[target.id] = statement.lineno
