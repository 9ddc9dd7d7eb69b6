"""Calls of a file's own one-line functions written out."""

import ast
from collections.abc import Mapping
from functools import lru_cache


@lru_cache(maxsize=16)
def one_liners(tree: ast.Module) -> Mapping[str, ast.FunctionDef]:
    """The functions at the top of a file that only return an expression of plain arguments, by name."""
    found = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and len(node.args.args) == len(ast.unparse(node.args).split(", ")):
            body = [one for one in node.body if not (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))]
            if len(body) == 1 and isinstance(body[0], ast.Return) and body[0].value and not node.args.defaults:
                found[node.name] = node
    return found


def inlined(expr: ast.expr, tree: ast.Module) -> ast.expr:
    """The expression with every call of a one-line function as what that returns; calls inside those stay."""
    copy = ast.parse(ast.unparse(expr), mode="eval").body
    return _Inline(one_liners(tree)).visit(copy)  # type: ignore[no-any-return]


class _Inline(ast.NodeTransformer):
    def __init__(self, functions: Mapping[str, ast.FunctionDef]) -> None:
        self.functions = functions

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        function = self.functions.get(node.func.id) if isinstance(node.func, ast.Name) else None
        if function is None or node.keywords or len(node.args) != len(function.args.args):
            return node
        returned = next(one.value for one in function.body if isinstance(one, ast.Return))
        assert returned is not None
        given = dict(zip((one.arg for one in function.args.args), node.args, strict=True))
        return _Fill(given).visit(ast.parse(ast.unparse(returned), mode="eval").body)  # type: ignore[no-any-return]


class _Fill(ast.NodeTransformer):
    def __init__(self, parts: Mapping[str, ast.expr]) -> None:
        self.parts = parts

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.parts.get(node.id, node)
