"""Whom a check suspects: the deciding point's wrong gradient, diagnosed with other points beside it."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import replace

import numpy as np

from gradcheck.audit.generic import generic_point
from gradcheck.checks.looks import Demands, Look, is_usable
from gradcheck.diagnosis.diagnosing import diagnose
from gradcheck.diagnosis.discrepancies import diagnose_wrong
from gradcheck.diagnosis.inquiries import POINTS, Point
from gradcheck.diagnosis.truths import Truth
from gradcheck.errors import SubjectError, UserCodeError
from gradcheck.labels import label
from gradcheck.results.diagnoses import Diagnosis, Suspect
from gradcheck.results.outcomes import Outcome
from gradcheck.results.verdicts import Verdict
from gradcheck.subject.cases import Case, own_point
from gradcheck.subject.limits import limited
from gradcheck.subject.sources import located

# The budget is looked at between runs of the user's code; what the last run may take beyond it.
PATIENCE = 1.2


def diagnose_look(case: Case, look: Look, demands: Demands) -> Diagnosis | None:
    """What is known of the wrong gradient of a look beyond its numbers; None where nothing is wrong."""
    found = diagnose_wrong(look.opinions.program, wrong_labels(look), look.opinions.partials)
    if found is None or demands.budget <= 0 or look.outcome is not Outcome.DISAGREE:
        return found
    try:
        case = located(case)
    except SubjectError:  # functions without a source that could be run again
        return found
    more = _diagnosed(case, look, demands)
    return replace(more, discrepancies=found.discrepancies, notes=(*found.notes, *more.notes))


def _diagnosed(case: Case, look: Look, demands: Demands) -> Diagnosis:
    """Suspects and fixes, silently; what goes wrong on the way costs no verdict, and no more than its time."""
    wrong = {verdict.name: verdict.grades == verdict.grades.max() for verdict in _disagreeing(look)}
    known: list[Suspect] = []
    spoken = sys.stdout, sys.stderr

    def tell(suspects: Sequence[Suspect]) -> None:
        known.extend(suspects)
        if demands.on_suspects is not None:
            with redirect_stdout(spoken[0]), redirect_stderr(spoken[1]):
                demands.on_suspects(suspects)

    try:
        seconds = demands.left
        with _silence(), limited(PATIENCE * seconds):
            points = points_of(case, look, demands)
            known_here, program = _known(look), look.opinions.program
            return diagnose(case, points, wrong, seconds, tell, program, known_here, demands.budget)
    except UserCodeError as error:
        return Diagnosis(suspects=tuple(known), notes=(f"the search for a fix was given up: {error}",))
    except Exception as error:
        told = (
            f"the search for a fix failed with {type(error).__name__}: this is a fault of gradcheck, please report it"
        )
        return Diagnosis(suspects=tuple(known), notes=(told,))


def _known(look: Look) -> Truth | None:
    """What the check found true itself at the look's point, where it did so for every entry of every parameter."""
    point = look.point
    if look.is_probed or {verdict.name for verdict in point.verdicts} != set(point.values):
        return None
    values, bars = ({one.name: getattr(one, field) for one in point.verdicts} for field in ("numeric", "bar"))
    return Truth(point.values, point.loss, values, bars)


@contextmanager
def _silence() -> Iterator[None]:
    """What the code under check prints is shown when it is checked, not each time that a change of it is tried."""
    with open(os.devnull, "w", encoding="utf-8") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
        yield


def wrong_labels(look: Look) -> list[str]:
    """Labels of all wrong entries, parameter by parameter."""
    return [label(verdict.name, index) for verdict in look.point.verdicts for index in verdict.wrong_entries]


def points_of(case: Case, look: Look, demands: Demands) -> list[Point]:
    """The look's point and others that nothing was decided at: the file's own for other seeds, else moved ones."""
    found: list[Point] = [look.point.values]
    for seed in range(demands.seed + 1, demands.seed + 2 * POINTS):
        own = own_point(case, seed)
        usable = own if own is not None and is_usable(case, own) else None
        moved = usable or generic_point(case.at.arrays, lambda point: is_usable(case, point), seed, demands.bounds)
        if moved is not None and not any(_is_same(moved, other) for other in found):
            found.append(moved)
        if len(found) == POINTS:
            break
    return found


def _disagreeing(look: Look) -> list[Verdict]:
    return [verdict for verdict in look.point.verdicts if verdict.outcome is Outcome.DISAGREE]


def _is_same(one: Point, other: Point) -> bool:
    return all(np.array_equal(one[name], other[name]) for name in one)
