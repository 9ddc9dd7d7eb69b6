"""A function that is gone through for its targets: where each is used, made first, and left empty."""

import ast
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from gradcheck.diagnosis.accesses import Access, accesses_in, base_and_key, names_in
from gradcheck.diagnosis.edits import Source
from gradcheck.diagnosis.targets import Target, target_of, targets_in


@dataclass(frozen=True, eq=False)
class Scan:
    """A function that is gone through.

    born: by name, the first line that makes it, 0 for what it is given. empty: what zeros are stored to, and no more.
    """

    source: Source
    function: ast.FunctionDef
    targets: tuple[Target, ...]
    born: Mapping[str, int]
    empty: frozenset[str]
    seen: dict[int, tuple[Access, ...]] = field(default_factory=dict)

    def accesses(self, statement: ast.stmt) -> tuple[Access, ...]:
        """Of a statement, found once."""
        if id(statement) not in self.seen:
            self.seen[id(statement)] = accesses_in(statement)
        return self.seen[id(statement)]

    def edges(self, block: Sequence[ast.stmt], target: Target) -> list[int]:
        """The places in a block where what was added to a target by then is seen, or overwritten."""
        return [
            i
            for i, one in enumerate(block)
            if any(access.touches(target.base, target.key) for access in self.accesses(one))
        ]

    def is_summed(self, block: Sequence[ast.stmt], target: Target) -> bool:
        """Does a block add to it?"""
        own = [access for one in block for access in self.accesses(one) if access.is_of(target.base, target.key)]
        return any(access.kind == "add" for access in own)

    def is_seen(self, statement: ast.stmt, target: Target) -> bool:
        """Is it read there, before it is stored anew?"""
        found = (one for one in self.accesses(statement) if one.touches(target.base, target.key))
        return next(found).kind == "read"

    def is_carried(self, loop: ast.stmt, target: Target) -> bool:
        """Is it read as a whole in a loop that stores nothing to it?"""
        found = {(one.kind, one.is_part) for one in self.accesses(loop) if one.is_of(target.base, target.key)}
        return found == {("read", False)}


def scan_of(source: Source, function: ast.FunctionDef, wrong: Collection[str], known: Collection[str]) -> Scan:
    """The function with its targets, before any statement is looked at; wrong, known: as targets_in takes them."""
    given = {argument.arg for argument in ast.walk(function.args) if isinstance(argument, ast.arg)} - {"self"}
    targets = targets_in(function, given, wrong, known)
    return Scan(source, function, targets, _born(function, given), frozenset(_empty(function)))


def _born(function: ast.FunctionDef, given: Collection[str]) -> dict[str, int]:
    """By name, and attribute of `self`, the last line of the statement that makes it first."""
    born: dict[str, int] = {}
    for one in ast.walk(function):
        if isinstance(one, ast.For):
            names, line = names_in(one.target), one.lineno
        elif isinstance(one, ast.Assign | ast.AugAssign):
            names, line = {a.base for a in accesses_in(one) if a.kind != "read"}, one.end_lineno or one.lineno
        else:
            continue
        for name in names:
            born[name] = min(line, born.get(name, line))
    return {**born, **dict.fromkeys(given, 0)}


def _empty(function: ast.FunctionDef) -> Iterator[str]:
    """What zeros are stored to, and nothing else."""
    stored = [one for one in _accesses_of(function) if one.kind != "read"]
    for one in ast.walk(function):
        if isinstance(one, ast.Assign) and len(one.targets) == 1:
            target = one.targets[0]
            pairs = [(target, one.value)]
            if isinstance(target, ast.Tuple) and isinstance(one.value, ast.Tuple):
                pairs = list(zip(target.elts, one.value.elts, strict=False))
            for name, value in pairs:
                base, key = base_and_key(name)
                if _is_zero(value) and sum(access.is_of(base, key) for access in stored) == 1:
                    yield target_of(name).text


def _accesses_of(function: ast.FunctionDef) -> list[Access]:
    return [access for statement in function.body for access in accesses_in(statement)]


def _is_zero(value: ast.expr) -> bool:
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
        return value.func.attr in ("zeros", "zeros_like")
    return isinstance(value, ast.Constant) and value.value == 0
