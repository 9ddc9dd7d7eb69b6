"""Where the candidates come from, cheap ones first, and which of them pass at the search points."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache, partial

from gradcheck.diagnosis.candidates.order import left_out
from gradcheck.diagnosis.edits import apply_swaps
from gradcheck.diagnosis.filtering import passing
from gradcheck.diagnosis.offers import Way, derived, fitted, paired, rewritten, zeros
from gradcheck.diagnosis.phases import Phase, in_turn, passes, whole_statements
from gradcheck.diagnosis.searches import Found, Search, by_distance
from gradcheck.diagnosis.standings import MEANT, Standing
from gradcheck.diagnosis.verifying import verified
from gradcheck.diagnosis.workplaces import Workplace, workplace_at
from gradcheck.errors import GradcheckError

# The cheapest that a rewriting, a fit of one term, a fit of two can be; how far beyond the best fix found the search
# goes on (DIAGNOSIS.md 1.8).
REWRITTEN, FITTED, PAIRED, BEYOND = 0.9, 1.3, 2.0, 0.8
# What the forward statements say may stand there, which is more than a slip away from what stands there.
DERIVED = 1.7
# What fails at all other shapes is right by a coincidence of sizes, most likely; the code may be written for its own.
COINCIDENT = 0.9
# A factor that is missing can be written in many ways; of those that are right everywhere so many are kept.
ENOUGH = 4
# Pairs take so long that the single terms of likely places come first. Where the value that is wanted is known for what
# it is, all that algebra can tell comes so much sooner: before the statements that have to be run.
LATER, SOONER = 0.6, 0.8


def search_for(search: Search) -> Iterator[Found]:
    """Everything that passes, phase by phase; ends where what would follow is too far from the best one found.

    A phase that fails by a fault of ours costs only itself; where nothing passes at all, the first fault is raised.
    """
    best, sure = float("inf"), dict[ast.stmt, list[float]]()
    faults: list[Exception] = []
    ways: tuple[tuple[float, Way], ...] = (
        (REWRITTEN, rewritten),
        (FITTED, fitted),
        (DERIVED, derived),
        (PAIRED, paired),
    )
    places = [(one, far, cache(partial(_workplace, search, one))) for one, far in by_distance(search)]
    phases: list[Phase] = [
        Phase(least + far - SOONER * (one.grade == MEANT), least + far, partial(_phase, search, far, place, candidates))
        for one, far, place in places
        for least, candidates in ways
    ]
    phases += whole_statements(search)
    for one in in_turn(replace(one, turn=one.turn + LATER * (one.turn > PAIRED)) for one in phases):
        if one.least > best + (BEYOND if one.least < PAIRED else 0) or search.is_over:
            continue
        for found in _unbroken(one, faults):
            here = sure.setdefault(found.statement, [])
            if sum(cost <= found.cost for cost in here) < ENOUGH:
                weighed = _at_other_shapes(search, found)
                if weighed.cost == found.cost:  # right at all of them
                    here.append(found.cost)
                best = min(best, weighed.cost)
                yield weighed
            if search.is_over:
                return
    if faults and best == float("inf"):
        raise faults[0]


def _unbroken(phase: Phase, faults: list[Exception]) -> Iterator[Found]:
    """What a phase finds, as far as it comes."""
    try:
        yield from phase.found()
    except GradcheckError:  # time is up
        raise
    except Exception as fault:
        faults.append(fault)


def _at_other_shapes(search: Search, found: Found) -> Found:
    """The candidate with the other shapes at which it is right; those at which it is not make it less likely."""
    text, shapes = apply_swaps(search.source.text, found.candidate.swaps), search.shapes()
    holds = frozenset(i for i, one in enumerate(shapes) if verified(one.case, text, [one.truth], search.seconds))
    part = 1 - len(holds) / len(shapes) if shapes else 0.0
    return replace(found, cost=found.cost + COINCIDENT * part, holds=holds)


def _workplace(search: Search, suspect: Standing) -> Workplace | None:
    return workplace_at(search.bench, search.source, suspect.angel, search.truths)


def _phase(
    search: Search,
    far: float,
    place: Callable[[], Workplace | None],
    candidates: Way,
) -> Iterator[Found]:
    """What passes of the candidates for one right-hand side."""
    workplace = place()
    if workplace is None or (workplace.is_mask and candidates is not rewritten):
        return
    if workplace.wants_nothing:
        found = list(_left_out(search, workplace, far))
        yield from found
        if found:  # else zeros only seemed to do
            return
    tried = candidates(search, workplace)
    for candidate in passing(search.bench, workplace, tried, search.truths, search.seconds):
        if candidate is not None:
            yield Found(candidate, workplace.angel.site.statement, candidate.cost + far)
        if search.is_over:
            return


def _left_out(search: Search, workplace: Workplace, far: float) -> Iterator[Found]:
    """A statement that adds what should be zero left out; else only zeros that are written as such are offered."""
    statement = workplace.angel.site.statement
    if isinstance(statement, ast.AugAssign) and isinstance(statement.op, ast.Add | ast.Sub):
        candidate = left_out(search.source, search.bench.tree, statement)
        if candidate is not None and passes(search, candidate):
            yield Found(candidate, statement, candidate.cost + far)
            return
    for candidate in passing(search.bench, workplace, zeros(search, workplace), search.truths, search.seconds):
        if candidate is not None:
            yield Found(candidate, statement, candidate.cost + far)
        if search.is_over:
            return
