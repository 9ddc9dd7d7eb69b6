"""The changed text itself, run anew, at points that nothing was fitted to."""

from collections.abc import Sequence

from gradcheck.diagnosis.benches import changed_case
from gradcheck.diagnosis.truths import Truth, refuted
from gradcheck.errors import GradcheckError
from gradcheck.subject.cases import Case, gradient_at, loss_at
from gradcheck.subject.limits import limited


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
