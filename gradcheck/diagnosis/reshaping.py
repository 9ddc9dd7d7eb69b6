"""Points of other shapes and constants than the file's own, at which a change of it has to be right as well.

A fix may be right by a coincidence of sizes: with two outputs `2*(z - Y)/Y.shape[0]` is mended by leaving out the 2
where `Y.size` was meant. Where the file's point takes a batch size it is asked for others; else lengths of its data and
parameters are changed together, and kept where loss and gradient run and what was right before still is.
"""

import time
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from gradcheck.diagnosis.fairness import eased, off_by
from gradcheck.diagnosis.otherwise import Point, ways_of
from gradcheck.diagnosis.true_gradients import truth_at
from gradcheck.diagnosis.truths import Truth
from gradcheck.diagnosis.verifying import SHARP
from gradcheck.subject.cases import Case, gradient_at, loss_at
from gradcheck.subject.limits import limited

# So many of all the ways are taken, the lengths that most axes have first.
MOST = 5
# Seconds of CPU that one trial may take in any case.
LEAST = 0.5


@dataclass(frozen=True, eq=False)
class Reshaped:
    """The case with other shapes, and the truth at a point of them. words: what is other: 7 for 8 (`X.shape[0]`)."""

    case: Case
    truth: Truth
    words: str


def reshaped(case: Case, point: Point, wrong: Collection[str], deadline: float) -> list[Reshaped]:
    """What the case is at other shapes; none where it cannot be run there, or where what is right becomes wrong.

    point: of the case's own shapes; wrong: the parameters that are. deadline: on time.process_time().
    """
    found: list[Reshaped] = []
    for ways in ways_of(case, point):
        for words, make in ways:
            seconds = deadline - time.process_time()
            if seconds <= 0 or len(found) == MOST:
                return found
            try:
                with limited(max(LEAST, seconds)):
                    other, moved = make()
                    truth = _usable(other, moved, wrong)
            except (Exception, SystemExit):  # whatever the code raises at other shapes, it was not made for them
                continue
            if truth is not None:
                found.append(Reshaped(other, truth, words))
                break
    return found


def _usable(case: Case, point: Point, wrong: Collection[str]) -> Truth | None:
    """The truth there, if the gradient has the shapes of the parameters and is right where it was."""
    if not np.isfinite(loss_at(case, point)):
        return None
    gradient = gradient_at(case, point, upcast=True)
    if any(np.shape(gradient[name]) != array.shape for name, array in point.items() if name in gradient):
        return None
    truth = truth_at(case, point)
    off = off_by(truth, gradient, wrong)
    return eased(truth, off) if off < SHARP else None
