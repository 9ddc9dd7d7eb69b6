"""Where a statement may be missing altogether: after which one, and which variable it would change."""

import ast
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import takewhile

from gradcheck.diagnosis.accesses import Access, accesses_in, base_and_key, names_in
from gradcheck.diagnosis.edits import Source

# So many ways to index a variable are tried in a loop.
INDICES = 8
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


@dataclass(frozen=True, slots=True)
class Target:
    """What a statement may change: a variable, or the entry of one under a key of letters; names: that it reads."""

    base: str
    key: str | None
    names: frozenset[str]

    @property
    def text(self) -> str:
        """As it is written."""
        return self.base if self.key is None else f"{self.base}[{self.key}]"


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


def spots_in(
    source: Source, function: ast.FunctionDef, wrong: Collection[str], known: Collection[str] = ()
) -> list[Spot]:
    """For every variable of a function the places between two statements that use it, each at its latest line.

    wrong: parameters whose gradients are; what a dict holds under these names is a target too. known: names of what is
    right. Between two uses it does not matter where something is added, and the latest line has most in scope.
    """
    given = {argument.arg for argument in ast.walk(function.args) if isinstance(argument, ast.arg)} - {"self"}
    texts = [ast.parse(text, mode="eval").body for text in keyed_in(function, wrong)]
    targets = [_target(node) for node in (*_made(function), *texts)]
    targets += [Target(name, None, frozenset({name})) for name in sorted(given)]
    fitting = tuple(one for one in dict.fromkeys(targets) if one.base not in known)
    scan = Scan(source, function, fitting, _born(function, given), frozenset(_empty(function)))
    return list(_of_block(scan, function.body, {}, _ends(fitting), ()))


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
            carried = may_be and any(_is_carried(scan, loop, target) for loop in loops)
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
                inner[i][target] = None if target.names & _counters(block[i]) else spot
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
    counters = {name for loop in loops if born < loop.lineno for name in _counters(loop)}
    if not counters or spot.is_given or spot.is_carried:
        return
    for index in _indices(scan.function, counters):
        names = names_in(ast.parse(f"a[{index}]")) - {"a"}
        if all(scan.born.get(name, 0) <= spot.after.lineno for name in names):
            yield replace(spot, target=f"{spot.target}[{index}]", around=None, whole=spot)


def _indices(function: ast.FunctionDef, counters: Collection[str]) -> list[str]:
    """How a function indexes by its counters; by each, where it does so by another."""
    slices = {
        ast.unparse(node)[len(ast.unparse(node.value)) + 1 : -1]: names_in(node.slice) & set(counters)
        for node in ast.walk(function)
        if isinstance(node, ast.Subscript) and names_in(node.slice) & set(counters)
    }
    found = dict.fromkeys(slices)
    used = sorted(set().union(*slices.values()))
    for text, names in slices.items():
        for old in names:
            for new in used:
                tree = _Renamed(old, new).visit(ast.parse(f"a[{text}]", mode="eval").body)
                found[ast.unparse(tree)[2:-1]] = None
    return list(found)[:INDICES]


def rows_in(function: ast.FunctionDef) -> list[str]:
    """The variables of a function indexed by each counter that it indexes any by."""
    nodes = list(ast.walk(function))
    made = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    made |= {node.arg for node in nodes if isinstance(node, ast.arg)}
    slices = (node.slice for node in nodes if isinstance(node, ast.Subscript))
    counters = {one.id for one in slices if isinstance(one, ast.Name)} & _counters(function)
    return [f"{name}[{counter}]" for name in sorted(made - counters) for counter in sorted(counters)]


class _Renamed(ast.NodeTransformer):
    def __init__(self, old: str, new: str) -> None:
        self.old, self.new = old, new

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.Name(self.new, node.ctx) if node.id == self.old else node


def _made(function: ast.FunctionDef) -> list[ast.expr]:
    """What the statements of a function compute and store; what they take from elsewhere in one go is not meant."""
    found: list[ast.expr] = []
    for one in ast.walk(function):
        targets = one.targets if isinstance(one, ast.Assign) else [one.target] if isinstance(one, ast.AugAssign) else []
        for target in targets:
            if not isinstance(target, ast.Tuple | ast.List):
                found.append(target)
            elif isinstance(getattr(one, "value", None), ast.Tuple | ast.List):
                found += target.elts
    return [one for one in found if isinstance(one, ast.Name | ast.Subscript | ast.Attribute)]


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
                    yield _target(name).text


def _accesses_of(function: ast.FunctionDef) -> list[Access]:
    return [access for statement in function.body for access in accesses_in(statement)]


def _is_zero(value: ast.expr) -> bool:
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
        return value.func.attr in ("zeros", "zeros_like")
    return isinstance(value, ast.Constant) and value.value == 0


def _target(node: ast.expr) -> Target:
    base, key = base_and_key(node)
    names = names_in(ast.parse(f"{base}[{key or 0}]"))
    return Target(base, key, frozenset(names | {base}) - {"self"})


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


def _counters(statement: ast.AST) -> set[str]:
    """What a loop, and those inside it, run over."""
    targets = [one.target for one in ast.walk(statement) if isinstance(one, ast.For)]
    return {name for target in targets for name in names_in(target)}


def _is_carried(scan: Scan, loop: ast.stmt, target: Target) -> bool:
    """Is it read as a whole in a loop that stores nothing to it?"""
    found = {(one.kind, one.is_part) for one in scan.accesses(loop) if one.is_of(target.base, target.key)}
    return found == {("read", False)}


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
