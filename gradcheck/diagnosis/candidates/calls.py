"""The wrong function: another one of the file that takes as many arguments, or its sibling in another formula."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from gradcheck.diagnosis.candidates.axes import FUNCTIONS
from gradcheck.diagnosis.candidates.places import Candidate, Place, replaced, text_of
from gradcheck.diagnosis.edits import Swap, stretch
from gradcheck.diagnosis.pools import Named

# A path that was forgotten where a layer's backward pass is called: as far as a term that is missing.
HANDED = 1.3


def change_calls(place: Place, functions: Mapping[str, int]) -> Iterator[Candidate]:
    """Candidates that call another function where one is called, everywhere at once where it is called more often.

    functions: of the file, each with how many arguments it takes.
    """
    called: dict[str, list[ast.Call]] = {}
    for node in ast.walk(place.expr):
        if isinstance(node, ast.Call):
            called.setdefault(text_of(place, node.func), []).append(node)
    for text, nodes in called.items():
        for new in _others(nodes, functions):
            swaps = tuple(Swap(*stretch(place.source, node.func), new) for node in nodes)
            yield Candidate(swaps, 1.1, f"{new} for {text}")
            if len(swaps) > 1:
                yield from (Candidate((swap,), 1.1, f"{new} for {text}") for swap in swaps)


def _others(nodes: list[ast.Call], functions: Mapping[str, int]) -> Iterator[str]:
    """What else may be called there."""
    func = nodes[0].func
    if isinstance(func, ast.Name):
        counts = {len(node.args) + len(node.keywords) for node in nodes}
        yield from (name for name, count in functions.items() if name != func.id and counts == {count})
        yield from FUNCTIONS.get(func.id, ())
    elif isinstance(func, ast.Attribute) and len(nodes) > 1:  # one alone is changed with the axes
        yield from (ast.unparse(func.value) + "." + other for other in FUNCTIONS.get(func.attr, ()))


def hand_more(place: Place, pool: Sequence[Named], values: Mapping[ast.expr, tuple[Any, ...]]) -> Iterator[Candidate]:
    """Candidates that add to an argument another array in scope of its shape: what comes back by a second path.

    values: what the sub-expressions have at the moments of the pool.
    """
    arguments = place.expr.args if isinstance(place.expr, ast.Call) else []
    for node in (one for one in arguments if isinstance(one, ast.Name | ast.Subscript | ast.Attribute)):
        shapes = [np.shape(value) for value in values.get(node, ())]
        for named in pool if any(shapes) else ():
            if named.text.isidentifier() and [np.shape(value) for value in named.values] == shapes:
                new = f"{text_of(place, node)} + {named.text}"
                yield replaced(place, node, new, HANDED + named.cost, f"{new} handed on")


@lru_cache(maxsize=16)
def functions_in(tree: ast.Module) -> Mapping[str, int]:
    """The functions at the top of a file that take a fixed number of arguments, with that."""
    found = {one.name: one.args for one in tree.body if isinstance(one, ast.FunctionDef)}
    found |= {
        target.id: one.value.args
        for one in tree.body
        if isinstance(one, ast.Assign) and isinstance(one.value, ast.Lambda)
        for target in one.targets
        if isinstance(target, ast.Name)
    }
    plain = {name: args for name, args in found.items() if not (args.vararg or args.kwarg or args.kwonlyargs)}
    return {name: len(args.args) for name, args in plain.items()}
