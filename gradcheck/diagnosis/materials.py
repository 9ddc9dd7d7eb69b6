"""What a statement may be made of at a gap, kind by kind: what is in scope, and what is made of it."""

from collections.abc import Callable, Sequence

import numpy as np

from gradcheck.diagnosis.analogies import analogies
from gradcheck.diagnosis.derived import derived_at
from gradcheck.diagnosis.gaps import Gap
from gradcheck.diagnosis.joined_terms import products_of, slices_of, under_conditions
from gradcheck.diagnosis.searches import Search
from gradcheck.diagnosis.terms import Term, named_terms

Kind = Callable[[Search, Gap], Sequence[Term]]


def _alone(_: Search, gap: Gap) -> Sequence[Term]:
    """What is in scope, and what is made of one such value."""
    return gap.terms


def any_two(_: Search, gap: Gap) -> Sequence[Term]:
    """Products of any two of them, entry by entry."""
    return gap.terms


def _joined(search: Search, gap: Gap) -> Sequence[Term]:
    """Matrix products, parts of what is longer, and what the forward statements send back."""
    shape, alone = gap.workplace.levers[0].shapes[0], gap.plain
    derived = named_terms(derived_at(search.bench, gap.workplace, search.forward), gap.workplace.counts)
    return [*derived, *products_of(alone, shape), *slices_of(alone, gap.chance.spot.target, shape)]


def _kindred(search: Search, gap: Gap) -> Sequence[Term]:
    """What other statements of the function say, of the values that are called alike."""
    return _like_others(search, gap, kindred=True)


def _analogous(search: Search, gap: Gap) -> Sequence[Term]:
    """What other statements of the function say, of any other values."""
    return _like_others(search, gap, kindred=False)


def _like_others(search: Search, gap: Gap, kindred: bool) -> Sequence[Term]:
    function = gap.workplace.angel.site.function
    sites = [site for site in search.bench.sites if site.function == function]
    return named_terms(analogies(gap.workplace, sites, search.bench.tree, kindred), gap.workplace.counts)


def _conditional(_: Search, gap: Gap) -> Sequence[Term]:
    """What is in scope, where a condition of the file holds."""
    return list(under_conditions(gap.terms, gap.workplace.pool, gap.workplace.counts))


def _cut(_: Search, gap: Gap) -> Sequence[Term]:
    """Parts of matrix products."""
    shape = gap.workplace.levers[0].shapes[0]
    lengths = {size for term in gap.plain for size in np.shape(term.values[0][0])}
    shapes = [(*shape[:i], n, *shape[i + 1 :]) for i in range(len(shape)) for n in sorted(lengths) if n > shape[i]]
    whole = [term for one in shapes for term in products_of(gap.plain, one)]
    return list(slices_of(whole, gap.chance.spot.target, shape))


# Kinds in the order in which they are tried; those further off only where nothing nearer is found.
NEAR: tuple[Kind, ...] = (_kindred, _alone, _joined, any_two, _conditional)
FAR: tuple[Kind, ...] = (_analogous, _cut)
