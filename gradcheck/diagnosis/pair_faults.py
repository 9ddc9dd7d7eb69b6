"""A forward and a backward pass that is wrong by itself: the fault stands in it, and is mended there.

Under the truth of the whole net much of a layer can make up for another part of it; each pair alone, under a cotangent
of its own, cannot (DIAGNOSIS.md, section 2). Two faults in two layers do not disturb each other there.
"""

import ast
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from gradcheck.diagnosis.benches import make_bench, restated_case
from gradcheck.diagnosis.edits import apply_edits
from gradcheck.diagnosis.inquiries import SEARCHED, Inquiry, Point, inquire_into
from gradcheck.diagnosis.pair_cases import LARGEST, is_whole, layout_of, local_case, point_of
from gradcheck.diagnosis.pairs import Call, Pair, calls_at, matched, pairs_in
from gradcheck.diagnosis.remainders import edits_between
from gradcheck.diagnosis.repairs import Repair, find_fixes
from gradcheck.diagnosis.reshaping import Reshaped
from gradcheck.diagnosis.stepwise import FAULTS
from gradcheck.diagnosis.true_gradients import truths_at
from gradcheck.diagnosis.truths import Truth, wrong_names
from gradcheck.diagnosis.verifying import LAST, verified
from gradcheck.errors import GradcheckError
from gradcheck.results.diagnoses import Edit
from gradcheck.subject.cases import Case, gradient_at
from gradcheck.subject.limits import limited

# Seconds of CPU for the pairs' calls.
CALLED = 5.0
# A pair is asked about at so many points.
ASKED = 2


@dataclass(frozen=True, eq=False)
class Local:
    """A pair alone, and points at which it was called, the first one where the whole gradient is wrong.

    wrong: the names of the inputs whose gradients its backward pass has wrong. is_whole: are they asked about for all
    that it returns, and is it called but once?
    """

    pair: Pair
    case: Case
    points: tuple[Point, ...]
    wrong: frozenset[str]
    is_whole: bool = False


def mend_pairs(
    case: Case,
    inquiry: Inquiry,
    points: Sequence[Point],
    alone: Sequence[Local],
    fresh: Callable[[], Sequence[Truth]],
    shapes: Callable[[], Sequence[Reshaped]],
    deadline: float,
) -> list[Repair]:
    """Changes of pairs that are wrong alone with which the whole gradient is right; none where there are none.

    inquiry: into the whole gradient. alone: the case's pairs as they are. fresh, shapes: its truths at points for
    verification, and of other shapes.
    """
    texts, cost = [inquiry.bench.text], 0.0
    for fault in range(FAULTS):
        current = restated_case(case, texts[0])
        if current is None:
            return []
        local = next((one for one in (try_pairs(current, points) if fault else alone) if one.wrong), None)
        if local is None and not fault:
            return []
        repairs = _mended(local, deadline) if local else _mended_outside(current, inquiry, fresh, deadline)
        if not repairs:
            return []
        cost += repairs[0].cost
        mended = [apply_edits(texts[0], repair.edits) for repair in repairs]
        right = [one for one in mended if verified(case, one, inquiry.searched, LAST)]
        texts = right or mended
        if right:
            return _told(case, inquiry.bench.text, right, cost, fresh(), shapes())
    return []


def try_pairs(case: Case, points: Sequence[Point]) -> list[Local]:
    """The pairs of a case that can be called alone, those first whose backward pass calls no other of them."""
    assert case.origin is not None
    tree = ast.parse(case.origin.text)
    pairs = pairs_in(tree)
    if not pairs:
        return []
    calls = cache(lambda place: calls_at(case, pairs, points[place]))
    try:
        with limited(CALLED):
            runs = range(len(points))
            found = [one for pair in pairs if (one := _local(case, tree, pair, map(calls, runs))) is not None]
    except (Exception, SystemExit):  # whatever the code raises where it is called by itself
        return []
    inside = {one.pair: _called_in(tree, one.pair) for one in found}
    return sorted(found, key=lambda one: sum(other.pair.backward in inside[one.pair] for other in found))


def right_alone(alone: Sequence[Local]) -> frozenset[str]:
    """Qualified names of the backward passes that are right by themselves."""
    return frozenset(map(_qualified, (one.pair for one in alone if not one.wrong)))


def innocent(alone: Sequence[Local]) -> frozenset[str]:
    """Those of them in which nothing is to be mended: whatever else they returned would be wrong for what they do."""
    return frozenset(map(_qualified, (one.pair for one in alone if not one.wrong and one.is_whole)))


def _qualified(pair: Pair) -> str:
    return f"{pair.owner}.{pair.backward}" if pair.owner else pair.backward


def _local(case: Case, tree: ast.Module, pair: Pair, runs: Iterable[Sequence[Call]]) -> Local | None:
    """The pair alone; None where it cannot be called so. runs: the calls of all pairs, point by point."""
    layouts, called = [], []
    for calls in runs:
        called.append(sum((call.name, call.owner) == (pair.backward, pair.owner) for call in calls))
        both = matched(pair, calls)
        layout = layout_of(tree, pair, *both) if both else None
        if layout is None:
            return None
        layouts.append(layout)
    own = [point_of(layout) for layout in layouts]
    if not 0 < sum(array.size for array in own[0].values()) <= LARGEST:
        return None
    alike = [one for one in own if {n: a.shape for n, a in one.items()} == {n: a.shape for n, a in own[0].items()}]
    local = local_case(case, layouts[0])
    wrong: set[str] = set()
    for truth in truths_at(local, alike[:ASKED]):
        wrong |= wrong_names(truth, gradient_at(local, truth.point, upcast=True))
    return Local(pair, local, tuple(alike), frozenset(wrong), all(map(is_whole, layouts)) and max(called) == 1)


def _mended(local: Local, deadline: float) -> list[Repair]:
    """Changes with which a pair alone is right."""
    first, rest = local.points[:SEARCHED], local.points[SEARCHED:]
    return _repairs(local.case, truths_at(local.case, first), lambda: truths_at(local.case, rest), deadline)


def _mended_outside(
    case: Case, inquiry: Inquiry, fresh: Callable[[], Sequence[Truth]], deadline: float
) -> list[Repair]:
    """Changes with which the whole gradient is right, where all pairs are."""
    return _repairs(case, inquiry.searched, fresh, deadline)


def _repairs(
    case: Case, truths: Sequence[Truth], fresh: Callable[[], Sequence[Truth]], deadline: float
) -> list[Repair]:
    """Changes that mend a case, in half of the time that is left."""
    until = (time.process_time() + deadline) / 2
    wrong = wrong_names(truths[0], gradient_at(case, truths[0].point, upcast=True))
    try:
        bench = make_bench(case)
        inquiry = inquire_into(bench, truths, wrong, until)
        tried = [one for one in inquiry.standings if one.angel.site.is_value]
        return find_fixes(bench, tried, inquiry.truths, fresh, until, forward=inquiry.influence.forward)
    except GradcheckError:
        return []


def _told(
    case: Case, old: str, texts: Sequence[str], cost: float, fresh: Sequence[Truth], shapes: Sequence[Reshaped]
) -> list[Repair]:
    """Those of the texts that hold at the fresh points, the ones first that are right at most of the other shapes."""
    found = []
    for text in texts:
        if verified(case, text, fresh, LAST):
            failed = tuple(one.words for one in shapes if not verified(one.case, text, [one.truth], LAST))
            edits, others = edits_between(old, text), len(shapes) - len(failed)
            words = f"{len(edits)} changes, verified together"
            found.append(Repair(edits, _line(edits), cost, words, len(fresh) + others, others, failed))
    general = [one for one in found if not any(set(other.coincident) < set(one.coincident) for other in found)]
    return sorted(general, key=lambda one: len(one.coincident))


def _line(edits: Sequence[Edit]) -> int:
    """The first line that changes; where a new one comes in, the one before it."""
    return min(max(1, one.span.line - (not one.old and one.new.endswith("\n"))) for one in edits)


def _called_in(tree: ast.Module, pair: Pair) -> frozenset[str]:
    """The names that a backward pass reads or calls."""
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == pair.backward]
    inner = [part for node in nodes for part in ast.walk(node)]
    called = {part.id for part in inner if isinstance(part, ast.Name)}
    return frozenset(called | {part.attr for part in inner if isinstance(part, ast.Attribute)} - {pair.backward})
