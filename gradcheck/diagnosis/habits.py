"""Faults one by one, by what the names say: `dh` is the derivative of the loss by h, whatever else is wrong below."""

from collections.abc import Iterator, Sequence

import numpy as np

from gradcheck.diagnosis.adjoints import Adjoints
from gradcheck.diagnosis.angels import Angel
from gradcheck.diagnosis.benches import Moment, moments_of
from gradcheck.diagnosis.candidates.places import Candidate
from gradcheck.diagnosis.halves import Half
from gradcheck.diagnosis.offers import fitted, rewritten
from gradcheck.diagnosis.promises import SAME
from gradcheck.diagnosis.recognition import orders
from gradcheck.diagnosis.remedies import knowing_lever, remedies
from gradcheck.diagnosis.roles import role_of_target
from gradcheck.diagnosis.searches import Search
from gradcheck.diagnosis.sites import Site
from gradcheck.diagnosis.workplaces import workplace_with
from gradcheck.errors import GradcheckError
from gradcheck.results.arrays import Floats

# So many changes of the first broken habit are followed, and statements after it are looked at.
CHANGES, BROKEN = 3, 3


def habitual(search: Search, known: Adjoints, order: Sequence[int]) -> Iterator[Half]:
    """Changes after which a statement has the value that its name promises, the first broken promise first.

    known: the adjoints at the first of the search's truths. order: numbers of the sites as they run.
    """
    point, seen = search.truths[0].point, 0
    for sites, adjoints in _promises(search, known, order):
        try:
            moments = [moments_of(search.bench, point, site.number) for site in sites]
        except GradcheckError:
            return
        wanted = [_wanted(found, adjoints) for found in moments]
        if any(want is not None and _is_kept(found, want) for found, want in zip(moments, wanted, strict=True)):
            continue
        for site, found, want in zip(sites, moments, wanted, strict=True):
            if want is not None:
                for one in _changes(search, site, found, want):
                    yield Half(one.swaps, (site.statement.lineno,), one.cost, None)
        seen += 1
        if seen == BROKEN or search.is_over:
            return


def _promises(search: Search, known: Adjoints, order: Sequence[int]) -> Iterator[tuple[list[Site], list[Floats]]]:
    """The sites that store to one name, and the adjoints that it promises, in the order of the first of them."""
    forward = {role.site.target for role in known.roles if role.site.target}
    sites = [search.bench.sites[number] for number in order]
    added = {site.target for site in sites if site.kind == "augment"}
    for target in dict.fromkeys(site.target for site in sites if site.kind == "assign" and site.target not in added):
        meant = role_of_target(target, forward) if target else None
        told = [role for role in known.roles if meant and meant.of is None and role.site.target == meant.by]
        if told:
            yield [site for site in sites if site.target == target], told[-1].adjoints


def _wanted(moments: Sequence[Moment], adjoints: list[Floats]) -> list[Floats] | None:
    """The adjoints of all executions; None where the shapes do not fit."""
    for values in orders(adjoints, len(moments)):
        if [np.shape(one) for one in values] == [np.shape(moment.value) for moment in moments]:
            return values
    return None


def _is_kept(moments: Sequence[Moment], wanted: Sequence[Floats]) -> bool:
    pairs = [(np.asarray(moment.value, dtype=float), one) for moment, one in zip(moments, wanted, strict=True)]
    return all(np.abs(have - one).max(initial=0) <= 1e3 * SAME * np.abs(one).max(initial=0) for have, one in pairs)


def _changes(search: Search, site: Site, moments: Sequence[Moment], wanted: Sequence[Floats]) -> list[Candidate]:
    """The cheapest changes that give the wanted values, where nothing has to be run."""
    lever = knowing_lever(moments, wanted)
    if lever is None:
        return []
    workplace = workplace_with(search.bench, search.source, Angel(site, "possible"), (lever,))
    ways = (remedies(search, workplace, way, CHANGES) for way in (rewritten, fitted))
    return next((found for found in ways if found), [])
