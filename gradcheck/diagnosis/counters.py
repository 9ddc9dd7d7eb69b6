"""What loops run over, and how a function indexes by it."""

import ast
from collections.abc import Collection

from gradcheck.diagnosis.accesses import names_in

# So many ways to index a variable are tried in a loop.
INDICES = 8


def counters_in(statement: ast.AST) -> set[str]:
    """What a loop, and those inside it, run over."""
    targets = [one.target for one in ast.walk(statement) if isinstance(one, ast.For)]
    return {name for target in targets for name in names_in(target)}


def indices_in(function: ast.FunctionDef, counters: Collection[str]) -> list[str]:
    """How a function indexes by its counters; by each, where it does so by another."""
    slices = {
        ast.unparse(node)[len(ast.unparse(node.value)) + 1 : -1]: names_in(node.slice) & set(counters)
        for node in ast.walk(function)
        if isinstance(node, ast.Subscript) and names_in(node.slice) & set(counters)
    }
    found = dict.fromkeys(slices)
    used = sorted(set().union(*slices.values()))
    for text, names in slices.items():
        for old in names:
            for new in used:
                tree = _Renamed(old, new).visit(ast.parse(f"a[{text}]", mode="eval").body)
                found[ast.unparse(tree)[2:-1]] = None
    return list(found)[:INDICES]


def rows_in(function: ast.FunctionDef) -> list[str]:
    """The variables of a function indexed by each counter that it indexes any by."""
    nodes = list(ast.walk(function))
    made = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    made |= {node.arg for node in nodes if isinstance(node, ast.arg)}
    slices = (node.slice for node in nodes if isinstance(node, ast.Subscript))
    counters = {one.id for one in slices if isinstance(one, ast.Name)} & counters_in(function)
    return [f"{name}[{counter}]" for name in sorted(made - counters) for counter in sorted(counters)]


class _Renamed(ast.NodeTransformer):
    def __init__(self, old: str, new: str) -> None:
        self.old, self.new = old, new

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.Name(self.new, node.ctx) if node.id == self.old else node
