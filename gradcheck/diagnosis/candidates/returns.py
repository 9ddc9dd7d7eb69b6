"""What a gradient hands back under the wrong name, or not at all."""

import ast
from collections.abc import Iterator, Sequence

from gradcheck.diagnosis.candidates.places import Candidate
from gradcheck.diagnosis.edits import Source, Swap, stretch


def change_return(
    source: Source, function: ast.FunctionDef, parameters: Sequence[str]
) -> Iterator[tuple[ast.stmt, Candidate]]:
    """(statement meant, candidate): the names of the parameters in the dict that a function returns, and the return.

    What holds a missing gradient is looked for among the function's own variables, those that it never reads first.
    """
    found = [
        node for node in ast.walk(function) if isinstance(node, ast.Return | ast.Assign) and node.value is not None
    ]
    for statement in found:
        if isinstance(statement.value, ast.Dict):
            yield from ((statement, one) for one in _keys(source, function, statement.value, parameters))
    last = function.body[-1]
    if isinstance(last, ast.Assign) and isinstance(last.targets[0], ast.Name):
        end, name = stretch(source, last)[1], last.targets[0].id
        text = f"\n{' ' * last.col_offset}return {name}"
        yield last, Candidate((Swap(end, end, text),), 1.0, f"return {name}")


def _keys(source: Source, function: ast.FunctionDef, value: ast.Dict, parameters: Sequence[str]) -> Iterator[Candidate]:
    """A missing key added or put in the place of one that is no parameter; a value where None stands."""
    keys = [key.value if isinstance(key, ast.Constant) else None for key in value.keys]
    missing = [name for name in parameters if name not in keys]
    for key in value.keys:
        if isinstance(key, ast.Constant) and isinstance(key.value, str) and key.value not in parameters:
            start, end = stretch(source, key)
            quote = source.text[start]
            for name in missing:
                yield Candidate((Swap(start, end, f"{quote}{name}{quote}"),), 1.0, f"under the name {name}")
    holders = list(_variables(function))
    for name in missing if value.values and keys else ():
        end, start = stretch(source, value.values[-1])[1], stretch(source, value)[0]
        quote = "'" if "'" in source.text[start : start + 3] else '"'
        for place, holder in enumerate(holders):
            text = f", {quote}{name}{quote}: {holder}"
            yield Candidate((Swap(end, end, text),), 1.0 + 0.02 * place, f"{name} is {holder}")
    for node in value.values:
        if isinstance(node, ast.Constant) and node.value is None:
            for place, holder in enumerate(holders):
                yield Candidate((Swap(*stretch(source, node), holder),), 1.0 + 0.02 * place, f"{holder} for None")


def _variables(function: ast.FunctionDef) -> Iterator[str]:
    """The names that a function assigns, the last first; those that it never reads come before the rest."""
    names = [node for node in ast.walk(function) if isinstance(node, ast.Name)]
    read = {node.id for node in names if isinstance(node.ctx, ast.Load)}
    assigned = {node.id: node.lineno for node in names if isinstance(node.ctx, ast.Store)}
    yield from sorted(assigned, key=lambda name: (name in read, -assigned[name]))
