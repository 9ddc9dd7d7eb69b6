"""Does what a change wrote have any part in the gradients that verified it? What has none is not verified by them."""

import ast
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from math import copysign, inf
from typing import Any

import numpy as np

from gradcheck.diagnosis.changes import changes_between
from gradcheck.diagnosis.truths import Truth
from gradcheck.diagnosis.values import numbers_in, with_numbers
from gradcheck.diagnosis.verifying import is_agreed, is_consistent
from gradcheck.subject.cases import Case
from gradcheck.subject.limits import limited
from gradcheck.subject.reruns import run_tree

STILL = "__gradcheck_still__"
# What a number is multiplied by to see whether it matters: no ratio of usual numbers, far enough from 1.
OTHERS = (1.37, 0.73)
# What makes zeros on purpose, and what only hands them on.
ZEROS = frozenset({"zeros", "zeros_like", "copy", "reshape", "astype"})
MEASURES = frozenset({"shape", "size", "ndim", "dtype"})
LIKES = frozenset({"zeros_like", "ones_like", "empty_like", "full_like"})
Place = tuple[int, int, int | None, int | None]


def is_felt(case: Case, old: str, new: str, truths: Sequence[Truth], seconds: float) -> bool:
    """False where a piece of what changed may as well be zero: `exp(z ** 2)` that underflows beside a sum, say.

    Nor is a new number felt where others do as well: a bound of 150 that nothing reaches.
    old, new: the texts; truths: at the points where the new one was verified. Zeros that are written as such are felt.
    seconds: of CPU, for each piece.
    """
    if any(_is_idle(case, new, place, truths, seconds) for place in dict.fromkeys(_pieces(old, new))):
        return False
    return not any(_is_free(case, new, place, truths, seconds) for place in dict.fromkeys(_numbers(old, new)))


def is_plain_zero(node: ast.expr) -> bool:
    """Can the expression be zero on purpose: a number, a name, np.zeros(...)?"""
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Attribute) and node.func.attr in ZEROS
    return isinstance(node, ast.Constant | ast.Name | ast.Attribute | ast.Subscript)


def _pieces(old: str, new: str) -> Iterator[Place]:
    """Where the changed expressions of the new text stand, and the expressions around each."""
    for change in changes_between(old, new):
        value = getattr(change.after, "value", None)
        if change.old is None or change.new is None or not isinstance(value, ast.expr):
            continue
        inside = {id(part) for part in ast.walk(change.new)}
        measured = {id(part) for node in ast.walk(value) if (one := _measured(node)) for part in ast.walk(one)}
        for node in ast.walk(value):
            if id(node) in measured:  # zeros have the same length
                continue
            around = any(part is change.new for part in ast.walk(node))
            if isinstance(node, ast.expr) and (around or (node is value and id(value) in inside)):
                yield _place_of(node)


def _numbers(old: str, new: str) -> Iterator[Place]:
    """Where numbers stand in the new text that what was there before has not."""
    for change in changes_between(old, new):
        before = {one.value for one in ast.walk(change.before) if isinstance(one, ast.Constant)}
        for node in ast.walk(change.new) if change.new is not None else ():
            if isinstance(node, ast.Constant) and type(node.value) in (int, float) and node.value not in before:
                yield _place_of(node)


def _measured(node: ast.AST) -> ast.expr | None:
    """What an expression asks for nothing but its size: the x of `len(x)`, `x.shape`, `np.zeros_like(x)`."""
    match node:
        case ast.Call(ast.Name("len"), [one]):
            return one
        case ast.Attribute(one, attribute) if attribute in MEASURES:
            return one
        case ast.Call(ast.Attribute(_, name), [one, *_]) if name in LIKES:
            return one
    return None


def _place_of(node: ast.expr) -> Place:
    return node.lineno, node.col_offset, node.end_lineno, node.end_col_offset


def _is_free(case: Case, text: str, place: Place, truths: Sequence[Truth], seconds: float) -> bool:
    """Are all gradients as right with a larger number at that place, or with a smaller one?"""
    return any(_is_right_with(case, text, place, partial(_moved, one), truths, seconds) for one in OTHERS)


def _moved(factor: float, number: float) -> float:
    """A number times a factor; for a zero, which no factor moves, what is beyond all numbers: is it a border?"""
    return number * factor if number else copysign(inf, factor - 1)


def _is_idle(case: Case, text: str, place: Place, truths: Sequence[Truth], seconds: float) -> bool:
    """Are all gradients as right with zeros for the value of the expression at that place?"""
    seen: set[bool] = set()

    def still(value: Any) -> Any:
        numbers = numbers_in(value)
        seen.update(bool(np.any(one)) for one in numbers)
        return with_numbers(value, [np.zeros_like(one) for one in numbers])

    found = _is_right_with(case, text, place, still, truths, seconds)
    return found is not None and (True in seen or (bool(seen) and not is_plain_zero(found)))


def _is_right_with(
    case: Case, text: str, place: Place, other: Callable[[Any], Any], truths: Sequence[Truth], seconds: float
) -> ast.expr | None:
    """The expression at a place, if all gradients are right with another value of it; else None."""
    stiller = _Stiller(place)
    tree = case.origin.parse(text, case.subject.path or "") if case.origin else ast.Module([], [])
    stiller.visit(tree)
    ast.fix_missing_locations(tree)
    if stiller.found is None or case.origin is None:
        return None
    try:
        with limited(seconds):
            changed = case.origin.remake(run_tree(case, tree, {STILL: other}))
            same = all(is_consistent(changed, truth) for truth in truths) and is_agreed(changed, truths)
    except (Exception, SystemExit):
        return None
    return stiller.found if same else None


class _Stiller(ast.NodeTransformer):
    """Puts the outermost expression at a place into a call that makes another value of it."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.found: ast.expr | None = None

    def visit(self, node: ast.AST) -> ast.AST:
        loaded = isinstance(getattr(node, "ctx", ast.Load()), ast.Load)
        if self.found is None and isinstance(node, ast.expr) and loaded and _place_of(node) == self.place:
            self.found = node
            return ast.copy_location(ast.Call(ast.Name(STILL, ast.Load()), [node], []), node)
        return self.generic_visit(node)
