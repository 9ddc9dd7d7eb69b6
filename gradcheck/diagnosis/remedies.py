"""Changes of one right-hand side that give it a value that is known: found by looking at it alone, nothing is run."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from gradcheck.diagnosis.benches import Moment
from gradcheck.diagnosis.candidates.places import Candidate
from gradcheck.diagnosis.filtering import compiled, is_enough, new_text
from gradcheck.diagnosis.levers import Lever, projecting
from gradcheck.diagnosis.offers import Way
from gradcheck.diagnosis.searches import Search
from gradcheck.diagnosis.workplaces import Workplace
from gradcheck.results.arrays import Floats


def knowing_lever(moments: Sequence[Moment], wanted: Sequence[Floats]) -> Lever | None:
    """The lever of executions of which each value is known; None where there is none, or the file's is no number."""
    have, shapes = _flat([moment.value for moment in moments]), tuple(np.shape(one) for one in wanted)
    lacks = _flat(wanted) - have
    if not lacks.size or not np.isfinite(lacks).all():
        return None
    seen_by = projecting(have.size)
    return Lever(tuple(moments), shapes, seen_by, seen_by @ lacks, is_faithful=True)


def remedies(search: Search, workplace: Workplace, way: Way, most: int) -> list[Candidate]:
    """So many of the cheapest changes of one kind with which a site lacks nothing at its levers."""
    found, seen = list[Candidate](), set[str]()
    for candidate in way(search, workplace):
        if candidate is None:
            break
        text = new_text(workplace.place, candidate)
        code = None if text in seen else compiled(text)
        seen.add(text)
        if code is not None and all(is_enough(lever, code) for lever in workplace.levers):
            found.append(candidate)
        if search.is_over:
            break
    return sorted(found, key=lambda one: one.cost)[:most]


def _flat(values: Sequence[Any]) -> Floats:
    return np.concatenate([np.zeros(0), *(np.ravel(np.asarray(value, dtype=float)) for value in values)])
