"""The changed text itself, run anew, at points that nothing was fitted to."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from gradcheck.diagnosis.benches import changed_case, gradient_of
from gradcheck.diagnosis.truths import Truth, is_refuted
from gradcheck.diagnosis.values import largest
from gradcheck.errors import GradcheckError
from gradcheck.results.arrays import Floats
from gradcheck.results.outcomes import SEVERITY, Outcome
from gradcheck.subject.cases import Case, gradient_at, loss_at
from gradcheck.subject.limits import limited
from gradcheck.verification import examine

# Seconds of CPU for the last verification of a text at all points.
LAST = 10.0
# A truth with bars below this part of its array's largest number needs no judge; in single precision they are above.
SHARP = 1e-6
# Of a fault that is seen through noise so much may seem to be left; the judge has the last word.
PART = 0.02
# Of the points that the judge is asked about, noise may leave some undecided; so many have to be agreed on.
AGREED = 3


def verified(case: Case, text: str, truths: Sequence[Truth], seconds: float) -> bool:
    """True where the changed text has the same loss, and no number of its gradient is refuted at any of the points.

    seconds: of CPU, for all of it; what takes longer or raises is no fix.
    """
    try:
        with limited(seconds):
            changed = changed_case(case, text)
            return all(is_consistent(changed, truth) for truth in truths)
    except (Exception, SystemExit):
        return False


def judged(case: Case, text: str, truths: Sequence[Truth], seconds: float) -> bool:
    """True where the judge agrees with the changed text's gradient at the points at which the truth is not enough.

    It is not where numbers are missing from it, or where its bars could hide a fault. None may disagree.
    """
    try:
        with limited(seconds):
            return is_agreed(changed_case(case, text), truths)
    except (Exception, SystemExit):
        return False


def is_agreed(changed: Case, truths: Sequence[Truth]) -> bool:
    """Does the judge agree with a case's own gradient at the points at which the truth is not enough?"""
    outcomes = [_outcome(changed, truth) for truth in truths if truth.is_eased or not is_sharp(truth)]
    return Outcome.DISAGREE not in outcomes and outcomes.count(Outcome.AGREE) >= min(AGREED, len(outcomes))


def is_sharp(truth: Truth) -> bool:
    """Is every number of the truth known, and far better than a fault would move it?"""
    pairs = ((values, truth.bars[name]) for name, values in truth.values.items() if name not in truth.vanishing)
    return all(bool((bars <= SHARP * np.abs(values).max(initial=0.0)).all()) for values, bars in pairs)


def loosened(case: Case, truth: Truth) -> Truth:
    """The truth that candidates are sorted by: where it is not sharp, most of the fault has to be gone, but not all."""
    if is_sharp(truth):
        return truth
    yours = gradient_at(case, truth.point, upcast=True)
    told = {name: values for name, values in truth.values.items() if name not in truth.vanishing}
    part = PART * max((_relative(yours.get(name), values) for name, values in told.items()), default=0.0)
    bars = {name: np.maximum(bar, part * largest(truth.values[name])) for name, bar in truth.bars.items()}
    return replace(truth, bars=bars)


def _relative(yours: Any, values: Floats) -> float:
    """How far a gradient is off, as a part of the largest number; 0 where it has no such numbers."""
    try:
        off = np.abs(np.asarray(yours, dtype=np.float64) - values)
    except (TypeError, ValueError):
        return 0.0
    return largest(off) / largest(values) if off.shape == values.shape and largest(values) else 0.0


def _outcome(changed: Case, truth: Truth) -> Outcome:
    """The gravest verdict on the changed text's gradient at a point."""
    point = {name: np.asarray(array) for name, array in truth.point.items()}
    gradient = gradient_at(changed, truth.point, upcast=True)
    verdicts = examine(lambda arrays: loss_at(changed, arrays), gradient, point).verdicts
    return max((verdict.outcome for verdict in verdicts), key=SEVERITY.index)


def is_consistent(changed: Case, truth: Truth) -> bool:
    """Is the loss of a case the same bit for bit, and its gradient within the truth's bars?"""
    try:
        return not is_refuted(truth, gradient_of(changed, truth.point)) and loss_at(changed, truth.point) == truth.loss
    except (GradcheckError, ArithmeticError, ValueError):
        return False
