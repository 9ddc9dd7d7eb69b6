"""A statement as a whole: written over where it should be added, too many, too early, or with its parts exchanged."""

import ast
from collections.abc import Iterator, Sequence
from itertools import combinations

from gradcheck.diagnosis.candidates.places import ATOM, MULTIPLIED, Candidate, guarded
from gradcheck.diagnosis.edits import Source, Swap, stretch, written

JOINED: dict[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.MatMult: "@"}
# Assigning instead of adding is the commonest of these mistakes; multiplying instead is none that was seen.
AUGMENTED = ("+=", "-=")
# What is taken apart in a wrong order is a slip of an index; what is handed on in one is told by its names.
TAKEN, HANDED = 1.0, 1.3


def change_statement(source: Source, statement: ast.stmt) -> Iterator[Candidate]:
    """Candidates that change how a statement stores what it computes, or in which order."""
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        yield from _assignment(source, statement)
        yield from _order(source, statement.targets[0], "targets", TAKEN)
        yield from _order(source, statement.value, "values", HANDED)
    elif isinstance(statement, ast.AugAssign):
        yield from _augmented(source, statement)
    elif isinstance(statement, ast.For):
        for part in ast.walk(statement.target):
            yield from _order(source, part, "targets", TAKEN)
    elif isinstance(statement, ast.Return) and statement.value is not None:
        yield from _order(source, statement.value, "returned values", HANDED)


def mirror(source: Source, statement: ast.stmt) -> Iterator[Candidate]:
    """A candidate that cuts every slice of a statement at the other end: `g[:-1] += r[1:]` for `g[1:] += r[:-1]`."""
    if not isinstance(statement, ast.Assign | ast.AugAssign):
        return
    cuts = [(node, new) for node in ast.walk(statement) if isinstance(node, ast.Slice) and (new := other_end(node))]
    if len(cuts) > 1:
        swaps = tuple(Swap(*stretch(source, node), new) for node, new in cuts)
        yield Candidate(swaps, 1.1, "every slice cut at the other end")


def other_end(cut: ast.Slice) -> str | None:
    """`:-k` for `k:` and the other way round."""
    match cut:
        case ast.Slice(ast.expr() as lower, None, None) if not isinstance(lower, ast.UnaryOp):
            return f":-{guarded(ast.unparse(lower), ATOM)}"
        case ast.Slice(None, ast.UnaryOp(ast.USub(), upper), None):
            return f"{ast.unparse(upper)}:"
    return None


def rename_indices(source: Source, statement: ast.stmt, names: Sequence[str]) -> Iterator[Candidate]:
    """Candidates that exchange two of the indices of a statement wherever they stand, or rename one throughout."""
    if not isinstance(statement, ast.Assign | ast.AugAssign | ast.Expr | ast.Return):
        return
    found = _indices_in(statement)
    for one, other in combinations(found, 2):
        swaps = [Swap(*stretch(source, node), other) for node in found[one]]
        swaps += [Swap(*stretch(source, node), one) for node in found[other]]
        yield Candidate(tuple(swaps), 1.1, f"{one} and {other} exchanged")
    for one, nodes in found.items():
        for other in names if len(nodes) > 1 else ():
            if other != one:
                yield Candidate(tuple(Swap(*stretch(source, node), other) for node in nodes), 1.2, f"{other} for {one}")


def _indices_in(statement: ast.stmt) -> dict[str, list[ast.Name]]:
    """Every name in the brackets of a subscript, or in the index of np.add.at, with all its places there."""
    places = [node.slice for node in ast.walk(statement) if isinstance(node, ast.Subscript)]
    places += [
        node.args[1]
        for node in ast.walk(statement)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "at"
        and node.args[1:]
    ]
    found: dict[str, list[ast.Name]] = {}
    nodes = {id(node): node for place in places for node in ast.walk(place) if isinstance(node, ast.Name)}
    for node in nodes.values():
        found.setdefault(node.id, []).append(node)
    return found


def _assignment(source: Source, statement: ast.Assign) -> Iterator[Candidate]:
    target = statement.targets[0]
    start, end = stretch(source, target)[1], stretch(source, statement.value)[0]
    sign = source.text.find("=", start, end)
    if isinstance(target, ast.Name | ast.Subscript | ast.Attribute):
        for new in AUGMENTED:
            yield Candidate((Swap(sign, sign + 1, new),), 1.0 if new == "+=" else 1.5, f"{new} for =")
    if isinstance(statement.value, ast.Name | ast.Subscript | ast.Attribute):
        end = stretch(source, statement.value)[1]
        yield Candidate((Swap(end, end, ".copy()"),), 1.3, "a copy")


def _augmented(source: Source, statement: ast.AugAssign) -> Iterator[Candidate]:
    sign = _sign_of(source, statement)
    old, target = source.text[slice(*sign)], written(source, statement.target)
    for new in ("=", "+=", "-="):
        if new != old and (new == "=" or old in AUGMENTED):
            yield Candidate((Swap(*sign, new),), 1.0, f"{new} for {old}")
    if old in ("*=", "/="):
        yield Candidate((Swap(*sign, "/=" if old == "*=" else "*="),), 1.1, "times for over")
    join = JOINED.get(type(statement.op))
    value = written(source, statement.value)
    if join is not None:
        whole = f"{target} = {target} {join} {guarded(value, MULTIPLIED + (join in '*/@'))}"
        yield Candidate((Swap(*stretch(source, statement), whole),), 1.3, "a new array, the old one left as it is")
    if isinstance(statement.target, ast.Subscript) and isinstance(statement.op, ast.Add | ast.Sub):
        array, index = written(source, statement.target.value), written(source, statement.target.slice)
        index = f"({index})" if isinstance(statement.target.slice, ast.Tuple) and not index.startswith("(") else index
        sign_of = "-" if isinstance(statement.op, ast.Sub) else ""
        call = f"np.add.at({array}, {index}, {sign_of}{guarded(value, MULTIPLIED) if sign_of else value})"
        if ":" not in index:
            yield Candidate(
                (Swap(*stretch(source, statement), call),), 1.2, "add at every index, also where it repeats"
            )


def _sign_of(source: Source, statement: ast.AugAssign) -> tuple[int, int]:
    start, end = stretch(source, statement.target)[1], stretch(source, statement.value)[0]
    equals = source.text.index("=", start, end)
    first = start + len(source.text[start:equals]) - len(source.text[start:equals].lstrip(" \t"))
    return first, equals + 1


def _order(source: Source, value: ast.AST, what: str, cost: float) -> Iterator[Candidate]:
    """Two of several elements exchanged."""
    parts: list[ast.expr] = []
    if isinstance(value, ast.Tuple | ast.List):
        parts = list(value.elts)
    elif isinstance(value, ast.Dict):
        parts = list(value.values)
    elif isinstance(value, ast.Call):
        parts = [keyword.value for keyword in value.keywords]
    for one, other in combinations(parts, 2):
        a, b = stretch(source, one), stretch(source, other)
        first, second = source.text[slice(*a)], source.text[slice(*b)]
        if first != second:
            yield Candidate((Swap(*a, second), Swap(*b, first)), cost, f"{what} {first} and {second} exchanged")
