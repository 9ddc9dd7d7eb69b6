"""Where a change is made: an expression with what stands around it, and a new text that fits in there."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from gradcheck.diagnosis.edits import Source, Swap, stretch, written

# How tightly Python binds, loosest first; what stands inside brackets or between commas binds as it likes.
LOOSE, COMPARED, ADDED, MULTIPLIED, SIGNED, RAISED, ATOM = range(7)
BINDING: dict[type[ast.operator], int] = {
    ast.Add: ADDED,
    ast.Sub: ADDED,
    ast.Mult: MULTIPLIED,
    ast.Div: MULTIPLIED,
    ast.FloorDiv: MULTIPLIED,
    ast.Mod: MULTIPLIED,
    ast.MatMult: MULTIPLIED,
    ast.Pow: RAISED,
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A change that may mend the text. cost: how far it is from what stands there; words: what it does."""

    swaps: tuple[Swap, ...]
    cost: float
    words: str


@dataclass(frozen=True, slots=True)
class Place:
    """The right-hand side of a statement in its text; parents: of every node inside it."""

    source: Source
    expr: ast.expr
    parents: dict[ast.AST, ast.AST]


def place_at(source: Source, expr: ast.expr) -> Place:
    """The expression with the parents of all that it consists of."""
    return Place(source, expr, {child: node for node in ast.walk(expr) for child in ast.iter_child_nodes(node)})


def operands(place: Place) -> Iterator[ast.expr]:
    """Every sub-expression that stands for a value of its own: no called function's name, no keyword, no store."""
    for node in ast.walk(place.expr):
        if not isinstance(node, ast.expr) or isinstance(node, ast.Slice | ast.Starred) or _holds_slices(node):
            continue
        parent = place.parents.get(node)
        if (isinstance(parent, ast.Call) and parent.func is node) or _names_a_module(node, parent):
            continue
        if all(isinstance(part, ast.Load) for part in ast.walk(node) if isinstance(part, ast.expr_context)):
            yield node


def replaced(place: Place, node: ast.expr, new: str, cost: float, words: str) -> Candidate:
    """The candidate that writes `new` in the place of a node, in brackets where the neighbours would tear it apart."""
    parent = place.parents.get(node)
    is_negated = isinstance(parent, ast.UnaryOp) and isinstance(parent.op, ast.USub)
    if isinstance(parent, ast.UnaryOp) and is_negated and new.startswith("-") and binding(new) >= MULTIPLIED:
        return replaced(place, parent, new[1:].lstrip(), cost, words)  # two minuses are none
    start, end = stretch(place.source, node)
    if binding(new) < _needed(place, node) and not _in_brackets(place, start, end):
        new = f"({new})"
    return Candidate((Swap(start, end, new),), cost, words)


def text_of(place: Place, node: ast.expr) -> str:
    """The node as it stands in the text."""
    return written(place.source, node)


def guarded(text: str, level: int) -> str:
    """The text, in brackets where it binds looser than that."""
    return f"({text})" if binding(text) < level else text


@lru_cache(maxsize=2**14)
def binding(text: str) -> int:
    """How tightly an expression's text holds together."""
    node = ast.parse(f"(\n{text}\n)", mode="eval").body
    if text.startswith("(") and node.col_offset > 0:  # in brackets of its own
        return ATOM
    if isinstance(node, ast.BinOp):
        return BINDING.get(type(node.op), LOOSE)
    if isinstance(node, ast.UnaryOp):
        return LOOSE if isinstance(node.op, ast.Not) else SIGNED
    if isinstance(node, ast.Constant) and text.lstrip().startswith("-"):
        return SIGNED
    return COMPARED if isinstance(node, ast.Compare) else LOOSE if isinstance(node, LOOSELY) else ATOM


LOOSELY = (ast.BoolOp, ast.IfExp, ast.Lambda, ast.NamedExpr, ast.Yield, ast.Tuple, ast.Starred)


def _needed(place: Place, node: ast.expr) -> int:
    """How tightly a text must bind to stand there."""
    parent = place.parents.get(node)
    if isinstance(parent, ast.BinOp):
        level = BINDING.get(type(parent.op), ATOM)
        if level == RAISED:
            return ATOM if parent.left is node else SIGNED
        return level if parent.left is node else level + 1
    if isinstance(parent, ast.UnaryOp | ast.Compare):
        return SIGNED if isinstance(parent, ast.UnaryOp) else ADDED
    held = isinstance(parent, ast.Attribute) or (
        (isinstance(parent, ast.Subscript) and parent.value is node)
        or (isinstance(parent, ast.Call) and parent.func is node)
    )
    return ATOM if held else COMPARED if isinstance(parent, ast.BoolOp | ast.IfExp) else LOOSE


def _in_brackets(place: Place, start: int, end: int) -> bool:
    """True where a pair of brackets holds just this stretch."""
    text = place.source.text
    return text[:start].rstrip().endswith("(") and text[end:].lstrip().startswith(")")


def _holds_slices(node: ast.expr) -> bool:
    """True for the `:, i` of x[:, i], which is no expression by itself."""
    return isinstance(node, ast.Tuple) and any(isinstance(part, ast.Slice) for part in node.elts)


def _names_a_module(node: ast.expr, parent: ast.AST | None) -> bool:
    """True for the `np` of np.pi and np.linalg.norm."""
    return isinstance(node, ast.Name) and node.id in MODULES and isinstance(parent, ast.Attribute)


MODULES = frozenset({"np", "numpy", "math", "scipy", "jnp"})
