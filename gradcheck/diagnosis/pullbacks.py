"""What a forward statement sends back to what it read: for `y = f(a, b)` and the adjoint of y those of a, b, as code.

Reverse mode over the statement's own syntax tree, with the rules of the primitives (DIAGNOSIS.md, the ten misses: whole
formulas). Which rule holds for `@` and what broadcasting sums over is told by the shapes that the operands have.
"""

import ast
from collections.abc import Callable, Iterator, Mapping

from gradcheck.diagnosis.shaped_sums import summed_to

Shape = tuple[int, ...]
# The shape of an expression where the statement is read; raises where it cannot be had.
ShapeOf = Callable[[ast.expr], Shape]
# (text of what was read, what comes back to it)
Pulled = tuple[str, ast.expr]

# Derivatives of what NumPy does number by number: g what comes back to the result, u the argument, y the result.
ELEMENTWISE: Mapping[str, str] = {
    "tanh": "g * (1 - y ** 2)",
    "exp": "g * y",
    "log": "g / u",
    "log1p": "g / (1 + u)",
    "sqrt": "g / (2 * y)",
    "square": "2 * g * u",
    "abs": "g * np.sign(u)",
    "sin": "g * np.cos(u)",
    "cos": "-g * np.sin(u)",
    "sinh": "g * np.cosh(u)",
    "cosh": "g * np.sinh(u)",
    "arctan": "g / (1 + u ** 2)",
    "sigmoid": "g * y * (1 - y)",
    "relu": "g * (u > 0)",
    "softplus": "g / (1 + np.exp(-u))",
}
JOINING = ("concatenate", "hstack", "vstack")


def pull_back(
    node: ast.expr, cotangent: ast.expr, result: ast.expr, shape_of: ShapeOf, kinds: Mapping[str, str]
) -> Iterator[Pulled]:
    """(what was read, what comes back to it) for every place of an expression that has a rule.

    result: what to call the expression's own value. kinds: of the file's own functions which of ELEMENTWISE they are.
    Raises what shape_of raises.
    """
    if isinstance(node, ast.Name | ast.Attribute | ast.Subscript) and not _is_transposed(node):
        yield ast.unparse(node), cotangent
        return
    for inner, back in _rules(node, cotangent, result, shape_of, kinds):
        own = shape_of(inner)
        yield from pull_back(inner, summed_to(back, own, _shape_back(node, inner, shape_of)), inner, shape_of, kinds)


def _shape_back(node: ast.expr, inner: ast.expr, shape_of: ShapeOf) -> Shape:
    """The shape of what comes back before broadcasting is undone."""
    is_spread = isinstance(node, ast.BinOp) and not isinstance(node.op, ast.MatMult | ast.Pow)
    return shape_of(node) if is_spread else shape_of(inner)


def _rules(
    node: ast.expr, g: ast.expr, y: ast.expr, shape_of: ShapeOf, kinds: Mapping[str, str]
) -> Iterator[tuple[ast.expr, ast.expr]]:
    """(operand, what comes back to it) of one operation."""
    squashed = _squashed(node)
    if squashed is not None:
        yield squashed, filled(ELEMENTWISE["sigmoid"], g=g, y=y)
        return
    match node:
        case ast.UnaryOp(ast.USub(), u):
            yield u, filled("-g", g=g)
        case ast.BinOp(a, ast.Add(), b):
            yield from ((a, g), (b, g))
        case ast.BinOp(a, ast.Sub(), b):
            yield from ((a, g), (b, filled("-g", g=g)))
        case ast.BinOp(a, ast.Mult(), b):
            yield from ((a, filled("g * u", g=g, u=b)), (b, filled("g * u", g=g, u=a)))
        case ast.BinOp(a, ast.Div(), b):
            yield a, filled("g / u", g=g, u=b)
            yield b, filled("-g * y / u", g=g, y=y, u=b)
        case ast.BinOp(u, ast.Pow(), ast.Constant(n)) if isinstance(n, int | float):
            yield u, filled("2 * g * u" if n == 2 else f"{n} * g * u ** {n - 1}", g=g, u=u)
        case ast.BinOp(a, ast.MatMult(), b):
            yield from _of_product(a, b, g, shape_of)
        case ast.Attribute(u, "T"):
            yield u, filled("g.T", g=g)
        case ast.Subscript(ast.Attribute(ast.Name("np"), "r_"), ast.Tuple(parts)):
            yield from _of_joined(parts, g, shape_of)
        case ast.Call():
            yield from _of_call(node, g, y, shape_of, kinds)


def _squashed(node: ast.expr) -> ast.expr | None:
    """The u of a sigmoid that is written out, `1 / (1 + np.exp(-u))`; None of all else."""
    match node:
        case ast.BinOp(ast.Constant(1), ast.Div(), ast.BinOp(ast.Constant(1), ast.Add(), ast.Call() as call)):
            name, arguments = _called(call)
            match arguments:
                case [ast.UnaryOp(ast.USub(), u)] if name == "exp":
                    return u
    return None


def _of_product(a: ast.expr, b: ast.expr, g: ast.expr, shape_of: ShapeOf) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Of `a @ b`, for vectors and matrices."""
    match len(shape_of(a)), len(shape_of(b)):
        case 1, 1:
            back = ("g * b", "g * a")
        case 2, 1:
            back = ("np.outer(g, b)", "a.T @ g")
        case 1, 2:
            back = ("b @ g", "np.outer(a, g)")
        case 2, 2:
            back = ("g @ b.T", "a.T @ g")
        case _:
            back = ("g @ b.swapaxes(-1, -2)", "a.swapaxes(-1, -2) @ g")
    for operand, text in zip((a, b), back, strict=True):
        yield operand, _Untwice().visit(filled(text, g=g, a=a, b=b))


def _of_call(
    node: ast.Call, g: ast.expr, y: ast.expr, shape_of: ShapeOf, kinds: Mapping[str, str]
) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Of NumPy's functions, the methods of arrays, and the file's own activations."""
    name, arguments = _called(node)
    kind = kinds.get(name, name)
    if kind in ELEMENTWISE and len(arguments) == 1:
        yield arguments[0], filled(ELEMENTWISE[kind], g=g, y=y, u=arguments[0])
    elif name == "maximum" and len(arguments) == 2:
        a, b = arguments
        yield from ((a, filled("g * (a > b)", g=g, a=a, b=b)), (b, filled("g * (b > a)", g=g, a=a, b=b)))
    elif name == "where" and len(arguments) == 3:
        test, a, b = arguments
        yield a, filled("np.where(c, g, 0.0)", c=test, g=g)
        yield b, filled("np.where(c, 0.0, g)", c=test, g=g)
    elif name == "clip" and len(arguments) == 3:
        u, low, high = arguments
        yield u, filled("g * (u > a) * (u < b)", g=g, u=u, a=low, b=high)
    elif name == "dot" and len(arguments) == 2:
        yield from _of_product(arguments[0], arguments[1], g, shape_of)
    elif name == "outer" and len(arguments) == 2:
        a, b = arguments
        yield from ((a, filled("g @ b", g=g, b=b)), (b, filled("g.T @ a", g=g, a=a)))
    elif name == "sum" and len(arguments) == 1 and not node.keywords and _is_of_rows(arguments[0], shape_of):
        yield from _of_summed_rows(arguments[0], g)
    elif name in ("max", "min", "amax", "amin") and arguments:
        yield arguments[0], _of_largest(node, arguments[0], g, y)
    elif name in ("sum", "mean", "var") and arguments:
        yield arguments[0], _of_reduction(name, node, arguments[0], g)
    elif name in JOINING and arguments and isinstance(arguments[0], ast.List | ast.Tuple):
        yield from _of_joined(arguments[0].elts, g, shape_of)


def _is_of_rows(node: ast.expr, shape_of: ShapeOf) -> bool:
    """Is it a matrix times a vector?"""
    is_product = isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult)
    return (
        is_product and isinstance(node, ast.BinOp) and (len(shape_of(node.left)), len(shape_of(node.right))) == (2, 1)
    )


def _of_summed_rows(node: ast.expr, g: ast.expr) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Of the sum of `a @ b`, for a matrix and a vector."""
    if isinstance(node, ast.BinOp):
        yield node.left, filled("g * np.ones_like(a) * b", g=g, a=node.left, b=node.right)
        yield node.right, filled("g * a.sum(axis=0)", g=g, a=node.left)


def _of_largest(node: ast.Call, u: ast.expr, g: ast.expr, y: ast.expr) -> ast.expr:
    """A maximum sends all to where it was taken."""
    options = {keyword.arg: keyword.value for keyword in node.keywords}
    axis = options.get("axis")
    if axis is not None and "keepdims" not in options:
        g, y = (filled("np.expand_dims(v, axis)", v=one, axis=axis) for one in (g, y))
    return filled("g * (u == y)", g=g, u=u, y=y)


def _of_reduction(name: str, node: ast.Call, u: ast.expr, g: ast.expr) -> ast.expr:
    """A sum sends the same to all that it added, a mean its part, a variance what is off the mean besides."""
    options = {keyword.arg: keyword.value for keyword in node.keywords}
    axis = options.get("axis")
    is_first = isinstance(axis, ast.Constant) and axis.value == 0  # there broadcasting puts the axis back
    if axis is not None and not is_first and "keepdims" not in options:
        g = filled("np.expand_dims(g, axis)", g=g, axis=axis)
    count = filled("u.size" if axis is None else "u.shape[axis]", u=u, axis=axis or u)
    is_leaf = isinstance(u, ast.Name | ast.Attribute | ast.Subscript)
    spread = filled("g * np.ones_like(u)", g=g, u=u) if is_leaf else g
    if name == "sum":
        return spread
    if name == "mean":
        return filled("s / n", s=spread, n=count)
    mean = filled("u.mean()" if axis is None else "u.mean(axis=axis, keepdims=True)", u=u, axis=axis or u)
    return filled("2 * g * (u - m) / n", g=g, u=u, m=mean, n=count)


def _of_joined(parts: list[ast.expr], g: ast.expr, shape_of: ShapeOf) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Vectors one after another, each with its stretch."""
    if any(len(shape_of(part)) != 1 for part in parts):
        return
    start, whole = 0, sum(shape_of(part)[0] for part in parts)
    for part in parts:
        end = start + shape_of(part)[0]
        stretch = f"{start or ''}:{end if end < whole else ''}"
        yield part, filled(f"g[{stretch}]", g=g)
        start = end


def _called(node: ast.Call) -> tuple[str, list[ast.expr]]:
    """Name and arguments of np.f(u), f(u) and u.f() alike."""
    if isinstance(node.func, ast.Name):
        return node.func.id, node.args
    if isinstance(node.func, ast.Attribute):
        is_module = isinstance(node.func.value, ast.Name) and node.func.value.id in ("np", "numpy", "math")
        return node.func.attr, node.args if is_module else [node.func.value, *node.args]
    return "", []


def _is_transposed(node: ast.expr) -> bool:
    is_joined = isinstance(node, ast.Subscript) and ast.unparse(node.value) == "np.r_"
    return is_joined or (isinstance(node, ast.Attribute) and node.attr == "T")


def filled(text: str, **parts: ast.expr) -> ast.expr:
    """The expression with nodes in the place of its names."""
    return _Fill(parts).visit(ast.parse(text, mode="eval").body)  # type: ignore[no-any-return]


class _Untwice(ast.NodeTransformer):
    """Takes away what is transposed twice."""

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        inner = node.value
        is_twice = node.attr == "T" and isinstance(inner, ast.Attribute) and inner.attr == "T"
        return inner.value if is_twice and isinstance(inner, ast.Attribute) else node


class _Fill(ast.NodeTransformer):
    def __init__(self, parts: Mapping[str, ast.expr]) -> None:
        self.parts = parts

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.parts.get(node.id, node)
