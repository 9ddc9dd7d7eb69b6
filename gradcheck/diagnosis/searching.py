"""Where the candidates come from, cheap ones first, and which of them pass at the search points."""

import ast
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial

from gradcheck.diagnosis.benches import Bench
from gradcheck.diagnosis.candidates.axes import change_axes
from gradcheck.diagnosis.candidates.comparisons import change_comparisons, negations
from gradcheck.diagnosis.candidates.constants import change_constants
from gradcheck.diagnosis.candidates.forms import change_form
from gradcheck.diagnosis.candidates.indices import change_indices
from gradcheck.diagnosis.candidates.insertions import grown, insertions, rewritten_as, spread
from gradcheck.diagnosis.candidates.names import change_names
from gradcheck.diagnosis.candidates.operators import change_operators
from gradcheck.diagnosis.candidates.order import left_out
from gradcheck.diagnosis.candidates.places import Candidate, Place, replaced
from gradcheck.diagnosis.candidates.sizes import change_sizes, name_numbers
from gradcheck.diagnosis.derived import derived_at
from gradcheck.diagnosis.edits import Source, apply_swaps
from gradcheck.diagnosis.filtering import new_text, passing
from gradcheck.diagnosis.fitting import factor_of_all, fits_of
from gradcheck.diagnosis.grips import Grip, grips_of
from gradcheck.diagnosis.missing import missing_in
from gradcheck.diagnosis.reshaping import Reshaped
from gradcheck.diagnosis.restating import functions_named, restated
from gradcheck.diagnosis.silencing import is_plain_zero
from gradcheck.diagnosis.suspects import COPIED, HARDLY, MEANT, POSSIBLE, RIGHT, STARTING, UNKNOWN, Standing
from gradcheck.diagnosis.terms import Term, named_terms, products_of
from gradcheck.diagnosis.truths import Truth
from gradcheck.diagnosis.unused import read_once
from gradcheck.diagnosis.verifying import verified
from gradcheck.diagnosis.workplaces import Workplace, terms_at, values_in, workplace_at

FAMILIES = (
    change_operators,
    change_axes,
    change_indices,
    change_constants,
    change_sizes,
    change_comparisons,
    negations,
)
# What a place further down the list of suspects costs (DIAGNOSIS.md 1.11), or one less likely for a reason, and how
# far beyond the best fix found the search goes on (1.8).
RANKED, BEYOND = 0.12, 0.8
GRADED = {MEANT: 0.0, POSSIBLE: 0.1, HARDLY: 0.4, STARTING: 0.6, UNKNOWN: 0.3, RIGHT: 0.8, COPIED: 1.0}
# The cheapest that a rewriting, a fit of one term, another statement, a fit of two terms can be.
REWRITTEN, FITTED, RESTATED, PAIRED, MISSING = 0.9, 1.3, 1.0, 2.0, 2.1
# What the file itself suggests is nearer than any other change.
CLUE = 0.7
# What the forward statements say may stand there, which is more than a slip away from what stands there.
DERIVED = 1.7
# Ranks beyond this say no more; a statement that has no value to be suspected costs as much as a middling one.
# A function that makes the loss as well is seldom the one to change.
LATE, ELSEWHERE, SHARED = 10, 0.4, 0.5
# So many terms are tried at a place by running each.
TRIED = 100
# What fails at all other shapes is right by a coincidence of sizes, most likely; the code may be written for its own.
COINCIDENT = 0.9
# What is changed where it is used is rather changed where it is made.
USED = 0.5
# A factor that is missing can be written in many ways; of those that are right everywhere so many are kept.
ENOUGH = 4
# Pairs take so long that the single terms of likely places come first.
LATER = 0.6
# Statements are tried by running each of some hundred changes. Where that would take all time, algebra comes first; a
# candidate may take ten times its own.
STATEMENTS = 10


@dataclass(frozen=True, eq=False)
class Search:
    """What the search has at hand.

    suspects: the likeliest first, none exonerated. deadline: on time.process_time(). seconds: for each candidate.
    cleared: numbers of the sites that are exonerated. shapes: makes the cases of other shapes.
    forward: numbers of the sites that the loss depends on.
    """

    bench: Bench
    source: Source
    suspects: tuple[Standing, ...]
    truths: tuple[Truth, ...]
    deadline: float
    seconds: float
    cleared: frozenset[int] = frozenset()
    shapes: Callable[[], Sequence[Reshaped]] = tuple
    forward: frozenset[int] = frozenset()

    @property
    def is_over(self) -> bool:
        """Has the time been used up?"""
        return time.process_time() > self.deadline

    @property
    def shared_functions(self) -> frozenset[str]:
        """The functions of which not every value is suspected: the loss depends on them too, or they are not run."""
        suspected = {one.angel.site.number for one in self.suspects}
        return frozenset(
            site.function for site in self.bench.sites if site.is_value and site.number not in suspected | self.cleared
        )


@dataclass(frozen=True, slots=True)
class Found:
    """A candidate that passed at the search points.

    cost: with the rank of its place. holds: the places of the other shapes at which it is right too, in their row.
    """

    candidate: Candidate
    statement: ast.stmt
    cost: float
    holds: frozenset[int] = frozenset()


Way = Callable[[Search, Workplace], Iterator[Candidate]]


def search_for(search: Search) -> Iterator[Found]:
    """Everything that passes, phase by phase; ends where what would follow is too far from the best one found."""
    best, sure = float("inf"), dict[ast.stmt, list[float]]()
    ways: tuple[tuple[float, Way], ...] = (
        (REWRITTEN, rewritten),
        (FITTED, fitted),
        (DERIVED, _derived),
        (PAIRED, _paired),
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
        phases, key=lambda one: one[0] + LATER * (one[0] > PAIRED or (slow and one[1] is whole))
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
    for candidate in passing(search.bench, workplace, _zeros(search, workplace), search.truths, search.seconds):
        if candidate is not None:
            yield Found(candidate, statement, candidate.cost + far)
        if search.is_over:
            return


def _passes(search: Search, candidate: Candidate) -> bool:
    text = apply_swaps(search.source.text, candidate.swaps)
    return verified(search.bench.original, text, search.truths, search.seconds)


def _zeros(search: Search, workplace: Workplace) -> Iterator[Candidate]:
    """The rewritings that are zero on purpose."""
    for candidate in rewritten(search, workplace):
        code = ast.parse(f"(\n{new_text(workplace.place, candidate)}\n)", mode="eval").body
        if is_plain_zero(code):
            yield candidate


def rewritten(_search: Search, workplace: Workplace) -> Iterator[Candidate]:
    """Other operators, axes, indices, numbers, comparisons and names, and what the file suggests; cheapest first."""
    found = [one for family in FAMILIES for one in family(workplace.place)]
    found += change_names(workplace.place, workplace.pool, values_in(workplace))
    found += name_numbers(workplace.place, workplace.scalars)
    clue = workplace.angel.clue
    if clue is not None:
        found.append(replaced(workplace.place, workplace.place.expr, clue.text, CLUE, clue.meaning))
    if not workplace.levers:  # a gradient of another shape has none
        found += change_form(workplace.place)
    yield from sorted(found, key=lambda one: one.cost)


def fitted(search: Search, workplace: Workplace) -> Iterator[Candidate]:
    """One missing term, factor or divisor."""
    if workplace.angel.factor is not None:
        yield from insertions(
            workplace.place, factor_of_all(workplace.place, workplace.angel.factor), workplace.scalars
        )
    terms = terms_at(workplace)
    if not any(lever.is_faithful for lever in workplace.levers) and workplace.is_numeric:
        more = list(grown(workplace.place, terms, workplace.moments))
        if workplace.angel.site.has_subscript:
            more += spread(workplace.place, terms, workplace.moments)
        yield from sorted(more, key=lambda one: one.cost)[:TRIED]
    yield from _fits(search, workplace, terms)


def _derived(search: Search, workplace: Workplace) -> Iterator[Candidate]:
    """What the forward statements send back, in the place of the whole, of a part, or beside it."""
    terms = named_terms(derived_at(search.bench, workplace, search.forward), workplace.counts)
    if not any(lever.is_faithful for lever in workplace.levers):
        yield from sorted(rewritten_as(workplace.place, terms, workplace.moments), key=lambda one: one.cost)[:TRIED]
    if terms:
        yield from _fits(search, workplace, terms)


def _fits(search: Search, workplace: Workplace, terms: Sequence[Term]) -> Iterator[Candidate]:
    """What the terms can mend, in the place of a part or beside it.

    Where that part is a variable that is made in a suspected statement and read here alone, that statement is meant.
    """
    site = workplace.angel.site
    near = (one.angel.site for one in search.suspects if one.grade <= HARDLY)
    made = {other.target for other in near if other.function == site.function}
    once = made & read_once(search.bench.tree, site.function)
    for grip in grips_of(workplace.place, workplace.levers):
        is_use = grip.node is not site.expr and isinstance(grip.node, ast.Name) and grip.node.id in once
        for fit in fits_of(grip, workplace.levers, terms):
            for candidate in insertions(workplace.place, fit, workplace.scalars):
                yield replace(candidate, cost=candidate.cost + USED) if is_use else candidate
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
    near = {one.angel.site.statement: min(cost, ELSEWHERE) for one, cost in reversed(_by_distance(search))}
    shared = search.shared_functions
    functions = list(dict.fromkeys(one.angel.site.function for one in search.suspects))
    seen: set[str] = {search.source.text}
    for function, statement, candidate in restated(search.bench, search.source, functions, FAMILIES):
        if search.is_over:
            return
        text = apply_swaps(search.source.text, candidate.swaps)
        if text not in seen and _passes(search, candidate):
            yield Found(
                candidate, statement, candidate.cost + near.get(statement, ELSEWHERE) + SHARED * (function in shared)
            )
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
