"""A file run with other data: what its numbers are by chance, as a first price of 1, no change may live on.

Whole numbers, labels, masks and probabilities stay what they are, and so does what is computed from other data: a
gradient may rely on them.
"""

import ast
from dataclasses import replace
from types import ModuleType
from typing import Any

import numpy as np

from gradcheck.diagnosis.resizing import after_each, sums_to_one
from gradcheck.subject.cases import Case, Origin

MOVE = "__gradcheck_move__"
# Numbers are moved by up to this part of themselves: signs stay and, mostly, an order.
MOVED = 0.1
SEED = 43


def moved_origin(case: Case) -> Origin | None:
    """Where the case with other data comes from: its own text, in which data is moved as soon as it is assigned."""
    if case.origin is None:
        return None
    remake, parse = case.origin.remake, case.origin.parse

    def made(module: ModuleType) -> Case:
        return replace(remake(module), origin=origin)

    def moving(text: str, filename: str) -> ast.Module:
        return after_each(parse(text, filename), _again, MOVE, "move_names", __name__)

    origin = replace(case.origin, remake=made, parse=moving)
    return origin


def move_names(space: dict[str, Any], names: list[str], read: list[str]) -> None:
    """Moves what these names stand for in a module, unless it was made of data; read: names it was made of."""
    if not any(is_measured(space.get(one)) for one in read):
        space |= {name: moved(space[name]) for name in names if name in space}


def moved(value: Any) -> Any:
    """A value of a file's top with other numbers in its arrays, lists and tuples; of a table column by column."""
    if isinstance(value, np.ndarray):
        return _moved_array(value) if _is_free(value) else value
    if type(value) is dict:
        return {key: moved(one) for key, one in value.items()}
    if type(value) not in (list, tuple) or not value:
        return value
    if all(type(one) is float for one in value):
        return type(value)(moved(np.array(value)).tolist())
    if all(type(row) in (list, tuple) and len(row) == len(value[0]) for row in value):
        columns = [moved(list(column)) for column in zip(*value, strict=True)]
        return type(value)(type(row)(one) for row, one in zip(value, zip(*columns, strict=True), strict=True))
    return type(value)(moved(one) for one in value)


def is_measured(value: Any) -> bool:
    """Are there numbers in it that would be moved?"""
    if isinstance(value, np.ndarray):
        return _is_free(value)
    if type(value) is dict:
        return any(is_measured(one) for one in value.values())
    if type(value) not in (list, tuple) or not value:
        return False
    return repr(moved(value)) != repr(value)


def _is_free(array: Any) -> bool:
    """May they be any numbers: no whole ones, and no probabilities?"""
    if array.dtype.kind != "f" or not array.size or not np.isfinite(array).all() or (array == np.round(array)).all():
        return False
    return not any(sums_to_one(array, axis) for axis in range(array.ndim))


def _moved_array(array: Any) -> Any:
    """Each number by its own part; what is symmetric stays so."""
    by = np.random.default_rng(SEED).uniform(-MOVED, MOVED, array.shape)
    if array.ndim == 2 and array.shape[0] == array.shape[1] and (array == array.T).all():
        by = (by + by.T) / 2
    return (array * (1 + by)).astype(array.dtype)


def _again(statement: ast.stmt, names: list[str]) -> ast.stmt | None:
    """`move_names(globals(), names, read)` after an assignment."""
    if not isinstance(statement, ast.Assign | ast.AnnAssign) or statement.value is None:
        return None
    read = {node.id for node in ast.walk(statement.value) if isinstance(node, ast.Name)}
    told = f"{MOVE}(globals(), {names!r}, {sorted(read)!r})"
    return ast.parse(told).body[0]
