"""Which value each name weighs in the forward statements: in o1 = f(w5*h1 + w6*h2), w6 is the weight of h2 in o1."""

import ast
from collections.abc import Collection, Iterator


def weights_in(tree: ast.Module, lines: Collection[int]) -> dict[str, tuple[str, str]]:
    """name -> (what it multiplies, what is made of that), where the statements on those lines have one such product."""
    found: dict[str, set[tuple[str, str]]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and node.lineno in lines and isinstance(node.targets[0], ast.Name):
            for one, other in _products(node.value):
                found.setdefault(one, set()).add((other, node.targets[0].id))
                found.setdefault(other, set()).add((one, node.targets[0].id))
    return {name: next(iter(ways)) for name, ways in found.items() if len(ways) == 1}


def weight_reason(old: str, new: str, weights: dict[str, tuple[str, str]]) -> str:
    """Why one name is no other: what each of them weighs; empty where that is not known, or the same."""
    if old not in weights or new not in weights or weights[old] == weights[new]:
        return ""
    (was, there), (right, here) = weights[old], weights[new]
    if was == new or right == old:  # the two stand in one product
        return ""
    where = "" if there == here else f" in {there}"
    return f"`{new}` is what {right} is multiplied by in {here}; `{old}` is what {was} is multiplied by{where}"


def _products(value: ast.expr) -> Iterator[tuple[str, str]]:
    """Two names that are multiplied, as numbers or as matrices."""
    for node in ast.walk(value):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.MatMult):
            pair = (node.left, node.right)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "dot":
            if len(node.args) != 1:
                continue
            pair = (node.func.value, node.args[0])
        else:
            continue
        one, other = map(_plain, pair)
        if one and other and one != other:
            yield one, other


def _plain(node: ast.expr) -> str:
    """The name that it is, transposed or not; empty for all else."""
    inner = node.value if isinstance(node, ast.Attribute) and node.attr == "T" else node
    return inner.id if isinstance(inner, ast.Name) else ""
