"""Small mistakes planted in the text of a gradient that agrees: would this check have seen them?"""

import ast
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from gradcheck.checks.looks import Demands, Look
from gradcheck.diagnosis.benches import Bench, changed_case, make_bench
from gradcheck.diagnosis.candidates.axes import change_axes
from gradcheck.diagnosis.candidates.comparisons import change_comparisons
from gradcheck.diagnosis.candidates.constants import change_constants
from gradcheck.diagnosis.candidates.indices import change_indices
from gradcheck.diagnosis.candidates.operators import change_operators
from gradcheck.diagnosis.candidates.places import place_at
from gradcheck.diagnosis.edits import apply_swaps, read_source
from gradcheck.diagnosis.influence import influence_of
from gradcheck.errors import GradcheckError
from gradcheck.judgement.comparison import own_rounding
from gradcheck.results.outcomes import Outcome
from gradcheck.results.result import Audit, PlantedKind
from gradcheck.results.verdicts import Verdict
from gradcheck.subject.cases import Case, gradient_at
from gradcheck.subject.limits import limited
from gradcheck.subject.safety import does_io
from gradcheck.subject.sources import located

KIND = "a line changed"
FAMILIES = (change_operators, change_axes, change_indices, change_constants, change_comparisons)
# So many mistakes at most, one of each family at a place: a page names them, and each is a run of the gradient.
MOST = 60
# So much of the budget is for them, however long the verdict took.
FOR_PLANTED = 0.5
# CPU seconds that one of them may take.
LONG = 2.0


def plant_lines(case: Case, looks: Sequence[Look], audit: Audit, demands: Demands) -> Audit:
    """The audit with mistakes in the gradient's own text, where a thorough check agrees and the text is at hand.

    Each is a sign, an operator, an axis, an index, a number or a comparison changed in a line that runs for the
    gradient alone. It counts as planted where it moves the gradient at a checked point by more than rounding, as caught
    where the deciding point's error bars show it, or where the gradient does not run any more.
    """
    if demands.level != "thorough" or demands.budget <= 0 or any(one.outcome is not Outcome.AGREE for one in looks):
        return audit
    deadline = time.process_time() + demands.left(FOR_PLANTED)
    given = next((look for look in looks if look.point.kind == "given"), looks[-1])
    try:
        told = _told(located(case), (looks[-1], given), deadline)
    except GradcheckError:
        return audit
    if not told:
        return audit
    kind = PlantedKind(KIND, len(told), sum(here for _, here, _ in told), sum(there for _, _, there in told))
    return replace(audit, kinds=(*audit.kinds, kind), missed=(*audit.missed, *(w for w, here, _ in told if not here)))


def _told(case: Case, looks: tuple[Look, Look], deadline: float) -> list[tuple[str, bool, bool]]:
    """(words, is it shown at the first point, is it at the second) of every mistake that moves the gradient."""
    bench, told = make_bench(case), list[tuple[str, bool, bool]]()
    for words, text in _mistakes(bench, looks[0].point.values, deadline):
        if len(told) == MOST or time.process_time() > deadline:
            break
        here, there = _shown(bench, text, looks)
        if here is not None or there is not None:
            told.append((words, bool(here), bool(there)))
    return told


def _mistakes(bench: Bench, point: Mapping[str, Any], deadline: float) -> Iterator[tuple[str, str]]:
    """(words, text) of one change of each family at every value that is made for the gradient alone, each text once."""
    source, seen = read_source(bench.text), {bench.text}
    for number in influence_of(bench, point, deadline).backward:
        site = bench.sites[number]
        if not site.is_value or does_io(bench.tree, site.function) is not None:
            continue
        place = place_at(source, site.expr)
        for family in FAMILIES:
            one = min(family(place), key=lambda one: one.cost, default=None)
            text = "" if one is None else apply_swaps(source.text, one.swaps)
            if one is not None and text not in seen and _is_python(text):
                seen.add(text)
                yield f"line {site.span.line}: {one.words}", text


def _is_python(text: str) -> bool:
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True


def _shown(bench: Bench, text: str, looks: tuple[Look, Look]) -> tuple[bool | None, bool | None]:
    """Would each of two looks have found the changed text wrong? None where it gives the same gradient there."""
    try:
        with limited(LONG):
            changed = changed_case(bench.original, text)
    except Exception:  # whatever a mistake raises, a check tells it
        return True, True
    here = _shows(changed, looks[0])
    return here, here if looks[1] is looks[0] else _shows(changed, looks[1])


def _shows(changed: Case, look: Look) -> bool | None:
    try:
        with limited(LONG):
            gradient = gradient_at(changed, look.point.values)
    except Exception:  # as above
        return True
    found = [_is_shown(one, gradient.get(one.name)) for one in look.point.verdicts]
    return None if all(one is None for one in found) else any(found)


def _is_shown(verdict: Verdict, given: object) -> bool | None:
    """Is a parameter's gradient outside of its error bars; None where it is what it was."""
    try:
        values = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError):
        return True
    if given is None or values.shape != verdict.shape or not np.isfinite(values).all():
        return True
    rounding = own_rounding(verdict.yours, np.float64)
    if not (np.abs(values - verdict.yours) > rounding).any():
        return None
    return bool((np.abs(values - verdict.truth) > verdict.bar + rounding).any())
