"""What a right-hand side could have been made of: every value that the file's own expressions have at that moment."""

import ast
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import permutations
from types import CodeType
from typing import Any

import numpy as np

from gradcheck.diagnosis.benches import Moment
from gradcheck.diagnosis.candidates.places import MODULES
from gradcheck.results.arrays import Floats

# What arrays can be asked without being changed, and what Python itself computes.
METHODS = frozenset({
    "sum", "mean", "dot", "max", "min", "reshape", "copy", "astype", "ravel", "flatten", "transpose", "swapaxes", "std",
    "var", "argmax", "argmin", "cumsum", "prod", "get", "items", "keys", "values", "squeeze", "clip", "trace", "any",
})  # fmt: skip
BUILTINS = frozenset({"len", "abs", "min", "max", "range", "float", "int", "sum", "zip", "enumerate", "reversed"})
# NumPy's own ways to write into an argument, or to draw anew.
WRITING = frozenset({"at", "put", "place", "copyto", "fill_diagonal", "shuffle", "random", "seed", "out", "load"})
# An expression longer than this is a formula of its own, and not what somebody mistook for another one.
LONGEST = 40
# What a function has at hand and never reads is what was forgotten, most likely (DIAGNOSIS.md, the ten misses).
UNREAD = -0.3
# A neighbour of what it reads in a loop is named nowhere, but near.
SHIFTED = 0.3
# What stands there for another layer, written for this one.
SIBLING = 0.2
WORD, NUMBER = re.compile(r"[A-Za-z_]\w*"), re.compile(r"\d+")


@dataclass(frozen=True, eq=False)
class Named:
    """An expression of the file and its value at every moment; cost: 0 for a name, more for what is longer or far."""

    text: str
    values: tuple[Any, ...]
    cost: float


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


def pool_at(moments: Sequence[Moment], texts: Mapping[str, float]) -> list[Named]:
    """Those of the expressions that have a number or an array as value at every moment; cheapest first.

    Of lists, tuples and texts that have a name the lengths.
    """
    found = []
    for text, cost in sorted(texts.items(), key=lambda one: (one[1], len(one[0]))):
        values = values_at(moments, text)
        if values is not None:
            found.append(Named(text, values, cost))
        elif text.isidentifier() and all(isinstance(_held(moment, text), list | tuple | str) for moment in moments):
            lengths = values_at(moments, f"len({text})")
            found += [] if lengths is None else [Named(f"len({text})", lengths, cost)]
    return found


def _held(moment: Moment, name: str) -> Any:
    return moment.names.get(name, moment.scope.get(name))


def values_at(moments: Sequence[Moment], text: str) -> tuple[Any, ...] | None:
    """The value of an expression at every moment; None where one is no number, not finite, or cannot be had."""
    try:
        code = compile(text, "<pool>", "eval")
        values = tuple(evaluate(moment, code) for moment in moments)
    except Exception:
        return None
    return values if all(is_number(value) for value in values) else None


def evaluate(moment: Moment, code: CodeType) -> Any:
    """The value at a moment, where names inside comprehensions are known, too."""
    with np.errstate(all="ignore"):
        return eval(code, {**moment.scope, **moment.names})


def is_number(value: Any) -> bool:
    """True for finite real numbers, alone or as an array."""
    if not isinstance(value, bool | int | float | np.ndarray | np.generic):
        return False
    array = np.asarray(value)
    return array.dtype.kind in "fiub" and 0 < array.size < 100_000 and bool(np.isfinite(array).all())


def fingerprint(values: Sequence[Any]) -> tuple[Any, ...]:
    """Equal for values that are equal but for rounding, shapes included."""
    arrays = [np.asarray(value, dtype=float) for value in values]
    return tuple((array.shape, rounded(array).tobytes()) for array in arrays)


def rounded(array: Floats) -> Floats:
    """To ten digits of the largest entry."""
    scale = float(np.abs(array).max(initial=0.0)) or 1.0
    return np.round(array / scale, 10) * scale + 0.0


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


def _length(node: ast.expr) -> float:
    """0.1 for every part beyond the first."""
    return 0.1 * sum(isinstance(part, ast.Name | ast.Constant | ast.BinOp | ast.Call) for part in ast.walk(node)) - 0.1
