"""Two and three faults at once: each mended where the others do not reach, all verified together."""

import difflib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import accumulate

from gradcheck.diagnosis.benches import changed_case, make_bench
from gradcheck.diagnosis.edits import Swap, apply_edits, read_source, to_edits
from gradcheck.diagnosis.influence import Influence, influence_of
from gradcheck.diagnosis.inquiries import Inquiry, inquire_into, narrowed
from gradcheck.diagnosis.repairs import Repair, find_fixes
from gradcheck.diagnosis.suspects import HARDLY
from gradcheck.diagnosis.truths import Truth, wrong_names
from gradcheck.diagnosis.verifying import verified
from gradcheck.results.diagnoses import Edit
from gradcheck.subject.cases import Case, gradient_at

# More faults than this are not looked for.
FAULTS = 3
# Seconds for one of them, and for the last verification of all.
EACH, LAST = 3.0, 10.0


def mend_several(case: Case, inquiry: Inquiry, fresh: Callable[[], Sequence[Truth]], deadline: float) -> Repair | None:
    """One repair of several edits, verified together; None where none was found in time.

    inquiry: into the text as it is, in which no single change mends all. fresh: makes the truths at other points.
    """
    truths, kept = inquiry.searched, list(fresh())
    current, text, costs, lines = case, inquiry.bench.text, list[float](), list[int]()
    while len(costs) < FAULTS and time.process_time() < deadline:
        found = _one_of_several(current, inquiry, not costs, kept, deadline)
        if found is None:
            return None
        text = apply_edits(text, found.edits)
        costs.append(found.cost)
        lines.append(found.line)
        changed = changed_case(current, text)
        if changed.origin is None:
            return None
        current = replace(changed, origin=replace(changed.origin, text=text))
        if not _wrong(current, truths):
            break
    old = inquiry.bench.text
    if len(costs) < 2 or not verified(case, text, [*truths, *kept], LAST):
        return None
    return Repair(
        edits_between(old, text), min(lines), sum(costs), f"{len(costs)} changes, verified together", len(kept)
    )


def edits_between(old: str, new: str) -> tuple[Edit, ...]:
    """The edits of the old text that give the new one, each shrunk to the tokens that change."""
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    starts = [0, *accumulate(map(len, before))]
    source = read_source(old)
    return tuple(
        edit
        for kind, i, j, k, m in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
        if kind != "equal"
        for edit in to_edits(source, [Swap(starts[i], starts[j], "".join(after[k:m]))])
    )


def _one_of_several(
    case: Case, inquiry: Inquiry, is_first: bool, fresh: Sequence[Truth], deadline: float
) -> Repair | None:
    """A change that mends some of the wrong parameters and makes no other wrong, for as many as can be.

    inquiry: into the text before any change; is_first: the case is that text, of which all at once were tried in vain.
    """
    truths, wrong = inquiry.searched, _wrong(case, inquiry.searched)
    bench = make_bench(case)
    influence = inquiry.influence if is_first else influence_of(bench, truths[0].point)
    for part in _parts(influence, wrong, whole=not is_first):
        if time.process_time() > deadline:
            return None
        names = (set(truths[0].values) - wrong) | part
        some, others = ([narrowed(one, names) for one in these] for these in (truths, fresh))
        until = min(deadline, time.process_time() + EACH)
        within = inquire_into(bench, some, part, until, inquiry.program)
        if not any(one.grade <= HARDLY for one in within.standings):
            continue
        tried = [one for one in within.standings if one.angel.site.is_value]
        fresh_of_part = partial(tuple, others)
        repairs = find_fixes(bench, tried, within.truths, fresh_of_part, until, forward=within.influence.loss_sites)
        if repairs:
            return repairs[0]
    return None


def _parts(influence: Influence, wrong: frozenset[str], whole: bool) -> Iterator[frozenset[str]]:
    """What one of several faults may account for, most first: what a site moves, or what it leaves alone.

    whole: all of them too, first.
    """
    if whole:
        yield wrong
    moved = {moves & wrong for moves in influence.moves.values() if moves}
    parts = moved | {wrong - one for one in moved}
    yield from sorted((one for one in parts if one and one != wrong), key=lambda one: (-len(one), sorted(one)))


def _wrong(case: Case, truths: Sequence[Truth]) -> frozenset[str]:
    """The parameters that are wrong at any of the points."""
    return frozenset().union(*(wrong_names(one, gradient_at(case, one.point, upcast=True)) for one in truths))
