"""Which of several changes that all make every gradient right is meant: the one after which most of the values on the
way are derivatives of the loss too. Where a sign is turned a second time, or a factor made up for further down, what
stands between the two is none.
"""

from collections.abc import Sequence
from dataclasses import replace

from gradcheck.diagnosis.adjoints import adjoints_at, with_parts
from gradcheck.diagnosis.benches import make_bench, restated_case
from gradcheck.diagnosis.edits import apply_edits
from gradcheck.diagnosis.inquiries import Inquiry
from gradcheck.diagnosis.means import with_means
from gradcheck.diagnosis.repairs import Repair
from gradcheck.diagnosis.soundness import soundness_of
from gradcheck.diagnosis.witnesses import Court, court_at, retried
from gradcheck.errors import GradcheckError
from gradcheck.subject.limits import limited

# A statement whose values are no derivatives costs as much as the search looks beyond the best change: what is cheaper
# to write, or stands at a likelier place, is meant only where both leave as much right.
WRONG = 0.8
# Seconds for one change.
LONG = 5.0


def preferred(inquiry: Inquiry, repairs: Sequence[Repair]) -> list[Repair]:
    """The changes by cost, each with what it leaves wrong on the way; those first that leave least."""
    if len({repair.line for repair in repairs}) < 2:
        return list(repairs)
    try:
        with limited(LONG):
            court = _court(inquiry)
    except (GradcheckError, ArithmeticError, ValueError):
        return list(repairs)
    told = [(repair, _right(court, apply_edits(inquiry.bench.text, repair.edits))) for repair in repairs]
    if any(right is None for _, right in told):
        return list(repairs)
    most = max(right for _, right in told if right is not None)
    found = [replace(repair, cost=repair.cost + WRONG * (most - (right or 0.0))) for repair, right in told]
    return sorted(found, key=lambda one: one.cost)


def _court(inquiry: Inquiry) -> Court:
    """What is known of the loss at the first point; all functions that ran for the gradient alone are heard."""
    bench, truth = inquiry.bench, inquiry.truths[0]
    found = adjoints_at(bench, truth.point, inquiry.influence.in_loss, inquiry.program)
    # By their own slots: looked up by value, the zeros of a mask or a gate have each other's derivatives.
    known = with_means(with_parts(bench, truth.point, inquiry.influence.in_loss, found))
    return court_at(bench, truth, known, inquiry.backward)


def _right(court: Court, text: str) -> float | None:
    """How many statements give derivatives of the loss in a changed text; None where it cannot be heard."""
    case = restated_case(court.bench.original, text)
    if case is None:
        return None
    try:
        with limited(LONG):
            return soundness_of(retried(court, make_bench(case)))
    except (GradcheckError, ArithmeticError, ValueError):
        return None
