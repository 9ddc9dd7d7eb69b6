"""A mask or a branch: another comparison, the other side of it, branches exchanged."""

import ast
from collections.abc import Iterator

from gradcheck.diagnosis.candidates.places import ATOM, Candidate, Place, guarded, operands, replaced, text_of
from gradcheck.diagnosis.edits import Swap, stretch

SIGNS: dict[type[ast.cmpop], str] = {
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}
TURNED = {">": ("<", ">="), ">=": ("<", ">"), "<": (">", "<="), "<=": (">", "<"), "==": ("!=",), "!=": ("==",)}


def change_comparisons(place: Place) -> Iterator[Candidate]:
    """Candidates that change where a branch is taken."""
    for node in ast.walk(place.expr):
        if isinstance(node, ast.Compare) and len(node.ops) == 1:
            yield from _compared(place, node)
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Invert | ast.Not):
            yield replaced(place, node, text_of(place, node.operand), 1.0, "the other branch")
        elif isinstance(node, ast.IfExp):
            yield _exchange(place, node.body, node.orelse)
        elif isinstance(node, ast.Call) and _is_where(node):
            yield _exchange(place, node.args[1], node.args[2])
            yield replaced(place, node.args[0], f"~{guarded(text_of(place, node.args[0]), ATOM)}", 1.4, "not so")


def negations(place: Place) -> Iterator[Candidate]:
    """Every operand that may be a mask, negated; what is no mask is sorted out by its value."""
    for node in operands(place):
        if isinstance(node, ast.Name | ast.Attribute | ast.Subscript):
            yield replaced(place, node, f"~{text_of(place, node)}", 1.2, f"not {text_of(place, node)}")


def _compared(place: Place, node: ast.Compare) -> Iterator[Candidate]:
    old = SIGNS.get(type(node.ops[0]))
    start, end = stretch(place.source, node.left)[1], stretch(place.source, node.comparators[0])[0]
    between = place.source.text[start:end]
    if old is None or between.count(old) != 1:
        return
    first = start + between.index(old)
    for new in TURNED[old]:
        yield Candidate((Swap(first, first + len(old), new),), 1.0, f"{new} for {old}")


def _is_where(node: ast.Call) -> bool:
    return isinstance(node.func, ast.Attribute) and node.func.attr == "where" and len(node.args) == 3


def _exchange(place: Place, one: ast.expr, other: ast.expr) -> Candidate:
    return Candidate(
        (
            Swap(*stretch(place.source, one), text_of(place, other)),
            Swap(*stretch(place.source, other), text_of(place, one)),
        ),
        1.0,
        "branches exchanged",
    )
