"""Another window of the same width: the part of a joined array that the next operand, or the next gate, has."""

import ast
from collections.abc import Iterator

from gradcheck.diagnosis.candidates.places import Candidate, Place, text_of
from gradcheck.diagnosis.edits import Swap, stretch

# An array is seldom cut into more parts than this: four gates, and two operands more.
PARTS = 6
COST, APART = 1.1, 0.02
# (how often, of what): `2 * K` is (2, "K"), 6 is (6, "").
Bound = tuple[int, str]


def other_windows(place: Place) -> Iterator[Candidate]:
    """Candidates that take another stretch of the same length: `x[:, K:2 * K]` for `x[:, :K]`.

    The bounds have to be multiples of one size, by its name or as a number.
    """
    for node in ast.walk(place.expr):
        if isinstance(node, ast.Slice) and node.step is None:
            for start, new in _windows(node):
                if new != text_of(place, node):
                    cost = COST + APART * start
                    yield Candidate((Swap(*stretch(place.source, node), new),), cost, f"the part {new}")


def _windows(node: ast.Slice) -> Iterator[tuple[int, str]]:
    """(the place, the text) of the windows as wide as a slice that begin where its parts would."""
    lower, upper = _bound(node.lower), _bound(node.upper)
    if lower is None or upper is None or not (node.lower or node.upper):
        return
    of = lower[1] or upper[1]
    if any(one[0] and one[1] != of for one in (lower, upper)):
        return
    width = upper[0] - lower[0] if node.upper else 1 if of else lower[0]
    if width <= 0:
        return
    for place in range(PARTS):
        yield place, f"{_text(place * width, of) if place else ''}:{_text((place + 1) * width, of)}"


def _bound(node: ast.expr | None) -> Bound | None:
    """How often what: of a name, a number, or a product of both; None of all else."""
    match node:
        case None:
            return 0, ""
        case ast.Constant(int() as number) if number >= 0:
            return number, ""
        case ast.Name() | ast.Attribute():
            return 1, ast.unparse(node)
        case ast.BinOp(ast.Constant(int() as number), ast.Mult(), one):
            return number, ast.unparse(one)
        case ast.BinOp(one, ast.Mult(), ast.Constant(int() as number)):
            return number, ast.unparse(one)
        case ast.BinOp(one, ast.Add(), other) if ast.dump(one) == ast.dump(other):
            return 2, ast.unparse(one)
    return None


def _text(times: int, of: str) -> str:
    return str(times) if not of else of if times == 1 else f"{times} * {of}"
