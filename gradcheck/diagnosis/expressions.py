"""The expressions of a file that may stand elsewhere as well, and how far each is from a function."""

import ast
import re
from collections.abc import Collection, Mapping
from functools import lru_cache
from itertools import permutations

import numpy as np

from gradcheck.diagnosis.purity import is_pure, pure_functions

# An expression longer than this is a formula of its own, and not what somebody mistook for another one.
LONGEST = 40
# What a function has at hand and never reads is what was forgotten, most likely (DIAGNOSIS.md, the ten misses).
UNREAD = -0.3
# A neighbour of what it reads in a loop is named nowhere, but near.
SHIFTED = 0.3
# What stands there for another layer, written for this one.
SIBLING = 0.2
WORD, NUMBER = re.compile(r"[A-Za-z_]\w*"), re.compile(r"\d+")


@lru_cache(maxsize=64)
def expressions_in(tree: ast.Module, function: str) -> Mapping[str, float]:
    """Text and cost of the expressions of a file that can be evaluated elsewhere; those of this function are nearer."""
    pure = pure_functions(tree)
    found: dict[str, float] = {}
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef | ast.Lambda):
            continue
        far = 0.0 if isinstance(node, ast.FunctionDef) and node.name == function.rpartition(".")[2] else 0.3
        for part in ast.walk(node):
            if isinstance(part, ast.expr) and is_pure(part, pure):
                text = ast.unparse(part)
                if len(text) <= LONGEST:
                    found[text] = min(found.get(text, np.inf), far + _length(part))
            elif isinstance(part, ast.Name | ast.arg):
                name = part.id if isinstance(part, ast.Name) else part.arg
                found[name] = min(found.get(name, np.inf), far)
        if not far:
            found = {**_of_siblings(node, found), **dict.fromkeys(_shifted(node), SHIFTED), **found}
            found |= dict.fromkeys(_unread(node), UNREAD)
    return found


def _of_siblings(function: ast.FunctionDef | ast.Lambda, texts: Mapping[str, float]) -> dict[str, float]:
    """The expressions of a function with the names of another layer: `np.where(z2 > 0, 1, a2)` beside those of 1."""
    names = {
        name
        for part in ast.walk(function)
        if (name := part.id if isinstance(part, ast.Name) else part.attr if isinstance(part, ast.Attribute) else "")
    }
    numbers = {number for name in names for number in NUMBER.findall(name)}
    found: dict[str, float] = {}
    for text, cost in texts.items():
        own = {word for word in WORD.findall(text) if word in names} if not text.isidentifier() else set()
        for one, other in permutations(numbers, 2):
            new = WORD.sub(lambda word: _renumbered(word[0], one, other, own & names, names), text)  # noqa: B023
            if new != text:
                found[new] = min(found.get(new, np.inf), cost + SIBLING)
    return found


def _renumbered(word: str, one: str, other: str, own: Collection[str], names: Collection[str]) -> str:
    """A name of one layer as it is called in another one, where there is such a name."""
    new = NUMBER.sub(lambda number: other if number[0] == one else number[0], word) if word in own else word
    return new if new in names else word


def _shifted(function: ast.FunctionDef | ast.Lambda) -> set[str]:
    """What stands one step before or after what a function reads in its loops: hs[t - 1] beside hs[t]."""
    loops = (one.target for one in ast.walk(function) if isinstance(one, ast.For))
    counters = {part.id for target in loops for part in ast.walk(target) if isinstance(part, ast.Name)}
    arrays = {
        (ast.unparse(part.value), name.id)
        for part in ast.walk(function)
        if isinstance(part, ast.Subscript) and isinstance(part.ctx, ast.Load) and isinstance(part.value, ast.Name)
        for name in ast.walk(part.slice)
        if isinstance(name, ast.Name) and name.id in counters and not isinstance(part.slice, ast.Tuple | ast.Slice)
    }
    return {f"{array}[{step}]" for array, name in arrays for step in (name, f"{name} - 1", f"{name} + 1")}


def _unread(function: ast.FunctionDef | ast.Lambda) -> set[str]:
    """Arguments and variables that a function never reads."""
    names = [part for part in ast.walk(function) if isinstance(part, ast.Name)]
    read = {name.id for name in names if isinstance(name.ctx, ast.Load)}
    return ({name.id for name in names} | {part.arg for part in ast.walk(function) if isinstance(part, ast.arg)}) - read


def constants_in(tree: ast.Module) -> dict[str, float]:
    """Names assigned at the top of the file."""
    names = (
        node.id
        for statement in tree.body
        if not isinstance(statement, ast.FunctionDef | ast.ClassDef)
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    )
    return dict.fromkeys(names, 0.1)


def _length(node: ast.expr) -> float:
    """0.1 for every part beyond the first."""
    return 0.1 * sum(isinstance(part, ast.Name | ast.Constant | ast.BinOp | ast.Call) for part in ast.walk(node)) - 0.1
