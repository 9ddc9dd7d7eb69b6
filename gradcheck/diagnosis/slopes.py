"""Derivatives of activations as people write them, recognised in code: a*(1 - a) is that of the sigmoid."""

import ast
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Slope:
    """The derivative of an activation, in the text's own variable; of: that variable."""

    name: str
    text: str
    of: str


# (activation, pattern over `a`, how it is told): each an identity of calculus, a the activation's own value.
PATTERNS = (
    ("the sigmoid", "a*(1 - a)", "{a}·(1 − {a})"),
    ("the sigmoid", "(1 - a)*a", "{a}·(1 − {a})"),
    ("tanh", "1 - a**2", "1 − {a}²"),
    ("tanh", "1 - a*a", "1 − {a}²"),
    ("tanh", "1 - np.square(a)", "1 − {a}²"),
    ("tanh", "1 - np.tanh(a)**2", "1 − tanh²({a})"),
    ("relu", "a > 0", "1 where {a} > 0, else 0"),
    ("relu", "(a > 0).astype(float)", "1 where {a} > 0, else 0"),
    ("relu", "np.where(a > 0, 1, 0)", "1 where {a} > 0, else 0"),
)


def slope_of(node: ast.expr) -> Slope | None:
    """The derivative that an expression is, whatever its variable; None where it is none."""
    for name, pattern, told in PATTERNS:
        found: dict[str, ast.expr] = {}
        if _matches(ast.parse(pattern, mode="eval").body, node, found) and "a" in found:
            text = ast.unparse(found["a"])
            plain = isinstance(found["a"], ast.Name | ast.Subscript | ast.Attribute | ast.Call)
            return Slope(name, told.format(a=text if plain else f"({text})"), text)
    return None


def _matches(pattern: object, node: object, found: dict[str, ast.expr]) -> bool:
    """Is the node the pattern with one expression for every `a`? That expression is put into `found`."""
    if isinstance(pattern, ast.Name) and pattern.id == "a" and isinstance(node, ast.expr):
        known = found.setdefault("a", node)
        return not isinstance(node, ast.Constant) and ast.dump(known) == ast.dump(node)
    if isinstance(pattern, ast.Constant) and isinstance(node, ast.Constant):
        return bool(pattern.value == node.value)
    if type(pattern) is not type(node):
        return False
    if isinstance(pattern, ast.AST):
        return all(_matches(getattr(pattern, field), getattr(node, field), found) for field in pattern._fields)
    if isinstance(pattern, list) and isinstance(node, list):
        return len(pattern) == len(node) and all(_matches(*pair, found) for pair in zip(pattern, node, strict=True))
    return pattern == node
