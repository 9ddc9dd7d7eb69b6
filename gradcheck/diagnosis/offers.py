"""What may stand at one place instead: other spellings, a missing part, what the forward statements send back."""

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from gradcheck.diagnosis.candidates.arrangements import rearrange
from gradcheck.diagnosis.candidates.axes import change_axes
from gradcheck.diagnosis.candidates.brackets import regroup
from gradcheck.diagnosis.candidates.calls import change_calls, functions_in, hand_more
from gradcheck.diagnosis.candidates.comparisons import change_comparisons, negations
from gradcheck.diagnosis.candidates.conditions import ask_more, compare_anew
from gradcheck.diagnosis.candidates.constants import change_constants
from gradcheck.diagnosis.candidates.exchanges import exchange_parts
from gradcheck.diagnosis.candidates.forms import change_form
from gradcheck.diagnosis.candidates.indices import change_indices, other_brackets, other_slices, shift_throughout
from gradcheck.diagnosis.candidates.insertions import grown, insertions, made_instead, rewritten_as, scaled, spread
from gradcheck.diagnosis.candidates.names import change_names, change_throughout
from gradcheck.diagnosis.candidates.operators import change_operators
from gradcheck.diagnosis.candidates.places import Candidate, Place, replaced
from gradcheck.diagnosis.candidates.sizes import change_sizes, name_numbers, one_off
from gradcheck.diagnosis.candidates.subscripts import change_subscripts
from gradcheck.diagnosis.candidates.supports import restrict_means
from gradcheck.diagnosis.candidates.windows import other_windows
from gradcheck.diagnosis.derived import derived_at
from gradcheck.diagnosis.filtering import new_text, parsed
from gradcheck.diagnosis.fitting import factor_of_all, fits_of
from gradcheck.diagnosis.grips import Grip
from gradcheck.diagnosis.joined_terms import products_of
from gradcheck.diagnosis.restating import brackets_in, slices_in
from gradcheck.diagnosis.searches import Search
from gradcheck.diagnosis.silencing import is_plain_zero
from gradcheck.diagnosis.standings import HARDLY
from gradcheck.diagnosis.terms import Term, named_terms
from gradcheck.diagnosis.totals import totals_at
from gradcheck.diagnosis.unused import read_once
from gradcheck.diagnosis.workplaces import Workplace, grips_at, terms_at, values_in

FAMILIES = (
    change_operators,
    change_axes,
    change_indices,
    shift_throughout,
    change_constants,
    change_sizes,
    change_comparisons,
    negations,
    change_subscripts,
    exchange_parts,
    other_windows,
    regroup,
)
# What the file itself suggests is nearer than any other change.
CLUE = 0.7
# What is changed where it is used is rather changed where it is made.
USED = 0.5
# So many terms are tried at a place by running each.
TRIED = 100
# None: time is up, go on only if there is more.
Way = Callable[[Search, Workplace], Iterator[Candidate | None]]


def zeros(search: Search, workplace: Workplace) -> Iterator[Candidate]:
    """The rewritings that are zero on purpose."""
    for candidate in rewritten(search, workplace):
        code = parsed(new_text(workplace.place, candidate))
        if code is not None and is_plain_zero(code.body):
            yield candidate


def rewritten(search: Search, workplace: Workplace) -> Iterator[Candidate]:
    """Other operators, axes, indices, numbers, comparisons and names, and what the file suggests; cheapest first."""
    values = values_in(workplace)
    if workplace.is_numeric:
        values = {workplace.place.expr: tuple(moment.value for moment in workplace.moments), **values}
    found = [one for family in FAMILIES for one in family(workplace.place)]
    found += change_names(workplace.place, workplace.pool, values)
    found += name_numbers(workplace.place, workplace.scalars)
    found += one_off(workplace.place, values)
    found += change_throughout(workplace.place, workplace.pool, values)
    found += change_calls(workplace.place, functions_in(search.bench.tree))
    if not workplace.is_numeric:
        found += hand_more(workplace.place, workplace.pool, values)
    found += compare_anew(workplace.place, workplace.pool, values)
    found += ask_more(workplace.place, workplace.pool, values)
    found += restrict_means(workplace.place, workplace.pool, values)
    found += other_slices(workplace.place, slices_in(search.bench.tree))
    found += other_brackets(workplace.place, brackets_in(search.bench.tree, workplace.angel.site.function))
    found += rearrange(workplace.place, values)
    clue = workplace.angel.clue
    if clue is not None:
        found.append(replaced(workplace.place, workplace.place.expr, clue.text, CLUE, clue.meaning))
    if not workplace.levers:  # a gradient of another shape has none
        found += change_form(workplace.place)
    yield from sorted(found, key=lambda one: one.cost)


def fitted(search: Search, workplace: Workplace) -> Iterator[Candidate | None]:
    """One missing term, factor or divisor."""
    if workplace.angel.factor is not None:
        yield from insertions(
            workplace.place, factor_of_all(workplace.place, workplace.angel.factor), workplace.scalars
        )
    terms = terms_at(workplace)
    if not any(lever.is_faithful for lever in workplace.levers) and workplace.is_numeric:
        more = [*scaled(workplace.place, workplace.scalars), *grown(workplace.place, terms, workplace.moments)]
        more += made_instead(workplace.place)
        if workplace.angel.site.has_subscript:
            more += spread(workplace.place, terms, workplace.moments)
        yield from sorted(more, key=lambda one: one.cost)[:TRIED]
    yield from _fits(search, workplace, terms)


def derived(search: Search, workplace: Workplace) -> Iterator[Candidate | None]:
    """What the forward statements send back, in the place of the whole, of a part, or beside it."""
    told = [*totals_at(search.bench, workplace, search.forward), *derived_at(search.bench, workplace, search.forward)]
    terms = named_terms(told, workplace.counts)
    if not any(lever.is_faithful for lever in workplace.levers) and workplace.is_numeric:
        yield from sorted(rewritten_as(workplace.place, terms, workplace.moments), key=lambda one: one.cost)[:TRIED]
    if terms:
        yield from _fits(search, workplace, terms)


def _fits(search: Search, workplace: Workplace, terms: Sequence[Term]) -> Iterator[Candidate | None]:
    """What the terms can mend, in the place of a part or beside it.

    Where that part is a variable that is made in a suspected statement and read here alone, that statement is meant.
    """
    site = workplace.angel.site
    near = (one.angel.site for one in search.suspects if one.grade <= HARDLY)
    made = {other.target for other in near if other.function == site.function}
    once = made & read_once(search.bench.tree, site.function)
    for grip in grips_at(workplace):
        is_use = grip.node is not site.expr and isinstance(grip.node, ast.Name) and grip.node.id in once
        for fit in fits_of(grip, workplace.levers, terms):
            for candidate in insertions(workplace.place, fit, workplace.scalars):
                yield replace(candidate, cost=candidate.cost + USED) if is_use else candidate
        if search.is_over:
            yield None


def paired(search: Search, workplace: Workplace) -> Iterator[Candidate | None]:
    """Matrix products and sums of products, also added to bare names; products of any two terms of other parts."""
    grips = grips_at(workplace)
    terms = terms_at(workplace) if grips else ()
    alone = [term for term in terms[1:] if not term.is_made]
    shapes = {grip.values[0][0].shape for grip in grips}
    products = {shape: list(products_of(alone, shape)) for shape in shapes}
    for paired in (False, True):
        for grip in grips:
            is_leaf = _is_leaf(grip, workplace.place)
            if is_leaf and (paired or isinstance(grip.node, ast.Constant)):
                continue
            chosen = terms if paired else products[grip.values[0][0].shape]
            for fit in fits_of(grip, workplace.levers, chosen, paired):
                if fit.how == "add" or not is_leaf:
                    yield from insertions(workplace.place, fit, workplace.scalars)
            if search.is_over:
                yield None


def _is_leaf(grip: Grip, place: Place) -> bool:
    return grip.node is not place.expr and isinstance(grip.node, ast.Name | ast.Constant | ast.Attribute)
