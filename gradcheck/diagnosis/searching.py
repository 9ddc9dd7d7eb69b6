"""Where the candidates come from, cheap ones first, and which of them pass at the search points."""

import ast
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from gradcheck.diagnosis.angelic import Angel
from gradcheck.diagnosis.benches import Bench
from gradcheck.diagnosis.candidates.axes import change_axes
from gradcheck.diagnosis.candidates.comparisons import change_comparisons, negations
from gradcheck.diagnosis.candidates.constants import change_constants
from gradcheck.diagnosis.candidates.indices import change_indices
from gradcheck.diagnosis.candidates.insertions import insertions
from gradcheck.diagnosis.candidates.names import change_names
from gradcheck.diagnosis.candidates.operators import change_operators
from gradcheck.diagnosis.candidates.places import Candidate, Place
from gradcheck.diagnosis.edits import Source, apply_swaps
from gradcheck.diagnosis.filtering import passing
from gradcheck.diagnosis.fitting import factor_of_all, fits_of
from gradcheck.diagnosis.grips import Grip, grips_of
from gradcheck.diagnosis.restating import restated
from gradcheck.diagnosis.terms import products_of
from gradcheck.diagnosis.truths import Truth
from gradcheck.diagnosis.verifying import verified
from gradcheck.diagnosis.workplaces import Workplace, terms_at, values_in, workplace_at

FAMILIES = (change_operators, change_axes, change_indices, change_constants, change_comparisons, negations)
# What a place further down the list of suspects costs (DIAGNOSIS.md 1.11), and how far beyond the best fix found the
# search goes on (1.8).
RANKED, BEYOND = 0.12, 0.8
# The cheapest that a rewriting, a fit of one term, another statement, a fit of two terms can be.
REWRITTEN, FITTED, RESTATED, PAIRED = 0.9, 1.3, 1.0, 2.0


@dataclass(frozen=True, eq=False)
class Search:
    """What the search has at hand. suspects: the likeliest first; deadline: on time.process_time()."""

    bench: Bench
    source: Source
    suspects: tuple[Angel, ...]
    truths: tuple[Truth, ...]
    deadline: float

    @property
    def is_over(self) -> bool:
        """Has the time been used up?"""
        return time.process_time() > self.deadline


@dataclass(frozen=True, slots=True)
class Found:
    """A candidate that passed at the search points; cost: with the rank of its place."""

    candidate: Candidate
    statement: ast.stmt
    cost: float


def search_for(search: Search) -> Iterator[Found]:
    """Everything that passes, phase by phase; ends where what would follow is too far from the best one found."""
    best = float("inf")
    places = list(_places(search))
    phases: tuple[tuple[float, Callable[[], Iterable[Found]]], ...] = (
        *((REWRITTEN + RANKED * rank, _phase(search, rank, place, _rewritten)) for rank, place in places),
        *((FITTED + RANKED * rank, _phase(search, rank, place, _fitted)) for rank, place in places),
        (RESTATED, lambda: _restated(search)),
        *((PAIRED + RANKED * rank, _phase(search, rank, place, _paired)) for rank, place in places),
    )
    for least, phase in phases:
        if least > best + BEYOND * (least < PAIRED) or search.is_over:
            continue
        for found in phase():
            best = min(best, found.cost)
            yield found
            if search.is_over:
                return


def _places(search: Search) -> Iterator[tuple[int, Workplace]]:
    for rank, angel in enumerate(search.suspects):
        if search.is_over:
            return
        workplace = workplace_at(search.bench, search.source, angel, search.truths)
        if workplace is not None:
            yield rank, workplace


def _phase(
    search: Search, rank: int, workplace: Workplace, candidates: Callable[[Search, Workplace], Iterator[Candidate]]
) -> Callable[[], Iterator[Found]]:
    def run() -> Iterator[Found]:
        site = workplace.angel.site
        passed = passing(
            search.bench, site.number, workplace.place, candidates(search, workplace), workplace.levers, search.truths
        )
        for candidate in passed:
            if candidate is not None:
                yield Found(candidate, site.statement, candidate.cost + RANKED * rank)
            if search.is_over:
                return

    return run


def _rewritten(search: Search, workplace: Workplace) -> Iterator[Candidate]:
    """Other operators, axes, indices, numbers, comparisons and names."""
    found = [one for family in FAMILIES for one in family(workplace.place)]
    found += change_names(workplace.place, workplace.pool, values_in(workplace))
    yield from sorted(found, key=lambda one: one.cost)


def _fitted(search: Search, workplace: Workplace) -> Iterator[Candidate]:
    """One missing term, factor or divisor."""
    if workplace.angel.factor is not None:
        yield from insertions(
            workplace.place, factor_of_all(workplace.place, workplace.angel.factor), workplace.scalars
        )
    terms = terms_at(workplace) if workplace.levers else []
    for grip in grips_of(workplace.place, workplace.levers):
        for fit in fits_of(grip, workplace.levers, terms):
            yield from insertions(workplace.place, fit, workplace.scalars)
        if search.is_over:
            return


def _paired(search: Search, workplace: Workplace) -> Iterator[Candidate]:
    """Matrix products and sums of products, then products of any two terms; of parts that are no bare names."""
    grips = [grip for grip in grips_of(workplace.place, workplace.levers) if not _is_leaf(grip, workplace.place)]
    terms = terms_at(workplace) if grips else []
    alone = [term for term in terms[1:] if not term.is_made]
    shapes = {grip.values[0][0].shape for grip in grips}
    products = {shape: list(products_of(alone, shape)) for shape in shapes}
    for paired in (False, True):
        for grip in grips:
            chosen = terms if paired else products[grip.values[0][0].shape]
            for fit in fits_of(grip, workplace.levers, chosen, paired):
                yield from insertions(workplace.place, fit, workplace.scalars)
            if search.is_over:
                return


def _is_leaf(grip: Grip, place: Place) -> bool:
    return grip.node is not place.expr and isinstance(grip.node, ast.Name | ast.Constant | ast.Attribute)


def _restated(search: Search) -> Iterator[Found]:
    """Statements as a whole, heads of loops and branches, indices of targets."""
    ranks = {angel.site.statement: rank for rank, angel in reversed(list(enumerate(search.suspects)))}
    functions = {angel.site.function for angel in search.suspects}
    seen: set[str] = {search.source.text}
    for statement, candidate in restated(search.bench, search.source, functions, FAMILIES):
        if search.is_over:
            return
        text = apply_swaps(search.source.text, candidate.swaps)
        if text not in seen and verified(search.bench.original, text, search.truths):
            yield Found(candidate, statement, candidate.cost + RANKED * ranks.get(statement, len(ranks) // 2))
        seen.add(text)


def suspects_of(angels: Sequence[Angel]) -> tuple[Angel, ...]:
    """Those that nothing exonerates."""
    return tuple(angel for angel in angels if angel.status != "exonerated")
