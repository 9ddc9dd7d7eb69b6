"""A file run with another length in the place of one: what had 8 rows gets 7, wherever an 8 is a length."""

import ast
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from types import ModuleType
from typing import Any, Literal

import numpy as np

from gradcheck.subject.cases import Case, Origin
from gradcheck.subject.dataflow import writes

# What is changed: named whole numbers and every axis of the data; every axis; first axes alone.
Reach = Literal["sizes", "axes", "rows"]
RESIZE = "__gradcheck_resize__"
# Rows of probabilities sum to 1 but for this: data are written with six digits and more.
ROUNDED = 1e-6
DEFINING = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import)


@dataclass(frozen=True, slots=True)
class Resize:
    """The length `new` in the place of `old`."""

    old: int
    new: int
    reach: Reach


def resized(value: Any, old: int, new: int, reach: Reach) -> Any:
    """A value of a file's top with the new length: slices are left out, or come again from the first on.

    Arrays, also those in lists, tuples and dicts; lists of numbers; with reach "sizes" whole numbers, alone or in a row
    of sizes. What has no such length stays the object it was.
    """
    if isinstance(value, np.ndarray):
        return resized_array(value, old, new, reach)
    if type(value) is int:
        return new if reach == "sizes" and value == old else value
    if type(value) is dict:
        inner = {key: resized(one, old, new, reach) for key, one in value.items()}
        return inner if any(inner[key] is not value[key] for key in value) else value
    if type(value) not in (list, tuple):
        return value
    if _are_sizes(value):
        return type(value)(resized(one, old, new, reach) for one in value)
    rows = _rows(list(value), old, new) if len(value) == old else value
    parts = [one if type(one) is int else resized(one, old, new, reach) for one in rows]
    is_same = len(parts) == len(value) and all(one is other for one, other in zip(parts, value, strict=True))
    return value if is_same else type(value)(parts)


def resized_array(array: Any, old: int, new: int, reach: Reach) -> Any:
    """An array with the new length along every axis that has the old one, or along its first alone."""
    for axis in range(array.ndim if reach != "rows" else min(array.ndim, 1)):
        if array.shape[axis] == old:
            taken = np.take(array, np.arange(new) % old, axis=axis)
            array = _summing_to_one(array, taken, axis) if sums_to_one(array, axis) else taken
    return array


def sums_to_one(array: Any, axis: int) -> bool:
    """Are an array's numbers probabilities, or ones among zeros, along that axis?"""
    if array.dtype.kind not in "fiub" or not np.isfinite(array).all() or (array < 0).any():
        return False
    return bool(np.abs(array.sum(axis=axis) - 1).max() <= ROUNDED)


def _summing_to_one(array: Any, taken: Any, axis: int) -> Any:
    """What was taken of an array, so that it sums to 1 again: a class that was left out is another one now."""
    if ((array == 0) | (array == 1)).all():
        length = taken.shape[axis]
        places = np.expand_dims(array.argmax(axis=axis) % length, axis)
        return (np.moveaxis(np.arange(length).reshape(-1, *[1] * (array.ndim - 1)), 0, axis) == places).astype(
            taken.dtype
        )
    sums = taken.sum(axis=axis, keepdims=True)
    return np.where(sums > 0, taken / np.where(sums > 0, sums, 1), 1 / taken.shape[axis])


def resized_origin(case: Case, resize: Resize) -> Origin | None:
    """Where the resized case comes from: its own text, in which data is resized, that passed along as well."""
    if case.origin is None:
        return None
    remake, parse = case.origin.remake, case.origin.parse

    def made(module: ModuleType) -> Case:
        other = remake(module)
        args, kwargs = (
            resized(one, resize.old, resize.new, resize.reach)
            for one in (other.functions.args, dict(other.functions.kwargs or {}))
        )
        return replace(other, functions=replace(other.functions, args=args, kwargs=kwargs), origin=origin)

    def again(statement: ast.stmt, names: list[str]) -> ast.stmt:
        told = (names, resize.old, resize.new, resize.reach)
        return ast.parse(f"{RESIZE}(globals(), {', '.join(map(repr, told))})").body[0]

    origin = replace(
        case.origin,
        remake=made,
        parse=lambda text, filename: after_each(parse(text, filename), again, RESIZE, "resize_names", __name__),
    )
    return origin


def after_each(
    tree: ast.Module, again: Callable[[ast.stmt, list[str]], ast.stmt | None], called: str, name: str, module: str
) -> ast.Module:
    """The tree with a statement after each of its top that assigns names, so that what follows is made of what it does.

    again: makes it of the statement and the names; it may call `called`, which is `name` of a module of ours.
    """
    body: list[ast.stmt] = []
    is_begun = False
    for statement in tree.body:
        if not is_begun and not _comes_first(statement):
            own = ast.ImportFrom(module, [ast.alias(name, called)], 0)
            body.append(ast.fix_missing_locations(ast.copy_location(own, statement)))
            is_begun = True
        body.append(statement)
        if not isinstance(statement, DEFINING) and (names := _written(ast.unparse(statement))):
            more = again(statement, names)
            body += [] if more is None else [ast.fix_missing_locations(ast.copy_location(more, statement))]
    return ast.Module(body, tree.type_ignores)


@lru_cache(maxsize=512)
def _written(statement: str) -> list[str]:
    """The names that a statement assigns, or changes in place; asked of one text many times over."""
    return sorted(writes(ast.parse(statement)))


def resize_names(space: dict[str, Any], names: list[str], old: int, new: int, reach: Reach) -> None:
    """Resizes what these names stand for in a module."""
    space |= {name: resized(space[name], old, new, reach) for name in names if name in space}


def _comes_first(statement: ast.stmt) -> bool:
    """Docstrings and imports from the future stand before all else."""
    is_text = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    return is_text or (isinstance(statement, ast.ImportFrom) and statement.module == "__future__")


def _are_sizes(values: Any) -> bool:
    """Is it a row of sizes, and not of labels, which begin at 0?"""
    return all(type(one) is int for one in values) and 0 not in values


def _rows(rows: list[Any], old: int, new: int) -> list[Any]:
    return [rows[place % old] for place in range(new)]
