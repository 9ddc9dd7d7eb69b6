"""Where the candidates come from, cheap ones first, and which of them pass at the search points."""

import ast
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache, partial

from gradcheck.diagnosis.candidates.order import left_out
from gradcheck.diagnosis.candidates.places import Candidate
from gradcheck.diagnosis.edits import apply_swaps
from gradcheck.diagnosis.filtering import passing
from gradcheck.diagnosis.missing import missing_in
from gradcheck.diagnosis.offers import FAMILIES, Way, derived, fitted, paired, rewritten, zeros
from gradcheck.diagnosis.restating import functions_named, restated
from gradcheck.diagnosis.searches import Found, Search
from gradcheck.diagnosis.suspects import COPIED, HARDLY, MEANT, POSSIBLE, RIGHT, STARTING, UNKNOWN, Standing
from gradcheck.diagnosis.verifying import verified
from gradcheck.diagnosis.workplaces import Workplace, workplace_at

# What a place further down the list of suspects costs (DIAGNOSIS.md 1.11), or one less likely for a reason, and how
# far beyond the best fix found the search goes on (1.8).
RANKED, BEYOND = 0.12, 0.8
GRADED = {MEANT: 0.0, POSSIBLE: 0.1, HARDLY: 0.4, STARTING: 0.6, UNKNOWN: 0.3, RIGHT: 0.8, COPIED: 1.0}
# The cheapest that a rewriting, a fit of one term, another statement, a fit of two terms can be.
REWRITTEN, FITTED, RESTATED, PAIRED, MISSING = 0.9, 1.3, 1.0, 2.0, 2.1
# What the forward statements say may stand there, which is more than a slip away from what stands there.
DERIVED = 1.7
# Ranks beyond this say no more; a statement that has no value to be suspected costs as much as a middling one.
# A function that makes the loss as well is seldom the one to change.
LATE, ELSEWHERE, SHARED = 10, 0.4, 0.5
# What fails at all other shapes is right by a coincidence of sizes, most likely; the code may be written for its own.
COINCIDENT = 0.9
# A factor that is missing can be written in many ways; of those that are right everywhere so many are kept.
ENOUGH = 4
# Pairs take so long that the single terms of likely places come first.
LATER = 0.6
# Statements are tried by running each of some three hundred changes. Where that would take half of all time, algebra
# comes first, of the first few places at least; a candidate may take ten times its own.
STATEMENTS = 60


def search_for(search: Search) -> Iterator[Found]:
    """Everything that passes, phase by phase; ends where what would follow is too far from the best one found."""
    best, sure = float("inf"), dict[ast.stmt, list[float]]()
    ways: tuple[tuple[float, Way], ...] = (
        (REWRITTEN, rewritten),
        (FITTED, fitted),
        (DERIVED, derived),
        (PAIRED, paired),
    )
    places = [(far, cache(partial(_workplace, search, one))) for one, far in _by_distance(search)]
    phases: list[tuple[float, Callable[[], Iterator[Found]]]] = [
        (least + far, partial(_phase, search, far, place, candidates))
        for far, place in places
        for least, candidates in ways
    ]
    whole = partial(_restated, search)
    phases.append((RESTATED, whole))
    phases.append((MISSING, partial(_missing, search)))
    slow = search.seconds * STATEMENTS > search.deadline - time.process_time()
    for least, phase in sorted(
        phases, key=lambda one: one[0] + LATER * ((one[0] > PAIRED) + 2 * (slow and one[1] is whole))
    ):
        if least > best + (BEYOND if least < PAIRED else 0) or search.is_over:
            continue
        for found in phase():
            here = sure.setdefault(found.statement, [])
            if sum(cost <= found.cost for cost in here) < ENOUGH:
                weighed = _at_other_shapes(search, found)
                if weighed.cost == found.cost:  # right at all of them
                    here.append(found.cost)
                best = min(best, weighed.cost)
                yield weighed
            if search.is_over:
                return


def _at_other_shapes(search: Search, found: Found) -> Found:
    """The candidate with the other shapes at which it is right; those at which it is not make it less likely."""
    text, shapes = apply_swaps(search.source.text, found.candidate.swaps), search.shapes()
    holds = frozenset(i for i, one in enumerate(shapes) if verified(one.case, text, [one.truth], search.seconds))
    part = 1 - len(holds) / len(shapes) if shapes else 0.0
    return replace(found, cost=found.cost + COINCIDENT * part, holds=holds)


def _by_distance(search: Search) -> list[tuple[Standing, float]]:
    """The suspects with what their place costs."""
    shared = search.shared_functions
    return [
        (one, RANKED * min(rank, LATE) + GRADED[one.grade] + SHARED * (one.angel.site.function in shared))
        for rank, one in enumerate(search.suspects)
    ]


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
    if workplace is None:
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
        if candidate is not None and _passes(search, candidate):
            yield Found(candidate, statement, candidate.cost + far)
            return
    for candidate in passing(search.bench, workplace, zeros(search, workplace), search.truths, search.seconds):
        if candidate is not None:
            yield Found(candidate, statement, candidate.cost + far)
        if search.is_over:
            return


def _passes(search: Search, candidate: Candidate) -> bool:
    text = apply_swaps(search.source.text, candidate.swaps)
    return verified(search.bench.original, text, search.truths, search.seconds)


def _restated(search: Search) -> Iterator[Found]:
    """Statements as a whole, heads of loops and branches, indices of targets."""
    near = {one.angel.site.statement: min(cost, ELSEWHERE) for one, cost in reversed(_by_distance(search))}
    shared = search.shared_functions
    functions = list(dict.fromkeys(one.angel.site.function for one in search.suspects))
    seen: set[str] = {search.source.text}
    tried = [
        Found(candidate, statement, candidate.cost + near.get(statement, ELSEWHERE) + SHARED * (function in shared))
        for function, statement, candidate in restated(search.bench, search.source, functions, FAMILIES)
    ]
    for found in sorted(tried, key=lambda one: one.cost):
        if search.is_over:
            return
        text = apply_swaps(search.source.text, found.candidate.swaps)
        if text not in seen and _passes(search, found.candidate):
            yield found
        seen.add(text)


def _missing(search: Search) -> Iterator[Found]:
    """Statements that are missing altogether, in functions that run for the gradient alone."""
    near = {one.angel.site.statement: min(cost, ELSEWHERE) for one, cost in reversed(_by_distance(search))}
    ran = {one.angel.site.number for one in search.suspects} | search.cleared
    functions = {one.function: None for one in search.bench.sites if one.number in ran and one.is_value}
    for name in (one for one in functions if one not in search.shared_functions):
        for function in functions_named(search.bench.tree, (name,)):
            found = missing_in(search.bench, search.source, function, search.truths, search.deadline, search.seconds)
            for statement, candidate in found:
                yield Found(candidate, statement, candidate.cost + near.get(statement, ELSEWHERE))
