"""Faults one by one, the one first whose mending brings most right: what comes after it can be judged then."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from gradcheck.diagnosis.adjoints import Adjoints
from gradcheck.diagnosis.benches import make_bench, restated_case
from gradcheck.diagnosis.edits import apply_swaps
from gradcheck.diagnosis.searches import search_of
from gradcheck.diagnosis.slips import Slip, slips_of
from gradcheck.diagnosis.truths import Truth
from gradcheck.diagnosis.witnesses import court_at, hear
from gradcheck.errors import GradcheckError
from gradcheck.subject.cases import Case

# More faults than this are not looked for.
FAULTS = 3
# So many slips are followed at a time; for each, so much of the time that is left, and so much for finding them.
FOLLOWED, FOR_EACH, FOR_SLIPS = 3, 0.5, 0.6
# What brings so much right, or a gradient, is followed at once; less than the least is right by chance.
STRONG, LEAST = 2.0, 0.1
# After so many kinds of slips any change is looked for, where one of the faults is mended already.
SOON = 1


@dataclass(frozen=True, slots=True)
class Mended:
    """A text after several changes, at which lines, at what cost together."""

    text: str
    lines: tuple[int, ...]
    cost: float


@dataclass(frozen=True, eq=False)
class Task:
    """What holds for every text of a file: derivatives and truths of its loss, and which functions may be changed.

    tried: the texts that were gone on from. holds: is a text right everywhere? finish: the one change of a case that is
    left, by a deadline. seconds: of CPU for one candidate.
    """

    known: Adjoints | None
    truths: tuple[Truth, ...]
    functions: frozenset[str]
    tried: set[str]
    holds: Callable[[str], bool]
    finish: Callable[[Case, float], Mended | None]
    seconds: float


def mend_stepwise(task: Task, case: Case, deadline: float, most: int, is_first: bool = True) -> Mended | None:
    """At most so many changes with which everything is right; None where none were found in time.

    Each is a slip that brings more right than there was; the last one may be any change (`finish`): that is looked for
    after the likeliest slips, unless it was before (is_first).
    """
    bench, now = make_bench(case), time.process_time()
    court = court_at(bench, task.truths[0], task.known, task.functions)
    base = hear(court)
    if base is None:
        return None
    until = now + FOR_SLIPS * (deadline - now)
    search = search_of(bench, task.truths, until, task.seconds, task.functions)
    weak: list[Slip] = []
    for place, slips in enumerate(slips_of(court, search, base)):
        for slip in slips:
            text = apply_swaps(bench.text, slip.swaps)
            if court.outputs.are_right(slip.hearing.row) and task.holds(text):
                return Mended(text, (slip.line,), slip.cost)
        strong = [one for one in slips if one.gain >= STRONG or one.hearing.names > base.names]
        found = _followed(task, bench.text, case, strong[:FOLLOWED], deadline, most)
        if found is None and place == SOON and not is_first:
            found = task.finish(case, deadline)
        if found is not None:
            return found
        weak += [one for one in slips if one.gain > LEAST and one not in strong]
    best = sorted(weak, key=_worth)[:FOLLOWED] if is_first else []
    return _followed(task, bench.text, case, best, deadline, most)


def _worth(slip: Slip) -> float:
    return -slip.worth


def _followed(task: Task, old: str, case: Case, slips: Sequence[Slip], deadline: float, most: int) -> Mended | None:
    """The first of the slips after which the rest can be mended."""
    for slip in slips:
        now, text = time.process_time(), apply_swaps(old, slip.swaps)
        changed = None if text in task.tried or now > deadline or most < 2 else restated_case(case, text)
        task.tried.add(text)
        if changed is None:
            continue
        try:
            rest = mend_stepwise(task, changed, now + FOR_EACH * (deadline - now), most - 1, is_first=False)
        except GradcheckError:
            continue
        if rest is not None:
            return replace(rest, lines=(slip.line, *rest.lines), cost=slip.cost + rest.cost)
    return None
