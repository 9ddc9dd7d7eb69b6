"""A missing statement as a person would write it: `d += t`, `d[z <= 0] = 0`, or under a branch of its own."""

import ast

from gradcheck.diagnosis.candidates.places import MULTIPLIED, binding, guarded

SIGNS: dict[type[ast.operator], str] = {ast.Add: "+=", ast.Sub: "-=", ast.Mult: "*=", ast.Div: "/="}


def statement_of(target: str, value: str, is_kept: bool) -> str:
    """The statement that gives a target a value which is made of its own; `d = d + t` where that array must stay.

    is_kept: others hold the array too, so that it is not to be changed in place.
    """
    node = ast.parse(f"(\n{value}\n)", mode="eval").body
    if not isinstance(node, ast.BinOp) or ast.unparse(node.left) != target or type(node.op) not in SIGNS:
        return _longer(target, node) or f"{target} = {value}"
    rest = ast.unparse(node.right)
    condition = _condition(node.right)
    if isinstance(node.op, ast.Add | ast.Sub) and condition is not None:
        test, other = condition
        return f"if {test}:\n    {statement_of(target, f'{target} {SIGNS[type(node.op)][0]} {other}', is_kept)}"
    if isinstance(node.op, ast.Mult) and (off := _switched_off(node.right)) is not None and not is_kept:
        return f"{target}[{off}] = 0"
    return f"{target} = {value}" if is_kept else f"{target} {SIGNS[type(node.op)]} {rest}"


def _longer(target: str, node: ast.expr) -> str | None:
    """`d *= a * b` for d * a * b, which is read from the left; None where it is no such product."""
    factors: list[ast.expr] = []
    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        factors.insert(0, node.right)
        node = node.left
    if ast.unparse(node) != target or not factors:
        return None
    texts = [ast.unparse(one) for one in factors]
    return f"{target} *= " + " * ".join(one if binding(one) > MULTIPLIED else f"({one})" for one in texts)


def _condition(node: ast.expr) -> tuple[str, str] | None:
    """(what is asked, the term) of a term times a comparison of numbers."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult) and isinstance(node.right, ast.Compare):
        return ast.unparse(node.right), guarded(ast.unparse(node.left), MULTIPLIED)
    return None


def _switched_off(node: ast.expr) -> str | None:
    """The comparison of `1 - (z <= 0)`."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub) and isinstance(node.right, ast.Compare):
        is_one = isinstance(node.left, ast.Constant) and node.left.value == 1
        return ast.unparse(node.right) if is_one else None
    return None
