"""Changes of statements as a whole, in phases: each candidate has to be run."""

import ast
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import inf

from gradcheck.diagnosis.candidates.places import Candidate
from gradcheck.diagnosis.edits import apply_swaps
from gradcheck.diagnosis.missing import missing_in
from gradcheck.diagnosis.offers import FAMILIES
from gradcheck.diagnosis.restating import Restatement, functions_named, restated, stored_otherwise
from gradcheck.diagnosis.searches import SHARED, Found, Search, by_distance
from gradcheck.diagnosis.standings import COPIED, HARDLY
from gradcheck.diagnosis.verifying import verified

# The cheapest that another statement, or one that is missing, can be.
RESTATED, MISSING = 1.0, 2.1
# A statement that has no value to be suspected costs as much as a middling one; what is cleared may still store what it
# computes in a wrong way.
ELSEWHERE, CLEARED = 0.4, 0.8
# Statements are tried by running each of some three hundred changes. Where that would take half of all time, algebra
# comes first where there is any; a candidate may take ten times its own.
STATEMENTS, LATER = 60, 0.6
# Where so much of the time went by without a fix, or no place is suspected, a statement is looked for that is missing
# altogether: where it is likely to be, and where not, which costs more. That may take so much of what is left.
FOR_LIKELY, FOR_PLACES, UNLIKELY, FOR_MISSING = 0.3, 0.7, 0.3, 0.8


@dataclass(frozen=True, eq=False)
class Phase:
    """Some candidates: when it is their turn, the least that one of them can cost, what passes.

    found: makes what passes, with None whenever time is up; what follows it is looked for when there is more.
    due: part of the time after which it is their turn anyhow.
    """

    turn: float
    least: float
    found: Callable[[], Iterator[Found | None]]
    due: float = inf


def following(phases: Iterable[Phase], part: float) -> Phase:
    """The phase whose turn it is, or one that is due; part: of the time that is over."""
    waiting = sorted(phases, key=lambda one: one.turn)
    return next((one for one in waiting if one.due <= part), waiting[0])


def passes(search: Search, candidate: Candidate) -> bool:
    """Is the changed text right at the search points?"""
    text = apply_swaps(search.source.text, candidate.swaps)
    return verified(search.bench.original, text, search.truths, search.seconds)


def whole_statements(search: Search) -> Iterator[Phase]:
    """How every statement stores what it computes; then each with other indices, or moved; then what is missing.

    In slow functions what algebra can tell comes first; how it is stored is but a few changes of each, so half as late.
    """
    far = {one.angel.site.statement: cost for one, cost in reversed(by_distance(search))}
    solved = {one.angel.site.statement for one in search.suspects if one.angel.wanted}
    cleared = {site.statement for site in search.bench.sites if site.number in search.cleared}
    slow = search.seconds * STATEMENTS > search.deadline - time.process_time()
    functions, shared = list(dict.fromkeys(one.angel.site.function for one in search.suspects)), search.shared_functions
    near = {statement: min(cost, ELSEWHERE) for statement, cost in far.items()}
    trying = partial(_tried, search, near, {search.source.text})
    stored = list(stored_otherwise(search.bench, search.source, functions))
    yield Phase(RESTATED + LATER / 2 * slow, RESTATED, partial(trying, stored))
    told: dict[ast.stmt, list[Restatement]] = {}
    for one in restated(search.bench, search.source, functions, FAMILIES):
        told.setdefault(one[1], []).append(one)
    for statement, group in told.items():
        where = far.get(statement, CLEARED if statement in cleared else ELSEWHERE + SHARED * (group[0][0] in shared))
        is_head = isinstance(statement, ast.For) and group[0][0] not in shared  # all in the loop hangs on it
        turn = RESTATED + where * (not is_head) + LATER * (slow and bool(solved) and not is_head)
        yield Phase(turn, RESTATED + near.get(statement, ELSEWHERE), partial(trying, group))
    is_single = any(one.grade <= HARDLY for one in search.suspects)
    for likely, part, more in ((True, FOR_LIKELY, 0.0), (False, FOR_PLACES, UNLIKELY)):
        least = MISSING + more
        yield Phase(least, least, partial(_missing, search, likely), part * is_single)


def _tried(
    search: Search, near: Mapping[ast.stmt, float], seen: set[str], candidates: Sequence[Restatement]
) -> Iterator[Found | None]:
    """What passes of the candidates, each by running the text; those seen are not tried again."""
    shared = search.shared_functions
    told = [
        Found(candidate, statement, candidate.cost + near.get(statement, ELSEWHERE) + SHARED * (function in shared))
        for function, statement, candidate in candidates
    ]
    for found in sorted(told, key=lambda one: one.cost):
        if search.is_over:
            yield None
        text = apply_swaps(search.source.text, found.candidate.swaps)
        if text not in seen and passes(search, found.candidate):
            yield found
        seen.add(text)


def _missing(search: Search, likely: bool) -> Iterator[Found | None]:
    """Statements that are missing altogether, in functions that run for the gradient alone."""
    more = UNLIKELY * (not likely)
    near = {one.angel.site.statement: min(cost, ELSEWHERE) for one, cost in reversed(by_distance(search))}
    ran = {one.angel.site.number for one in search.suspects} | search.cleared
    functions = {one.function: None for one in search.bench.sites if one.number in ran and one.is_value}
    own = replace(search, deadline=_for_missing(search))
    for name in (one for one in functions if one not in search.shared_functions):
        for function in functions_named(search.bench.tree, (name,)):
            for found in missing_in(own, function, _known_in(search, name), likely):
                if found is None:
                    yield None
                    own.deadline = _for_missing(search)
                    continue
                statement, candidate = found
                yield Found(candidate, statement, candidate.cost + more + near.get(statement, ELSEWHERE))


def _for_missing(search: Search) -> float:
    """Until when statements may be looked for that are missing."""
    now = time.process_time()
    return now + FOR_MISSING * (search.deadline - now)


def _known_in(search: Search, function: str) -> set[str]:
    """Names in a function of what is right: the parameters of the gradient, and what the loss computes as well."""
    own = [one for one in search.suspects if one.angel.site.function == function and one.angel.site.target]
    copied = {str(one.angel.site.target) for one in own if one.grade == COPIED}
    given = set(search.truths[0].point) if function == search.bench.original.subject.grad else set()
    return given | (copied - {str(one.angel.site.target) for one in own if one.grade != COPIED})
