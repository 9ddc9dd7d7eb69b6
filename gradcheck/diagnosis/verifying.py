"""The changed text itself, run anew, at points that nothing was fitted to."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from gradcheck.diagnosis.benches import changed_case
from gradcheck.diagnosis.truths import Truth, refuted
from gradcheck.errors import GradcheckError
from gradcheck.results.outcomes import Outcome
from gradcheck.subject.cases import Case, gradient_at, loss_at
from gradcheck.subject.limits import limited
from gradcheck.verification import examine

# A truth with bars below this part of its array's largest number needs no judge; in single precision they are above.
SHARP, LOOSER = 1e-6, 4


def verified(case: Case, text: str, truths: Sequence[Truth], seconds: float) -> bool:
    """True where the changed text has the same loss, and no number of its gradient is refuted at any of the points.

    seconds: of CPU, for all of it; what takes longer or raises is no fix.
    """
    try:
        with limited(seconds):
            changed = changed_case(case, text)
            return all(_agrees(changed, truth) for truth in truths)
    except (Exception, SystemExit):
        return False


def _agrees(changed: Case, truth: Truth) -> bool:
    """The loss bit for bit, the gradient within its bars."""
    try:
        loss, gradient = loss_at(changed, truth.point), gradient_at(changed, truth.point, upcast=True)
    except (GradcheckError, ArithmeticError, ValueError):
        return False
    return loss == truth.loss and not any(mask.any() for mask in refuted(truth, gradient).values())


def judged(case: Case, text: str, truths: Sequence[Truth], seconds: float) -> bool:
    """True where the judge agrees with the changed text's gradient at every point at which the truth is not enough.

    It is not where numbers are missing from it, or where its bars could hide a fault.
    """
    try:
        with limited(seconds):
            changed = changed_case(case, text)
            return all(_is_judged(changed, truth) for truth in truths if not is_sharp(truth))
    except (Exception, SystemExit):
        return False


def is_sharp(truth: Truth) -> bool:
    """Is every number of the truth known, and far better than a fault would move it?"""
    pairs = ((values, truth.bars[name]) for name, values in truth.values.items())
    return all(bool((bars <= SHARP * np.abs(values).max(initial=0.0)).all()) for values, bars in pairs)


def loosened(truth: Truth) -> Truth:
    """The truth as candidates are sorted by: where it is not sharp, its bars hold for most numbers and not for all."""
    if is_sharp(truth):
        return truth
    return replace(truth, bars={name: LOOSER * bars for name, bars in truth.bars.items()})


def _is_judged(changed: Case, truth: Truth) -> bool:
    point = {name: np.asarray(array) for name, array in truth.point.items()}
    gradient = gradient_at(changed, truth.point, upcast=True)
    verdicts = examine(lambda arrays: loss_at(changed, arrays), gradient, point).verdicts
    return all(verdict.outcome is Outcome.AGREE for verdict in verdicts)
