"""Where a statement may be missing altogether: after which one, and which variable it would change."""

import ast
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from gradcheck.diagnosis.accesses import names_in
from gradcheck.diagnosis.counters import counters_in, indices_in
from gradcheck.diagnosis.edits import Source
from gradcheck.diagnosis.scans import Scan, scan_of
from gradcheck.diagnosis.targets import Target

LEAVING = (ast.Return, ast.Continue, ast.Break, ast.Raise)


@dataclass(frozen=True, eq=False)
class Spot:
    """A place where a statement that changes a target may be missing.

    after: the statement before it, or at the start of a block the one that follows; start: offset in the text where its
    line would begin; indent: what that begins with. around: the spot of a block around this one at which the sum of all
    that is added here could be added as well; whole: the spot here of what the target is a part of. is_carried: rounds
    of a loop read what was zero or given before it, and store nothing to it. is_given: the target is an argument, which
    is somebody else's. others: the places after sums above, where it would do as well, each with the names that are
    stored from there to here. is_likely: its block adds to it, or it is carried, or nothing is stored to it but zeros.
    is_made: the statement before it makes the target.
    """

    target: str
    after: ast.stmt
    start: int
    indent: str
    around: "Spot | None" = None
    whole: "Spot | None" = None
    is_carried: bool = False
    is_given: bool = False
    others: "tuple[tuple[Spot, frozenset[str]], ...]" = ()
    is_likely: bool = False
    is_made: bool = False

    def best_for(self, statement: str) -> "Spot":
        """Where a person would write it: after the last of the sums above, if what it reads is the same there."""
        names = names_in(ast.parse(statement))
        return next((spot for spot, stored in self.others if not names & stored), self)

    def line(self, source: Source, statement: str) -> str:
        """The new line, or lines, that a statement takes, with its end."""
        rows = statement.replace("'", '"') if "'" in self.target and self.target not in source.text else statement
        before = "" if source.text[: self.start].endswith(("\n", "\r")) else "\n"
        return before + "".join(f"{self.indent}{row}\n" for row in rows.split("\n"))


def spots_in(
    source: Source, function: ast.FunctionDef, wrong: Collection[str], known: Collection[str] = ()
) -> list[Spot]:
    """For every variable of a function the places between two statements that use it, each at its latest line.

    wrong: parameters whose gradients are; what a dict holds under these names is a target too. known: names of what is
    right. Between two uses it does not matter where something is added, and the latest line has most in scope.
    """
    scan = scan_of(source, function, wrong, known)
    return list(_of_block(scan, function.body, {}, _ends(scan.targets), ()))


def _ends(targets: Sequence[Target]) -> frozenset[Target]:
    """What is seen after the end of the function: attributes."""
    return frozenset(one for one in targets if one.base.startswith("self."))


def _of_block(
    scan: Scan,
    block: Sequence[ast.stmt],
    around: Mapping[Target, Spot | None],
    live: Collection[Target],
    loops: tuple[ast.stmt, ...],
) -> Iterator[Spot]:
    """The spots of a block and those in it. live: what is seen after its end; loops: those around it."""
    inner: list[dict[Target, Spot | None]] = [{} for _ in block]
    after: list[set[Target]] = [set() for _ in block]
    for target in scan.targets:
        edges = scan.edges(block, target)
        for low, high in zip([-1, *edges], [*edges, len(block)], strict=True):
            seen = target in live if high == len(block) else scan.is_seen(block[high], target)
            place = high - 1 if high == len(block) and isinstance(block[-1], LEAVING) else high
            spot = _at(scan, block, place, target) if seen and place > low else None
            if seen:
                for i in range(max(low, 0), min(high, len(block))):
                    after[i].add(target)
            if spot is None:
                continue
            may_be = target.text in scan.empty or scan.born.get(target.base) == 0
            carried = may_be and any(scan.is_carried(loop, target) for loop in loops)
            spot = replace(
                spot,
                around=None if edges else around.get(target),
                is_carried=carried,
                is_made=0 <= low == place - 1 and isinstance(block[low], ast.Assign),
                others=tuple(_above(scan, block, range(low + 1, place), target)),
                is_likely=carried or scan.is_summed(block, target) or target.text in scan.empty,
            )
            yield spot
            yield from _parts(scan, spot, target, loops)
            for i in range(low + 1, min(high, len(block))):
                inner[i][target] = None if target.names & counters_in(block[i]) else spot
    for i, statement in enumerate(block):
        is_loop = isinstance(statement, ast.For | ast.While)
        for name in ("body", "orelse"):
            rows = getattr(statement, name, None)
            if isinstance(rows, list) and rows and not isinstance(statement, ast.FunctionDef):
                again = _again(scan, rows) if is_loop else set()
                more = (*loops, statement) if is_loop else loops
                yield from _of_block(scan, rows, inner[i], after[i] | again, more)


def _again(scan: Scan, body: Sequence[ast.stmt]) -> set[Target]:
    """What the next round of a loop sees."""
    edges = ((target, scan.edges(body, target)) for target in scan.targets)
    return {target for target, found in edges if found and scan.is_seen(body[found[0]], target)}


def _at(scan: Scan, block: Sequence[ast.stmt], place: int, target: Target) -> Spot | None:
    """The spot before the statement of that place in a block; None where a name is not made yet."""
    after, source = block[max(place - 1, 0)], scan.source
    last = after.end_lineno or after.lineno
    line = last if place else after.lineno - 1
    if any(scan.born.get(name, 0) > line for name in target.names):
        return None
    if any(one is not after and one.lineno <= last <= (one.end_lineno or one.lineno) for one in block):
        return None
    first = source.line(block[0].lineno)
    indent = first[: len(first) - len(first.lstrip())]
    if len(indent) != block[0].col_offset:
        return None
    start = source.lines[line] if line < len(source.lines) else len(source.text)
    return Spot(target.text, after, start, indent, is_given=scan.born.get(target.base) == 0)


def _above(
    scan: Scan, block: Sequence[ast.stmt], places: range, target: Target
) -> Iterator[tuple[Spot, frozenset[str]]]:
    """The spots after sums among these statements, the last first, each with the names stored after it."""
    stored: set[str] = set()
    for i in reversed(places):
        spot = _at(scan, block, i + 1, target) if isinstance(block[i], ast.AugAssign) else None
        if spot is not None:
            yield spot, frozenset(stored)
        stored |= {one.base for one in scan.accesses(block[i]) if one.kind != "read"}


def _parts(scan: Scan, spot: Spot, target: Target, loops: Sequence[ast.stmt]) -> Iterator[Spot]:
    """The same for parts of what the function makes before these loops, indexed as it indexes others in them."""
    born = scan.born.get(target.base, 0)
    counters = {name for loop in loops if born < loop.lineno for name in counters_in(loop)}
    if not counters or spot.is_given or spot.is_carried:
        return
    for index in indices_in(scan.function, counters):
        names = names_in(ast.parse(f"a[{index}]")) - {"a"}
        if all(scan.born.get(name, 0) <= spot.after.lineno for name in names):
            yield replace(spot, target=f"{spot.target}[{index}]", around=None, whole=spot)
