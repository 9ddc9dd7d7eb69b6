"""Small constants that keep a loss finite, as in `log(p + 1e-8)`: is the gradient that of the loss without them?"""

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradcheck.diagnosis.benches import changed_case
from gradcheck.diagnosis.edits import Source, Swap, apply_swaps, read_source, stretch, to_edits, written
from gradcheck.diagnosis.inquiries import Inquiry
from gradcheck.diagnosis.remainders import holds_everywhere
from gradcheck.diagnosis.repairs import Repair
from gradcheck.diagnosis.true_gradients import truth_at
from gradcheck.diagnosis.truths import Truth, wrong_names
from gradcheck.diagnosis.verifying import LAST, verified
from gradcheck.results.arrays import Floats
from gradcheck.subject.cases import Case, gradient_at, loss_at
from gradcheck.subject.limits import limited

# A larger constant is part of the model and guards nothing.
LARGEST = 1e-2
BOUNDS = frozenset({"clip", "maximum", "max", "fmax", "minimum", "min"})
SIMPLE = (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Return, ast.Expr)
# So many guards are left out one by one; seconds for all of it.
EACH, LONG = 4, 3.0
# The step of a difference along the fault, relative to the point; half of the fault at least has to be explained.
STEP, PART = 2.0**-17, 0.5
# What a fix costs that only puts into the gradient what stands in the loss.
COST = 1.0


@dataclass(frozen=True, eq=False)
class Guard:
    """A guarded expression of the loss: where it stands, with and without its guard, and the guard in words."""

    swap: Swap
    whole: str
    bare: str
    words: str
    line: int


def remark_on_guards(inquiry: Inquiry) -> list[str]:
    """That the gradient is the one of the loss without its guards, where it is; nothing where it is not."""
    guards = guards_in(inquiry)
    groups = [*([one] for one in guards[:EACH]), *([guards] if len(guards) > 1 else [])]
    try:
        with limited(LONG):
            found = next((group for group in groups if _is_without(inquiry, group)), None)
    except Exception:  # whatever the altered loss raises
        return []
    if found is None:
        return []
    told = " and ".join(dict.fromkeys(f"`{one.words}` (line {one.line})" for one in found))
    mend = "put the same into the gradient, or leave it out of the loss"
    return [f"the gradient is that of the loss without {told}: {mend}"]


def with_guards(inquiry: Inquiry, fresh: Callable[[], Sequence[Truth]]) -> list[Repair]:
    """The gradient with the guards of the loss put in where the same expressions stand without them, verified."""
    bench, source = inquiry.bench, read_source(inquiry.bench.text)
    for swaps in _places(inquiry, source):
        text = apply_swaps(bench.text, swaps)
        if not verified(bench.original, text, inquiry.truths, LAST):
            continue
        if not holds_everywhere(bench.original, bench.text, text, inquiry.searched, fresh()):
            continue
        edits = to_edits(source, swaps)
        words = f"`{swaps[0].new.strip('()')}` belongs here as in the loss"
        return [Repair(edits, edits[0].span.line, COST, words, len(fresh()))]
    return []


def guards_in(inquiry: Inquiry) -> list[Guard]:
    """The guarded expressions in the statements that the loss runs, in the order of the text."""
    bench, source = inquiry.bench, read_source(inquiry.bench.text)
    lines = {bench.sites[number].statement.lineno for number in inquiry.influence.forward}
    names = getattr(bench.original.functions.loss, "__globals__", {})
    found: dict[tuple[int, int], Guard] = {}
    for node in _nodes(bench.tree, lines):
        if (parts := _guarded(node, names)) is not None:
            bare, added = parts
            start, end = stretch(source, node)
            inner = written(source, bare)
            swap = Swap(start, end, inner if isinstance(bare, ast.Name | ast.Call | ast.Subscript) else f"({inner})")
            words = f"+ {written(source, added)}" if added is not None else written(source, node)
            found[start, end] = Guard(swap, written(source, node), ast.unparse(bare), words, node.lineno)
    return [found[place] for place in sorted(found)]


def _nodes(tree: ast.Module, lines: set[int]) -> Iterator[ast.expr]:
    """The expressions of the statements that begin on these lines."""
    for statement in ast.walk(tree):
        if isinstance(statement, SIMPLE) and statement.lineno in lines:
            yield from (node for node in ast.walk(statement) if isinstance(node, ast.expr))


def _guarded(node: ast.expr, names: Mapping[str, Any]) -> tuple[ast.expr, ast.expr | None] | None:
    """(what is guarded, the constant that is added) of `x + 1e-8` and `np.clip(x, eps, 1 - eps)`."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        for bare, constant in ((node.left, node.right), (node.right, node.left)):
            if _is_small(constant, names) and not _is_small(bare, names):
                return bare, constant
    if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in BOUNDS:
        bounds = [*node.args, *(word.value for word in node.keywords)]
        plain = [one for one in node.args if not any(_is_small(part, names) for part in ast.walk(one))]
        if len(plain) == 1 and len(bounds) > 1:
            return plain[0], None
    return None


def _is_small(node: ast.AST, names: Mapping[str, Any]) -> bool:
    """Is it a small positive number, or the name of one?"""
    value = node.value if isinstance(node, ast.Constant) else names.get(node.id) if isinstance(node, ast.Name) else None
    return isinstance(value, float) and 0 < value <= LARGEST


def _is_without(inquiry: Inquiry, guards: Sequence[Guard]) -> bool:
    """Is the given gradient that of the loss without these guards, at the points where it is wrong?"""
    bench = inquiry.bench
    altered = changed_case(bench.original, apply_swaps(bench.text, _outermost(guards)))
    for truth in inquiry.truths[:2]:
        yours = gradient_at(bench.original, truth.point, upcast=True)
        if not _comes_nearer(altered, truth, yours) or wrong_names(truth_at(altered, truth.point), yours):
            return False
    return True


def _outermost(guards: Sequence[Guard]) -> list[Swap]:
    """The swaps but for those inside another."""
    swaps = [one.swap for one in guards]
    return [a for a in swaps if not any(b is not a and b.start <= a.start and a.end <= b.end for b in swaps)]


def _comes_nearer(altered: Case, truth: Truth, yours: Mapping[str, Any]) -> bool:
    """Has an altered loss, along the fault, half the way to the given gradient at least? Two calls tell."""
    fault = {name: np.nan_to_num(np.asarray(yours[name]) - values) for name, values in truth.values.items()}
    size = float(np.sqrt(sum((one**2).sum() for one in fault.values())))
    if not size or not np.isfinite(size):
        return False
    scale = STEP * max(1.0, *(float(np.abs(one).max(initial=0.0)) for one in truth.point.values())) / size
    up, down = (loss_at(altered, _moved(truth.point, fault, sign * scale)) for sign in (1, -1))
    slope = (up - down) / (2 * scale)  # along the fault: the altered loss's own
    wanted, had = (
        sum(float((np.asarray(one[name]) * along).sum()) for name, along in fault.items())
        for one in (yours, truth.values)
    )
    return abs(slope - wanted) <= PART * abs(had - wanted)


def _moved(point: Mapping[str, Floats], along: Mapping[str, Floats], scale: float) -> dict[str, Floats]:
    return {name: array + scale * along[name] if name in along else array for name, array in point.items()}


def _places(inquiry: Inquiry, source: Source) -> Iterator[list[Swap]]:
    """What the loss guards, at the places of the backward pass that do not: one by one, then all at once."""
    bench, influence = inquiry.bench, inquiry.influence
    shared = {bench.sites[number].statement.lineno for number in (*influence.forward, *influence.shared)}
    lines = {bench.sites[number].statement.lineno for number in influence.backward} - shared
    whole = {one.bare: one.whole for one in guards_in(inquiry)}
    has = {one for text in whole.values() for one in [ast.unparse(ast.parse(text, mode="eval").body)]}
    found: dict[tuple[int, int], Swap] = {}
    for around in _nodes(bench.tree, lines):
        for node in ast.iter_child_nodes(around):
            if isinstance(node, ast.expr) and ast.unparse(node) in whole and ast.unparse(around) not in has:
                text, plain = whole[ast.unparse(node)], isinstance(around, ast.Call)
                start, end = stretch(source, node)
                found[start, end] = Swap(start, end, text if plain else f"({text})")
    yield from ([one] for one in list(found.values())[: 2 * EACH])
    if len(found) > 1:
        yield list(found.values())
