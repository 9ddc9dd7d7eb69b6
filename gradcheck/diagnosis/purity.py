"""Which expressions can be evaluated out of turn: nothing drawn, nothing written, no name that they bind themselves."""

import ast
from collections.abc import Iterator
from functools import lru_cache

from gradcheck.diagnosis.candidates.places import MODULES

# What arrays can be asked without being changed, and what Python itself computes.
METHODS = frozenset({
    "sum", "mean", "dot", "max", "min", "reshape", "copy", "astype", "ravel", "flatten", "transpose", "swapaxes", "std",
    "var", "argmax", "argmin", "cumsum", "prod", "get", "items", "keys", "values", "squeeze", "clip", "trace", "any",
})  # fmt: skip
BUILTINS = frozenset({"len", "abs", "min", "max", "range", "float", "int", "sum", "zip", "enumerate", "reversed"})
# NumPy's own ways to write into an argument, or to draw anew.
WRITING = frozenset({"at", "put", "place", "copyto", "fill_diagonal", "shuffle", "random", "seed", "out", "load"})


@lru_cache(maxsize=64)
def pure_functions(tree: ast.Module) -> frozenset[str]:
    """Names of the file's functions that change nothing: no store into a part, no augmented assignment, pure calls."""
    functions = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    pure: set[str] = set()
    for _ in range(3):  # what calls pure functions is pure, three deep
        pure |= {name for name, node in functions.items() if name not in pure and _changes_nothing(node, pure)}
    return frozenset(pure)


def is_pure(node: ast.expr, pure: frozenset[str]) -> bool:
    """Can the expression be evaluated out of turn: nothing drawn, nothing written, no name that it binds itself?"""
    return isinstance(
        node, ast.Name | ast.Attribute | ast.Subscript | ast.BinOp | ast.UnaryOp | ast.Call | ast.Compare
    ) and all(_is_pure(part, pure) for part in ast.walk(node))


def _is_pure(part: ast.AST, pure: frozenset[str]) -> bool:
    if isinstance(part, ast.expr_context):
        return isinstance(part, ast.Load)
    if isinstance(part, ast.Call):
        return _calls_purely(part, pure)
    return not isinstance(
        part, ast.NamedExpr | ast.Lambda | ast.Await | ast.Yield | ast.YieldFrom | ast.comprehension | ast.JoinedStr
    )


def _calls_purely(node: ast.Call, pure: frozenset[str]) -> bool:
    dotted = list(_dotted(node.func))
    if any(word in WRITING for word in (*dotted, *(k.arg or "" for k in node.keywords))):
        return False
    if isinstance(node.func, ast.Name):
        return node.func.id in BUILTINS | pure
    return bool(dotted) and (dotted[-1] in MODULES or dotted[0] in METHODS or dotted[0] in pure)


def _dotted(node: ast.expr) -> Iterator[str]:
    """`np.linalg.norm` as norm, linalg, np."""
    while isinstance(node, ast.Attribute):
        yield node.attr
        node = node.value
    if isinstance(node, ast.Name):
        yield node.id


def _changes_nothing(node: ast.FunctionDef, pure: set[str]) -> bool:
    for part in ast.walk(node):
        if isinstance(part, ast.AugAssign | ast.Global | ast.Nonlocal | ast.Delete | ast.Yield | ast.Import | ast.With):
            return False
        if isinstance(part, ast.Subscript | ast.Attribute) and not isinstance(part.ctx, ast.Load):
            return False
        if isinstance(part, ast.Call) and not _calls_purely(part, frozenset(pure)):
            return False
    return True
