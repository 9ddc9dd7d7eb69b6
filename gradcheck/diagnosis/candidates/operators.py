"""A wrong sign or operator, one operand too many, operands the wrong way round, a square too many or too few."""

import ast
from collections.abc import Iterator
from itertools import product

from gradcheck.diagnosis.candidates.places import (
    ATOM,
    MULTIPLIED,
    Candidate,
    Place,
    guarded,
    operands,
    replaced,
    text_of,
)
from gradcheck.diagnosis.edits import Swap, stretch

OTHERS: dict[type[ast.operator], tuple[str, ...]] = {
    ast.Add: ("-", "*"),
    ast.Sub: ("+", "*"),
    ast.Mult: ("/", "@", "+"),
    ast.Div: ("*",),
    ast.MatMult: ("*",),
    ast.FloorDiv: ("/",),
    ast.Pow: ("*",),
}


def change_operators(place: Place) -> Iterator[Candidate]:
    """Candidates that change how operands are joined, operands themselves staying."""
    for node in operands(place):
        if isinstance(node, ast.BinOp):
            yield from _other_operators(place, node)
            yield from _fewer_operands(place, node)
            yield from _exchanged_in_sum(place, node)
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            yield replaced(place, node, text_of(place, node.operand), 1.0, "no minus")
        yield from _signs_and_powers(place, node)
        if isinstance(node, ast.Call):
            yield from _arguments(place, node)


def _other_operators(place: Place, node: ast.BinOp) -> Iterator[Candidate]:
    left, right = text_of(place, node.left), text_of(place, node.right)
    swap = _operator_stretch(place, node)
    if swap is not None:
        for other in OTHERS.get(type(node.op), ()):
            cost = 1.0 if other in "+-" and isinstance(node.op, ast.Add | ast.Sub) else 1.2
            yield Candidate((Swap(*swap, other),), cost, f"{other} for {place.source.text[slice(*swap)]}")
    if isinstance(node.op, ast.Sub | ast.Div | ast.MatMult | ast.Pow):
        swaps = (*replaced(place, node.left, right, 0, "").swaps, *replaced(place, node.right, left, 0, "").swaps)
        yield Candidate(swaps, 1.1, "operands the other way round")


def _exchanged_in_sum(place: Place, node: ast.BinOp) -> Iterator[Candidate]:
    """What is added and what is taken away exchanged, in a sum of more than two: `x + b - a` for `x + a - b`."""
    parent, signed = place.parents.get(node), list(_summands(node))
    is_whole = not (isinstance(parent, ast.BinOp) and parent.left is node and isinstance(parent.op, ast.Add | ast.Sub))
    if is_whole and len(signed) > 2:
        for one, other in product((n for n, plus in signed if plus), (n for n, plus in signed if not plus)):
            left, right = text_of(place, one), text_of(place, other)
            swaps = (*replaced(place, one, right, 0, "").swaps, *replaced(place, other, left, 0, "").swaps)
            yield Candidate(swaps, 1.1, "what is added and what is taken away exchanged")


def _summands(node: ast.expr) -> Iterator[tuple[ast.expr, bool]]:
    """What a sum adds, and with False what it takes away."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
        yield from (*_summands(node.left), (node.right, isinstance(node.op, ast.Add)))
    else:
        yield node, True


def _fewer_operands(place: Place, node: ast.BinOp) -> Iterator[Candidate]:
    left, right = text_of(place, node.left), text_of(place, node.right)
    if isinstance(node.op, ast.Pow):
        yield replaced(place, node, left, 1.1, f"no power of {left}")
        return
    yield replaced(place, node, left, 1.2, f"without {right}")
    if isinstance(node.op, ast.Sub):
        yield replaced(place, node, f"-{guarded(right, MULTIPLIED)}", 1.3, f"without {left}")
    elif isinstance(node.op, ast.Div):
        yield replaced(place, node, f"1 / {guarded(right, MULTIPLIED + 1)}", 1.4, f"without {left}")
    else:
        yield replaced(place, node, right, 1.2, f"without {left}")


def _signs_and_powers(place: Place, node: ast.expr) -> Iterator[Candidate]:
    text, parent = text_of(place, node), place.parents.get(node)
    if _is_index(place, node) or isinstance(node, ast.Constant):
        return
    summand = not isinstance(parent, ast.BinOp) or isinstance(parent.op, ast.Add | ast.Sub)
    if summand and not (isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub)):
        yield replaced(place, node, f"-{guarded(text, MULTIPLIED)}".removeprefix("--"), 1.1, f"minus {text}")
    if isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Pow):
        return
    atom = guarded(text, ATOM)
    yield replaced(place, node, f"{atom} ** 2", 1.2, f"{text} squared")
    if isinstance(node, ast.Name | ast.Attribute | ast.Subscript):
        yield replaced(place, node, f"{atom} ** 3", 1.6, f"{text} cubed")


def _arguments(place: Place, node: ast.Call) -> Iterator[Candidate]:
    """Arguments exchanged, and one left away: np.dot(a, b) and f(x) alike."""
    for i, (one, other) in enumerate(zip(node.args, node.args[1:], strict=False)):
        swaps = (
            Swap(*stretch(place.source, one), text_of(place, other)),
            Swap(*stretch(place.source, other), text_of(place, one)),
        )
        yield Candidate(swaps, 1.1 + 0.01 * i, "arguments the other way round")
    if node.args and isinstance(node.func, ast.Attribute | ast.Name) and not node.keywords:
        for argument in (one for one in node.args if not isinstance(one, ast.Starred)):
            yield replaced(place, node, text_of(place, argument), 1.5, f"without {text_of(place, node.func)}")


def _operator_stretch(place: Place, node: ast.BinOp) -> tuple[int, int] | None:
    """Where the operator itself stands, between its operands and their brackets."""
    start, end = stretch(place.source, node.left)[1], stretch(place.source, node.right)[0]
    between = place.source.text[start:end]
    bare = "".join(" " if sign in "()\\\r\n\t" else sign for sign in between.split("#")[0])
    return None if "#" in between or not bare.strip() else _inside(start, bare)


def _inside(start: int, bare: str) -> tuple[int, int]:
    first = len(bare) - len(bare.lstrip())
    return start + first, start + first + len(bare.strip())


def _is_index(place: Place, node: ast.AST) -> bool:
    """True inside the brackets of a subscript, or in a keyword argument."""
    while node is not place.expr:
        parent = place.parents[node]
        if isinstance(parent, ast.keyword) or (isinstance(parent, ast.Subscript) and parent.slice is node):
            return True
        node = parent
    return False
