"""Where a statement may be missing altogether: after which one, and what it would add to or multiply."""

import ast
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from gradcheck.diagnosis.edits import Source


@dataclass(frozen=True, eq=False)
class Spot:
    """A place where a statement `target += ...` may be missing.

    after: the statement before it; start: offset in the text where its line would begin; indent: what that begins with.
    """

    target: str
    after: ast.stmt
    start: int
    indent: str

    def line(self, source: Source, rest: str) -> str:
        """The new line, `rest` following the target."""
        target = self.target if self.target in source.text else self.target.replace("'", '"')
        before = "" if source.text[: self.start].endswith(("\n", "\r")) else "\n"
        return f"{before}{self.indent}{target} {rest}\n"


@dataclass(frozen=True, eq=False)
class Rounds:
    """The spots inside a loop for a target that was made before it and is not stored to in the loop's own block.

    how: "+=" where the loop does nothing but add to it, "=" where its rounds read it. total: the spot after the loop;
    what the rounds add could be added there as well. None where it could not: the target depends on the round.
    """

    ends: tuple[Spot, ...]
    how: str
    total: Spot | None


def totals_in(source: Source, function: ast.FunctionDef, wrong: Collection[str]) -> list[Spot]:
    """Spots after which, in its block, a target of the function is stored to no more.

    wrong: parameters whose gradients are; what a dict holds under these names is a target too, at the function's end.
    """
    found: dict[tuple[str, int, str], Spot] = {}
    for block in _blocks(function):
        last = {target: one for one in block for target in _stored(one)}
        if block is function.body:
            last |= {target: one for target in keyed_in(function, wrong) for one in block[-2:-1]}
        for target, statement in last.items():
            spot = _after(source, block, statement, target)
            if spot is not None:
                found.setdefault((target, spot.start, spot.indent), spot)
    return sorted(found.values(), key=lambda one: one.start)


def rounds_in(source: Source, function: ast.FunctionDef, wrong: Collection[str]) -> Iterator[Rounds]:
    """The rounds of every loop for every target that may be missing there; of what they read, for zeros only."""
    keyed = keyed_in(function, wrong)
    for outer, block, loop in _loops(function, None):
        above = [one for one in _statements(function) if one.lineno < outer.lineno]
        before = {target for one in above for target in _stored(one)}
        zeros = {target for one in above if _is_zero(one) for target in _stored(one)}
        inside = {*_stored(loop), *_counters(loop)}
        for target in dict.fromkeys((*sorted(before - inside), *(k for k in keyed if _base(k) in before))):
            is_read = _reads(outer, _base(target))
            if target in inside or (is_read and target not in zeros):
                continue
            ends = (_after(source, loop.body, one, target) for one in dict.fromkeys(_round_ends(loop)))
            total = None if is_read or _names(target) & inside else _after(source, block, outer, target)
            if total is not None or is_read or _names(target) & inside:
                yield Rounds(tuple(one for one in ends if one is not None), "=" if is_read else "+=", total)


def _counters(loop: ast.stmt) -> set[str]:
    """What a loop, and those inside it, run over."""
    targets = [one.target for one in _statements(loop) if isinstance(one, ast.For)]
    return {part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)}


def _is_zero(statement: ast.stmt) -> bool:
    """Does an assignment make zeros, of all that it stores to?"""
    value = getattr(statement, "value", None)
    parts = value.elts if isinstance(value, ast.Tuple) else [value]
    return isinstance(statement, ast.Assign) and all(
        (isinstance(one, ast.Constant) and one.value == 0)
        or (
            isinstance(one, ast.Call)
            and isinstance(one.func, ast.Attribute)
            and one.func.attr in ("zeros", "zeros_like")
        )
        for one in parts
    )


def _names(target: str) -> set[str]:
    return {node.id for node in ast.walk(ast.parse(target)) if isinstance(node, ast.Name)}


Loop = ast.For | ast.While


def _loops(node: ast.AST, outer: tuple[Loop, list[ast.stmt]] | None) -> Iterator[tuple[Loop, list[ast.stmt], Loop]]:
    """(the outermost loop around it, the block that stands in, the loop)."""
    for field in ("body", "orelse"):
        block = getattr(node, field, None)
        if not isinstance(block, list):
            continue
        for child in block:
            if isinstance(child, ast.For | ast.While):
                around = outer or (child, block)
                yield (*around, child)
                yield from _loops(child, around)
            elif not isinstance(child, ast.FunctionDef):
                yield from _loops(child, outer)


def _after(source: Source, block: Sequence[ast.stmt], statement: ast.stmt, target: str) -> Spot | None:
    """The spot on the line after a statement; None where that shares its line with another."""
    last = statement.end_lineno or statement.lineno
    if any(one is not statement and one.lineno <= last <= (one.end_lineno or one.lineno) for one in block):
        return None
    first = source.line(block[0].lineno)
    indent = first[: len(first) - len(first.lstrip())]
    if len(indent) != block[0].col_offset:
        return None
    return Spot(target, statement, source.lines[last] if last < len(source.lines) else len(source.text), indent)


def _round_ends(loop: Loop) -> Iterator[ast.stmt]:
    """After what a round may add more: the last such statement, the one before what the next begins with, the last."""
    yield from [one for one in loop.body if isinstance(one, ast.AugAssign)][-1:]
    read: set[str] = set()
    for before, statement in zip(loop.body, loop.body[1:], strict=False):
        read |= {part.id for part in ast.walk(before) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load)}
        if isinstance(statement, ast.Assign) and read & set(_stored(statement)):
            yield before
            break
    yield loop.body[-1]


def _stored(statement: ast.stmt) -> list[str]:
    """What a statement, or one inside it, stores to: names, parts and attributes, and what those are parts of."""
    found = []
    for one in _statements(statement):
        targets = one.targets if isinstance(one, ast.Assign) else [getattr(one, "target", None)]
        for target in targets if not isinstance(one, ast.For) else ():
            parts = target.elts if isinstance(target, ast.Tuple | ast.List) else [target]
            found += [ast.unparse(part) for part in parts if isinstance(part, ast.Name | ast.Subscript | ast.Attribute)]
            found += [
                ast.unparse(part.value)
                for part in parts
                if isinstance(part, ast.Subscript) and not isinstance(part.slice, ast.Constant)
            ]
    return list(dict.fromkeys(found))


def keyed_in(function: ast.FunctionDef, wrong: Collection[str]) -> list[str]:
    """What the function's dicts may hold under the names of the wrong parameters, as it writes other keys."""
    found = dict[str, None]()
    begin = _common_start(sorted(wrong))
    for node in ast.walk(function):
        if not isinstance(node, ast.Subscript) or not isinstance(node.ctx, ast.Store):
            continue
        base, made = ast.unparse(node.value), node.slice
        if isinstance(made, ast.Constant) and isinstance(made.value, str):
            found |= {f"{base}[{name!r}]": None for name in sorted(wrong)}
        if isinstance(made, ast.BinOp) and isinstance(made.left, ast.Constant) and begin:
            found[f"{base}[{begin!r} + {ast.unparse(made.right)}]"] = None
    return list(found)


def _common_start(names: Sequence[str]) -> str:
    """The letters that all of some names begin with."""
    return "".join(letters[0] for letters in takewhile(lambda one: len(set(one)) == 1, zip(*names, strict=False)))


def _base(target: str) -> str:
    return target.partition("[")[0]


def _reads(loop: ast.stmt, name: str) -> bool:
    """Does a loop read something other than to store to a part of it?"""
    stores = [
        target
        for one in _statements(loop)
        for target in (one.targets if isinstance(one, ast.Assign) else [getattr(one, "target", None)])
    ]
    stored = {id(part) for target in stores if target is not None for part in ast.walk(target)}
    return any(
        isinstance(node, ast.Name | ast.Attribute) and ast.unparse(node) == name and id(node) not in stored
        for node in ast.walk(loop)
    )


def _statements(node: ast.AST) -> Iterator[ast.stmt]:
    return (inner for inner in ast.walk(node) if isinstance(inner, ast.stmt))


def _blocks(function: ast.FunctionDef) -> Iterator[list[ast.stmt]]:
    for inner in ast.walk(function):
        for field in ("body", "orelse"):
            block = getattr(inner, field, None)
            if isinstance(block, list) and block:
                yield block
