"""Changes of statements as a whole, in phases: each candidate has to be run."""

import ast
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from gradcheck.diagnosis.candidates.places import Candidate
from gradcheck.diagnosis.edits import apply_swaps
from gradcheck.diagnosis.missing import missing_in
from gradcheck.diagnosis.offers import FAMILIES
from gradcheck.diagnosis.restating import Restatement, functions_named, restated, stored_otherwise
from gradcheck.diagnosis.searches import SHARED, Found, Search, by_distance
from gradcheck.diagnosis.verifying import verified

# The cheapest that another statement, or one that is missing, can be.
RESTATED, MISSING = 1.0, 2.1
# A statement that has no value to be suspected costs as much as a middling one; what is cleared may still store what it
# computes in a wrong way.
ELSEWHERE, CLEARED = 0.4, 0.8
# Statements are tried by running each of some three hundred changes. Where that would take half of all time, algebra
# comes first where there is any; a candidate may take ten times its own.
STATEMENTS, LATER = 60, 0.6


@dataclass(frozen=True, eq=False)
class Phase:
    """Some candidates: when it is their turn, the least that one of them can cost, what passes."""

    turn: float
    least: float
    found: Callable[[], Iterator[Found]]


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
        turn = RESTATED + where + LATER * (slow and statement in solved)
        yield Phase(turn, RESTATED + near.get(statement, ELSEWHERE), partial(trying, group))
    yield Phase(MISSING, MISSING, partial(_missing, search))


def _tried(
    search: Search, near: Mapping[ast.stmt, float], seen: set[str], candidates: Sequence[Restatement]
) -> Iterator[Found]:
    """What passes of the candidates, each by running the text; those seen are not tried again."""
    shared = search.shared_functions
    told = [
        Found(candidate, statement, candidate.cost + near.get(statement, ELSEWHERE) + SHARED * (function in shared))
        for function, statement, candidate in candidates
    ]
    for found in sorted(told, key=lambda one: one.cost):
        if search.is_over:
            return
        text = apply_swaps(search.source.text, found.candidate.swaps)
        if text not in seen and passes(search, found.candidate):
            yield found
        seen.add(text)


def _missing(search: Search) -> Iterator[Found]:
    """Statements that are missing altogether, in functions that run for the gradient alone."""
    near = {one.angel.site.statement: min(cost, ELSEWHERE) for one, cost in reversed(by_distance(search))}
    ran = {one.angel.site.number for one in search.suspects} | search.cleared
    functions = {one.function: None for one in search.bench.sites if one.number in ran and one.is_value}
    for name in (one for one in functions if one not in search.shared_functions):
        for function in functions_named(search.bench.tree, (name,)):
            found = missing_in(search.bench, search.source, function, search.truths, search.deadline, search.seconds)
            for statement, candidate in found:
                yield Found(candidate, statement, candidate.cost + near.get(statement, ELSEWHERE))
