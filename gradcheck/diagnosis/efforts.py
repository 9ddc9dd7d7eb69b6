"""A search for one change as far as it has come: taken up again, it goes on where its time was up."""

import ast
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import inf

from gradcheck.diagnosis.benches import Bench, make_bench
from gradcheck.diagnosis.edits import apply_swaps
from gradcheck.diagnosis.filtering import compiled, mends
from gradcheck.diagnosis.phases import Phase, following
from gradcheck.diagnosis.reshaping import Reshaped
from gradcheck.diagnosis.searches import Found, Search
from gradcheck.diagnosis.searching import PAIRED, phases_of
from gradcheck.diagnosis.verifying import verified
from gradcheck.errors import GradcheckError
from gradcheck.subject.limits import limited

# How far beyond the best fix found the search goes on (DIAGNOSIS.md 1.8).
BEYOND = 0.8
# What fails at all other shapes is right by a coincidence of sizes, most likely; the code may be written for its own.
COINCIDENT = 0.9
# A factor that is missing can be written in many ways; of those that are right everywhere so many are kept.
ENOUGH = 4


@dataclass(eq=False)
class Effort:
    """A search with what passed at its points so far.

    begun: the phases that time was up in, with what they still have to find. sure: by statement, the costs of what is
    right at all other shapes. faults: of ours. benches: of the other shapes, by their places.
    """

    search: Search
    found: list[Found] = field(default_factory=list)
    begun: dict[Phase, Iterator[Found | None]] = field(default_factory=dict)
    sure: dict[ast.stmt, list[float]] = field(default_factory=dict)
    faults: list[Exception] = field(default_factory=list)
    benches: dict[int, Bench | None] = field(default_factory=dict)

    @cached_property
    def waiting(self) -> list[Phase]:
        """The phases that are not gone through."""
        return phases_of(self.search)

    @property
    def best(self) -> float:
        """The cost of the likeliest that was found."""
        return min((one.cost for one in self.found), default=inf)


def go_on(effort: Effort) -> None:
    """Looks further, phase by phase, until time is up or what would follow is too far from the best one found.

    A phase that fails by a fault of ours costs only itself; where nothing passes at all, the first fault is raised.
    """
    search, start = effort.search, time.process_time()
    while effort.waiting and not search.is_over:
        part = (time.process_time() - start) / max(search.deadline - start, 1e-9)
        phase = following(effort.waiting, part)
        is_near = phase.least <= effort.best + (BEYOND if phase.least < PAIRED else 0)
        if not is_near or _is_gone_through(effort, phase):
            effort.waiting.remove(phase)
        elif not search.is_over:  # it has its own limit
            effort.waiting.remove(phase)
            later = replace(phase, turn=inf, due=inf)
            effort.waiting.append(later)
            effort.begun[later] = effort.begun.pop(phase)
    if not effort.waiting and effort.faults and not effort.found:
        raise effort.faults[0]


def _is_gone_through(effort: Effort, phase: Phase) -> bool:
    """Takes what a phase finds; False where time is up before it is through."""
    passed = effort.begun.pop(phase, None) or _unbroken(phase, effort.faults)
    for found in passed:
        if found is not None:
            _take(effort, found)
        if found is None or effort.search.is_over:
            effort.begun[phase] = passed
            return False
    return True


def _unbroken(phase: Phase, faults: list[Exception]) -> Iterator[Found | None]:
    """What a phase finds, as far as it comes."""
    try:
        yield from phase.found()
    except GradcheckError:  # time is up
        raise
    except Exception as fault:
        faults.append(fault)


def _take(effort: Effort, found: Found) -> None:
    """Keeps what passed, unless enough at its statement is right everywhere."""
    here = effort.sure.setdefault(found.statement, [])
    if sum(cost <= found.cost for cost in here) < ENOUGH:
        weighed = _at_other_shapes(effort, found)
        if weighed.cost == found.cost:  # right at all of them
            here.append(found.cost)
        effort.found.append(weighed)


def _at_other_shapes(effort: Effort, found: Found) -> Found:
    """The candidate with the other shapes at which it is right; those at which it is not make it less likely."""
    shapes = effort.search.shapes()
    holds = frozenset(i for i in range(len(shapes)) if _is_right_at(effort, i, found))
    part = 1 - len(holds) / len(shapes) if shapes else 0.0
    return replace(found, cost=found.cost + COINCIDENT * part, holds=holds)


def _is_right_at(effort: Effort, place: int, found: Found) -> bool:
    """Is a candidate right at one of the other shapes? Another right-hand side is tried there without a new text."""
    search, shape = effort.search, effort.search.shapes()[place]
    if place not in effort.benches:
        effort.benches[place] = _bench_at(search, shape)
    bench = effort.benches[place]
    code = compiled(found.value[1]) if found.value is not None else None
    if bench is None or found.value is None or code is None:
        return holds_at(search, shape, found)
    try:
        with limited(search.seconds):
            return mends(bench, found.value[0], code, [shape.truth])
    except GradcheckError:
        return False


def holds_at(search: Search, shape: Reshaped, found: Found) -> bool:
    """Is the changed text right at other shapes?"""
    text = apply_swaps(search.source.text, found.candidate.swaps)
    return verified(shape.case, text, [shape.truth], search.seconds)


def _bench_at(search: Search, shape: Reshaped) -> Bench | None:
    """The text on the bench at other shapes; None where it has not the same sites there."""
    try:
        with limited(search.seconds):
            made = make_bench(shape.case)
    except (Exception, SystemExit):  # whatever the user's module raises
        return None
    ours, theirs = ([(one.text, one.statement.lineno) for one in bench.sites] for bench in (search.bench, made))
    return made if ours == theirs else None
