"""A statement that is missing altogether: which one, after which line, added to or multiplied into what is there."""

import ast
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache

from gradcheck.diagnosis.accesses import names_in
from gradcheck.diagnosis.benches import Bench, gradients_of
from gradcheck.diagnosis.candidates.insertions import insertions
from gradcheck.diagnosis.candidates.places import Candidate
from gradcheck.diagnosis.chances import Prospect, set_out
from gradcheck.diagnosis.counters import rows_in
from gradcheck.diagnosis.edits import Source, Swap
from gradcheck.diagnosis.filtering import new_text, passing
from gradcheck.diagnosis.fitting import Fit, fits_of
from gradcheck.diagnosis.gaps import Gap, gaps_at
from gradcheck.diagnosis.grips import grips_of
from gradcheck.diagnosis.materials import FAR, NEAR, Kind, any_two
from gradcheck.diagnosis.outputs import outputs_of
from gradcheck.diagnosis.phrasing import statement_of
from gradcheck.diagnosis.searches import Search
from gradcheck.diagnosis.spots import Spot, spots_in
from gradcheck.diagnosis.terms import Term
from gradcheck.diagnosis.truths import Truth, wrong_names

# A whole statement is more than a term; what is made of a condition, or of another statement, is further away.
COST = 0.5
# An entry that the function reads nowhere is as far as a neighbour of one that it reads.
ROW = 0.3
# The statement beside it, and the candidate.
Addition = tuple[ast.stmt, Candidate]


def missing_in(
    search: Search, function: ast.FunctionDef, known: Collection[str], likely: bool
) -> Iterator[Addition | None]:
    """(the statement beside it, the candidate) for every statement whose addition passes at the search points.

    None whenever time is up. known: names of what is right in the function. likely: at spots that are, or at the
    others. What is further off is made only where nothing nearer is found.
    """
    begun = _prospect(search.bench, search.source, search.truths, function, frozenset(known))
    chosen, rows = [spot for spot in begun.spots if spot.is_likely is likely], dict.fromkeys(rows_in(function), ROW)
    gaps = list(gaps_at(search, set_out(begun, search.deadline), chosen, rows))
    while search.is_over:
        yield None
        gaps = list(gaps_at(search, set_out(begun, search.deadline), chosen, rows))
    near = [gap for gap in gaps if not gap.is_known]
    for some, kinds in ((near, NEAR), (gaps, FAR)):
        found = False
        for one in _made_of(search, some, kinds):
            found = found or one is not None
            yield one
        if found:
            return


@lru_cache(maxsize=4)  # once for the spots that are likely, once for the others
def _prospect(
    bench: Bench, source: Source, truths: tuple[Truth, ...], function: ast.FunctionDef, known: frozenset[str]
) -> Prospect:
    """All spots of a function, of which nothing is known yet."""
    gradients = [gradients_of(bench, truth.point) for truth in truths]
    wrong = wrong_names(truths[0], gradients[0])
    outputs = tuple(map(outputs_of, truths, gradients))
    return Prospect(bench, source, tuple(spots_in(source, function, wrong, known)), wrong, outputs)


def _made_of(search: Search, gaps: Sequence[Gap], kinds: Sequence[Kind]) -> Iterator[Addition | None]:
    """What passes of the statements of the first of these kinds of which any does."""
    for made in kinds:
        found = False
        for gap in gaps:
            for one in _passing(search, gap, made(search, gap), made is any_two):
                found = found or one is not None
                yield one
            if search.is_over:
                yield None
        if found:
            return


def _passing(search: Search, gap: Gap, terms: Sequence[Term], paired: bool) -> Iterator[Addition | None]:
    """The statements made of these terms, or of any two, that mend all."""
    bench, workplace = gap.chance.bench, gap.workplace
    for candidate in passing(bench, workplace, _candidates(gap, terms, paired), search.truths, search.seconds):
        if candidate is not None:
            value = new_text(workplace.place, candidate)
            statement = statement_of(gap.chance.spot.target, value, gap.chance.spot.is_given)
            if not _undoes(search.bench.tree, statement):
                yield _inserted(gap.chance.spot, statement, candidate.cost, search)
        if search.is_over:
            yield None


def _candidates(gap: Gap, terms: Sequence[Term], paired: bool) -> Iterator[Candidate]:
    """What there is with a term added, or times one; what is made of it, or anything where nothing is stored yet."""
    place, grip = gap.workplace.place, next(iter(grips_of(gap.workplace.place, gap.workplace.levers)))
    for fit in fits_of(grip, gap.workplace.levers, terms, paired):
        if _is_meant(gap, fit):
            yield from insertions(place, fit, gap.workplace.scalars)


def _is_meant(gap: Gap, fit: Fit) -> bool:
    """Can a statement do it without making another one useless?"""
    spot = gap.chance.spot
    if fit.how == "add" or gap.chance.is_sum:
        return fit.how == "add"
    return (
        fit.how != "replace"
        or spot.is_carried
        or names_in(gap.workplace.place.expr) <= names_in(ast.parse(fit.term.text))
    )


def _undoes(tree: ast.Module, statement: str) -> bool:
    """Does it only take back what another statement adds?"""
    node = ast.parse(statement).body[0]
    if not isinstance(node, ast.AugAssign) or not isinstance(node.op, ast.Add | ast.Sub):
        return False
    node.op = ast.Sub() if isinstance(node.op, ast.Add) else ast.Add()
    return any(ast.dump(one) == ast.dump(node) for one in ast.walk(tree) if isinstance(one, ast.AugAssign))


def _inserted(own: Spot, statement: str, cost: float, search: Search) -> Addition:
    """The statement before it, and the candidate as a new line of the user's own text."""
    spot = own.best_for(statement)
    swap = Swap(spot.start, spot.start, spot.line(search.source, statement))
    return spot.after, Candidate((swap,), cost + COST, f"a missing statement: {statement}")
