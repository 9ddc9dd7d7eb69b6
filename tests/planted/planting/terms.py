"""Mistakes in sums, products and constants: a path forgotten, counted twice, with the wrong sign, factor or power."""

import ast
from collections.abc import Iterator

from .sources import Change, Place

Changes = Iterator[list[Change]]


def _sums(place: Place) -> Iterator[ast.BinOp]:
    """Sums and differences of two things that are both no plain number (1 - a is no sum of paths)."""
    for node in place.inside(ast.BinOp):
        if isinstance(node.op, ast.Add | ast.Sub) and not any(
            isinstance(side, ast.Constant) for side in (node.left, node.right)
        ):
            yield node


def _products(place: Place, *kinds: type) -> Iterator[ast.BinOp]:
    return (node for node in place.inside(ast.BinOp) if isinstance(node.op, kinds))


def forgot_a_path(place: Place) -> Changes:
    for node in _sums(place):
        yield [place.source.put(node, place.source.of(node.left))]
        sign = "-" if isinstance(node.op, ast.Sub) else ""
        yield [place.source.put(node, f"({sign}{place.source.tight(node.right)})")]


def counted_a_path_twice(place: Place) -> Changes:
    for node in _sums(place):
        sign = "-" if isinstance(node.op, ast.Sub) else "+"
        right = place.source.tight(node.right)
        yield [place.source.put(node, f"({place.source.of(node)} {sign} {right})")]


def wrong_sign_of_one_term(place: Place) -> Changes:
    for node in _sums(place):
        sign = "+" if isinstance(node.op, ast.Sub) else "-"
        yield [place.source.put(node, f"{place.source.of(node.left)} {sign} {place.source.tight(node.right)}")]
    for node in place.inside(ast.UnaryOp):
        if isinstance(node.op, ast.USub):
            yield [place.source.put(node, place.source.tight(node.operand))]


def _is_number(place: Place, node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) or (isinstance(node, ast.Name) and node.id.isupper())


def forgot_a_factor(place: Place) -> Changes:
    """A number or a named constant, in a product or under it."""
    for node in _products(place, ast.Mult, ast.Div):
        if _is_number(place, node.right):
            yield [place.source.put(node, place.source.tight(node.left))]
        elif _is_number(place, node.left) and isinstance(node.op, ast.Mult):
            yield [place.source.put(node, place.source.tight(node.right))]


def forgot_a_link_of_the_chain(place: Place) -> Changes:
    for node in _products(place, ast.Mult):
        if not (_is_number(place, node.left) or _is_number(place, node.right)):
            yield [place.source.put(node, place.source.tight(node.left))]
            yield [place.source.put(node, place.source.tight(node.right))]


def forgot_the_mean(place: Place) -> Changes:
    """/ n, / len(x), / x.size, / x.shape[0]."""
    for node in _products(place, ast.Div):
        text = place.source.of(node.right)
        if any(word in text for word in ("len(", ".size", ".shape")) or text in ("n", "m", "N", "T", "B"):
            yield [place.source.put(node, place.source.tight(node.left))]
    for node in place.inside(ast.Attribute):
        if node.attr == "mean":
            yield [place.source.put(node, f"{place.source.of(node.value)}.sum")]


def mean_for_sum(place: Place) -> Changes:
    for node in place.inside(ast.Attribute):
        if node.attr == "sum":
            yield [place.source.put(node, f"{place.source.of(node.value)}.mean")]


def forgot_that_the_half_cancels(place: Place) -> Changes:
    """Only where the error term is made: the first difference of the pass."""
    first = next(_sums(place), None)
    if first is not None and isinstance(first.op, ast.Sub) and place.value is not None:
        yield [place.source.put(place.value, f"0.5 * ({place.source.of(place.value)})")]
        yield [place.source.put(place.value, f"2 * ({place.source.of(place.value)})")]


def wrong_power(place: Place) -> Changes:
    for node in place.inside(ast.BinOp):
        if isinstance(node.op, ast.Pow) and isinstance(node.right, ast.Constant) and node.right.value in (2, 3):
            low = place.source.tight(node.left)
            yield [place.source.put(node, f"{low} ** {node.right.value + 1}")]
            yield [place.source.put(node, low if node.right.value == 2 else f"{low} ** 2")]


def lost_the_parentheses(place: Place) -> Changes:
    """a * (b + c) written a * b + c, and a / (b * c) written a / b * c."""
    for node in _products(place, ast.Mult, ast.Div):
        mark = "*" if isinstance(node.op, ast.Mult) else "/"
        if isinstance(node.right, ast.BinOp) and not isinstance(node.right.op, ast.Pow):
            yield [place.source.put(node, f"{place.source.tight(node.left)} {mark} {place.source.of(node.right)}")]


def softmax_as_if_elementwise(place: Place) -> Changes:
    """p * (d - sum(d * p)) written p * (1 - p) * d."""
    for node in _products(place, ast.Mult):
        right = node.right
        if isinstance(node.left, ast.Name) and isinstance(right, ast.BinOp) and isinstance(right.op, ast.Sub):
            p, read = node.left.id, {n.id for n in ast.walk(right.right) if isinstance(n, ast.Name)}
            if p in read and "sum" in place.source.of(right):
                yield [place.source.put(node, f"{p} * (1 - {p}) * {place.source.tight(right.left)}")]


MISTAKES = (
    forgot_a_path,
    counted_a_path_twice,
    wrong_sign_of_one_term,
    forgot_a_factor,
    forgot_a_link_of_the_chain,
    forgot_the_mean,
    mean_for_sum,
    forgot_that_the_half_cancels,
    wrong_power,
    lost_the_parentheses,
    softmax_as_if_elementwise,
)
