"""The slope of a formula that has branches: the branches stay, each with its own slope."""

import ast
from collections.abc import Iterator, Mapping
from functools import partial

from gradcheck.diagnosis.pullbacks import ShapeOf, filled, pull_back

NOTHING = ast.Constant(0.0)


def slopes_in(expr: ast.expr, shape_of: ShapeOf, kinds: Mapping[str, str]) -> Iterator[ast.expr]:
    """The derivatives of the branched parts of an expression by what they read, entry by entry.

    kinds: of the file's own functions which activation they are. Parts inside of others come as parts of those.
    """
    for node in _branched(expr):
        names = {ast.unparse(part): part for part in ast.walk(node) if isinstance(part, ast.Name)}
        for name, read in names.items():
            try:
                slope = _slope(node, name, shape_of, kinds) if shape_of(read) == shape_of(node) else None
            except Exception:  # whatever a part raises by itself
                continue
            if slope is not None:
                yield slope


def _branched(node: ast.AST) -> Iterator[ast.expr]:
    """The outermost choices: np.where(c, a, b) and `a if c else b`."""
    if isinstance(node, ast.IfExp) or (isinstance(node, ast.Call) and _is_where(node)):
        yield node
        return
    for child in ast.iter_child_nodes(node):
        yield from _branched(child)


def _is_where(node: ast.Call) -> bool:
    return isinstance(node.func, ast.Attribute) and node.func.attr == "where" and len(node.args) == 3


def _slope(node: ast.expr, name: str, shape_of: ShapeOf, kinds: Mapping[str, str]) -> ast.expr | None:
    """The derivative by a name; None where it is nothing everywhere."""
    inside = partial(_slope, name=name, shape_of=shape_of, kinds=kinds)
    if isinstance(node, ast.IfExp) or (isinstance(node, ast.Call) and _is_where(node)):
        test, *ways = (node.test, node.body, node.orelse) if isinstance(node, ast.IfExp) else node.args
        one, other = map(inside, ways)
        if one is None and other is None:
            return None
        told = "a if c else b" if isinstance(node, ast.IfExp) else "np.where(c, a, b)"
        return filled(told, c=test, a=one or NOTHING, b=other or NOTHING)
    backs = [back for read, back in pull_back(node, ast.Constant(1.0), node, shape_of, kinds) if read == name]
    total = None
    for back in (_Plain().visit(_copied(back)) for back in backs):
        total = back if total is None else filled("a + b", a=total, b=back)
    return total


def _copied(node: ast.expr) -> ast.expr:
    return ast.parse(ast.unparse(node), mode="eval").body


class _Plain(ast.NodeTransformer):
    """Multiplies numbers out, and leaves the factor 1 away."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        if not isinstance(node.op, ast.Mult):
            return node
        match node.left, node.right:
            case ast.Constant(float() | int() as one), ast.Constant(float() | int() as other):
                return ast.Constant(one * other)
            case ast.Constant(1), rest:
                return rest
            case rest, ast.Constant(1):
                return rest
        return node
