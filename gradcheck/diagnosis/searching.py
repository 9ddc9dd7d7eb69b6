"""Where the candidates come from, cheap ones first, and which of them pass at the search points: a phase each."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache, partial

from gradcheck.diagnosis.candidates.order import left_out
from gradcheck.diagnosis.filtering import new_text, passing
from gradcheck.diagnosis.offers import Way, derived, fitted, paired, rewritten, zeros
from gradcheck.diagnosis.phases import Phase, passes, whole_statements
from gradcheck.diagnosis.searches import Found, Search, by_distance
from gradcheck.diagnosis.standings import AGAIN, Standing
from gradcheck.diagnosis.workplaces import Workplace, workplace_at

# The cheapest that a rewriting, a fit of one term, a fit of two can be.
REWRITTEN, FITTED, PAIRED = 0.9, 1.3, 2.0
# What the forward statements say may stand there, which is more than a slip away from what stands there.
DERIVED = 1.7
# Pairs take so long that the single terms of likely places come first. Where the value that is wanted is known for what
# it is, all that algebra can tell comes so much sooner: before the statements that have to be run.
LATER, SOONER = 0.6, 0.8


def phases_of(search: Search) -> list[Phase]:
    """Everything that can be tried, in phases."""
    ways: tuple[tuple[float, Way], ...] = (
        (REWRITTEN, rewritten),
        (FITTED, fitted),
        (DERIVED, derived),
        (PAIRED, paired),
    )
    places = [(one, far, cache(partial(_workplace, search, one))) for one, far in by_distance(search)]
    phases: list[Phase] = [
        Phase(least + far - SOONER * (one.grade <= AGAIN), least + far, partial(_phase, search, far, place, candidates))
        for one, far, place in places
        for least, candidates in ways
    ]
    phases += whole_statements(search)
    return [replace(one, turn=one.turn + LATER * (one.turn > PAIRED)) for one in phases]


def _workplace(search: Search, suspect: Standing) -> Workplace | None:
    return workplace_at(search.bench, search.source, suspect.angel, search.truths)


def _phase(
    search: Search,
    far: float,
    place: Callable[[], Workplace | None],
    candidates: Way,
) -> Iterator[Found | None]:
    """What passes of the candidates for one right-hand side; None where time is up."""
    workplace = place()
    if workplace is None or (workplace.is_mask and candidates is not rewritten):
        return
    if workplace.wants_nothing:
        found = False
        for one in _left_out(search, workplace, far):
            found = found or one is not None
            yield one
        if found:  # else zeros only seemed to do
            return
    tried = candidates(search, workplace)
    for candidate in passing(search.bench, workplace, tried, search.truths, search.seconds):
        if candidate is not None:
            site, text = workplace.angel.site, new_text(workplace.place, candidate)
            yield Found(candidate, site.statement, candidate.cost + far, value=(site.number, text))
        if search.is_over:
            yield None


def _left_out(search: Search, workplace: Workplace, far: float) -> Iterator[Found | None]:
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
            yield None
