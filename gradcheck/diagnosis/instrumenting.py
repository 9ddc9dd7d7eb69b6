"""A file rewritten so that the value of every site passes through our hands."""

import ast
from collections.abc import Sequence

from gradcheck.diagnosis.sites import Site

WATCH = "__gradcheck_watch__"


def instrument(tree: ast.Module, sites: Sequence[Site]) -> ast.Module:
    """The tree with `e` as `watch(number, e)` at every site whose value can be replaced; lines stay what they are.

    tree: the one in which the sites were found; it is changed.
    """
    numbers = {id(site.expr): site.number for site in sites if site.is_value}
    _Watcher(numbers).visit(tree)
    return ast.fix_missing_locations(tree)


class _Watcher(ast.NodeTransformer):
    def __init__(self, numbers: dict[int, int]) -> None:
        self.numbers = numbers

    def visit(self, node: ast.AST) -> ast.AST:
        number = self.numbers.get(id(node))
        node = self.generic_visit(node)
        if number is None or not isinstance(node, ast.expr):
            return node
        watched = ast.Call(ast.Name(WATCH, ast.Load()), [ast.Constant(number), node], [])
        return ast.copy_location(watched, node)
