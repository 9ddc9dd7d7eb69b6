"""Whom a check suspects: the deciding point's wrong gradient, diagnosed with other points beside it."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from dataclasses import replace
from math import inf

import numpy as np

from gradcheck.audit.generic import generic_point
from gradcheck.checks.looks import Demands, Look, is_usable
from gradcheck.diagnosis.diagnosing import diagnose
from gradcheck.diagnosis.discrepancies import discrepancies_within
from gradcheck.diagnosis.inquiries import POINTS, Point
from gradcheck.diagnosis.slow_tops import remark_on_top
from gradcheck.diagnosis.truths import Truth
from gradcheck.errors import SubjectError, UserCodeError
from gradcheck.labels import label
from gradcheck.results.diagnoses import Diagnosis, Suspect
from gradcheck.results.outcomes import Outcome
from gradcheck.results.verdicts import Verdict
from gradcheck.subject.blame import BELONGS, blamed, is_own_fault
from gradcheck.subject.cases import Case, own_point
from gradcheck.subject.limits import Stopped, limited
from gradcheck.subject.sources import located

# The budget is looked at between runs of the user's code; what the last run may take beyond it.
PATIENCE = 1.2
# Of the budget so much is for the search, however long the verdict took, and for exact formulas of what is wrong.
FOR_SEARCH, FOR_FORMULAS = 0.5, 0.1


def diagnose_look(case: Case, look: Look, demands: Demands) -> Diagnosis | None:
    """What is known of the wrong gradient of a look beyond its numbers; None where nothing is wrong."""
    wrong = wrong_labels(look)
    if not wrong:
        return None
    found = Diagnosis()
    if demands.budget > 0 and look.outcome is Outcome.DISAGREE:
        with suppress(SubjectError):  # functions without a source that could be run again
            found = _diagnosed(located(case), look, demands)
    return _with_formulas(found, look, wrong, demands)


def _with_formulas(found: Diagnosis, look: Look, wrong: Sequence[str], demands: Demands) -> Diagnosis:
    """The diagnosis with what the wrong partials differ by, as far as it can be told in the time that is left."""
    program, partials = look.opinions.program, look.opinions.partials
    if program is None or not _has_formulas(look):
        return found
    seconds = demands.left(FOR_FORMULAS) if demands.budget > 0 else inf
    formulas, is_all = discrepancies_within(seconds, program, wrong, partials)
    more = f"{6 * demands.budget:g}"
    told = () if is_all else (f"by how much all is wrong could not be told in time: --timeout {more} looks further",)
    return replace(found, discrepancies=formulas, notes=(*found.notes, *told))


def _has_formulas(look: Look) -> bool:
    """Was the gradient traced, so that by how much it is wrong can be told exactly?"""
    return look.opinions.program is not None and bool(look.opinions.program.gradient)


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
        seconds = demands.left(FOR_SEARCH, FOR_FORMULAS * _has_formulas(look))
        with _silence(), limited(PATIENCE * seconds):
            points = points_of(case, look, demands)
            known_here, program = _known(look), look.opinions.program
            return diagnose(case, points, wrong, seconds, tell, program, known_here, demands.budget)
    except Stopped:
        ended = f"the search ended after {seconds:.2g} s of CPU: --timeout {6 * demands.budget:g} looks further"
        return Diagnosis(suspects=tuple(known), notes=(ended, *remark_on_top(case, demands.budget)))
    except UserCodeError as error:
        return Diagnosis(suspects=tuple(known), notes=(f"the search for a fix was given up: {error}",))
    except (Exception, SystemExit) as error:
        path = case.subject.path
        if path is not None and is_own_fault(error, path):
            again = blamed(error, path, "running the file again")
            told = f"the search for a fix was given up: {again}: what is done but once {BELONGS}"
            return Diagnosis(suspects=tuple(known), notes=(told,))
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
