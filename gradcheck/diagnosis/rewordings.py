"""Other texts for a site of a backward pass: the usual slips, and what makes a derivative of the loss of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import CodeType
from typing import Any

import numpy as np

from gradcheck.diagnosis.angels import Angel
from gradcheck.diagnosis.benches import Moment, moments_of
from gradcheck.diagnosis.candidates.places import Candidate
from gradcheck.diagnosis.derived import derived_at
from gradcheck.diagnosis.filtering import compiled, new_text
from gradcheck.diagnosis.matching import matched
from gradcheck.diagnosis.offers import rewritten
from gradcheck.diagnosis.pools import evaluate, fingerprint, is_number
from gradcheck.diagnosis.searches import Search
from gradcheck.diagnosis.sites import Site
from gradcheck.diagnosis.terms import named_terms
from gradcheck.diagnosis.witnesses import Court
from gradcheck.diagnosis.workplaces import Workplace, terms_at, workplace_of
from gradcheck.errors import GradcheckError

# So many missing terms of one site are looked at, the nearest first.
MATCHED = 40


@dataclass(frozen=True, eq=False)
class Rewording:
    """Another text for a site; fits: it gives derivatives of the loss at some execution."""

    site: Site
    candidate: Candidate
    code: CodeType
    fits: bool


def rewordings_of(court: Court, search: Search, site: Site, turn: int) -> Iterator[Rewording]:
    """Other texts for a site of numbers, each value there once, the nearest text first; turn: what goes wrong first."""
    if search.is_over:
        return
    try:
        moments = _chosen(search, site, turn)
    except GradcheckError:
        return
    workplace = workplace_of(search.bench, search.source, Angel(site, "unknown"), moments)
    if not workplace.is_numeric:
        return
    seen = {fingerprint([moment.value for moment in moments])}
    for candidate in _candidates(court, search, workplace):
        code = compiled(new_text(workplace.place, candidate))
        values = _values(moments, code) if code is not None else None
        if code is None or values is None or (key := fingerprint(values)) in seen:
            continue
        seen.add(key)
        numbers = np.ravel(np.asarray(values[0], dtype=float))[:, None]
        yield Rewording(site, candidate, code, bool(court.are_right(site.number, numbers)[0]))
        if search.is_over:
            return


def _chosen(search: Search, site: Site, turn: int) -> list[Moment]:
    """The execution that goes wrong first, and some that tell names apart that have one value there."""
    moments = moments_of(search.bench, search.truths[0].point, site.number)
    others = [moment for truth in search.truths[1:2] for moment in moments_of(search.bench, truth.point, site.number)]
    return [moments[turn], *moments[-1:], *others[:1], *others[-1:]]


def _candidates(court: Court, search: Search, workplace: Workplace) -> Iterator[Candidate]:
    yield from rewritten(search, workplace)
    sent = named_terms(derived_at(search.bench, workplace, search.forward), workplace.counts)
    number = workplace.angel.site.number
    found = matched(workplace, [*terms_at(workplace), *sent], lambda columns: court.are_right(number, columns))
    yield from sorted(found, key=lambda one: one.cost)[:MATCHED]


def _values(moments: Sequence[Moment], code: CodeType) -> list[Any] | None:
    """What a text gives at some executions; None where it raises, or gives no numbers."""
    try:
        values = [evaluate(moment, code) for moment in moments]
    except Exception:  # whatever the candidate raises
        return None
    return values if all(map(is_number, values)) else None
