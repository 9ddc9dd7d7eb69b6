"""Mistakes of axes, transposes, masks, branches and activation derivatives."""

import ast
from collections.abc import Iterator

from .sources import Change, Place

Changes = Iterator[list[Change]]


def summed_over_the_wrong_axis(place: Place) -> Changes:
    for node in place.inside(ast.keyword):
        if node.arg == "axis":
            text = place.source.of(node.value)
            yield from ([place.source.put(node.value, new)] for new in ("0", "1", "-1") if new != text)


def forgot_keepdims(place: Place) -> Changes:
    for node in place.inside(ast.keyword):
        if node.arg == "keepdims":
            yield [place.source.put(node.value, "False")]


def forgot_to_transpose(place: Place) -> Changes:
    for node in place.inside(ast.Attribute):
        if node.attr == "T":
            yield [place.source.put(node, place.source.tight(node.value))]


def transposed_twice(place: Place) -> Changes:
    """A.T where A already is what is wanted, in a product of matrices."""
    for node in place.inside(ast.BinOp):
        if isinstance(node.op, ast.MatMult):
            for side in (node.left, node.right):
                if isinstance(side, ast.Name | ast.Subscript):
                    yield [place.source.put(side, f"{place.source.of(side)}.T")]


def product_the_other_way_round(place: Place) -> Changes:
    """B.T @ A for A.T @ B, np.outer(b, a) for np.outer(a, b)."""
    for node in place.inside(ast.BinOp):
        left = node.left
        if isinstance(node.op, ast.MatMult) and isinstance(left, ast.Attribute) and left.attr == "T":
            inner = place.source.tight(left.value)
            yield [place.source.put(node, f"{place.source.tight(node.right)}.T @ {inner}")]
    for node in place.inside(ast.Call):
        if place.source.of(node.func).endswith("outer"):
            a, b = (place.source.of(argument) for argument in node.args[:2])
            yield [place.source.put(node.args[0], b), place.source.put(node.args[1], a)]


def _is_mask(place: Place, node: ast.expr) -> bool:
    names = [inner.id.lower() for inner in ast.walk(node) if isinstance(inner, ast.Name)]
    return any(isinstance(inner, ast.Compare) for inner in ast.walk(node)) or any("mask" in name for name in names)


def dropped_the_mask(place: Place) -> Changes:
    for node in place.inside(ast.BinOp):
        if isinstance(node.op, ast.Mult) and _is_mask(place, node.right):
            yield [place.source.put(node, place.source.tight(node.left))]
        elif isinstance(node.op, ast.Mult) and _is_mask(place, node.left):
            yield [place.source.put(node, place.source.tight(node.right))]


def other_side_of_the_kink(place: Place) -> Changes:
    for node in place.inside(ast.Compare):
        mark = {ast.Gt: "<", ast.GtE: "<", ast.Lt: ">", ast.LtE: ">"}.get(type(node.ops[0]))
        if mark:
            left, right = place.source.of(node.left), place.source.of(node.comparators[0])
            yield [place.source.put(node, f"{left} {mark} {right}")]


def _square_under_one(node: ast.AST) -> str | None:
    """The name a of 1 - a ** 2 or 1 - a * a."""
    if not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub) and isinstance(node.right, ast.BinOp)):
        return None
    one, square = node.left, node.right
    power = isinstance(square.op, ast.Pow) or ast.dump(square.left) == ast.dump(square.right)
    return ast.unparse(square.left) if power and isinstance(one, ast.Constant) and one.value == 1 else None


def derivative_of_another_activation(place: Place) -> Changes:
    """Sigmoid's for tanh's and the reverse, the cosine of the sine, the step of the leaky one."""
    for node in place.inside(ast.BinOp):
        name = _square_under_one(node)
        if name:
            yield [place.source.put(node, f"{name} * (1 - {name})")]
        right = node.right
        if isinstance(node.op, ast.Mult) and isinstance(right, ast.BinOp) and isinstance(right.op, ast.Sub):
            last = node.left.right if isinstance(node.left, ast.BinOp) else node.left
            if place.source.of(right) == f"1 - {place.source.of(last)}":
                yield [place.source.put(right, f"1 - {place.source.of(last)} ** 2")]
    for node in place.inside(ast.Attribute):
        if node.attr in ("cos", "sin"):
            yield [place.source.put(node, f"{place.source.of(node.value)}.{'sin' if node.attr == 'cos' else 'cos'}")]


MISTAKES = (
    summed_over_the_wrong_axis,
    forgot_keepdims,
    forgot_to_transpose,
    transposed_twice,
    product_the_other_way_round,
    dropped_the_mask,
    other_side_of_the_kink,
    derivative_of_another_activation,
)
