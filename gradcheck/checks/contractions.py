"""Verdicts on every partial of a large network of dense layers: differences, and probes for what they take as given."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from gradcheck.backprop.networks import loss_of
from gradcheck.checks.differences import differences
from gradcheck.judgement.comparison import UNDECIDED, WRONG, compare
from gradcheck.network.networks import Network, Point
from gradcheck.numeric.estimation import estimate
from gradcheck.numeric.loans import Counted, Function
from gradcheck.results.arrays import Floats
from gradcheck.results.outcomes import SEVERITY, Reason
from gradcheck.results.verdicts import Verdict
from gradcheck.verification import Verification, examine

Arrays = Mapping[str, Floats]
# So many of the worst entries of a parameter are asked of the loss itself before they are called wrong.
WORST = 8


def examine_dense(
    network: Network, point: Point, gradient: Arrays, exact: Arrays | None = None, resolution: float = 1e-3
) -> Verification:
    """The verdicts on a gradient of a network that `differences` knows, every entry compared with its own estimate.

    Wrong entries are wrong only if their own ladders repeat it. Probes along random directions, with those mended,
    cover the contraction of the differences with the layers' inputs: where they find more, theirs is the verdict.
    """
    f = Counted(loss_of(network, point))
    verdicts = []
    for name, one in differences(network, point).items():
        beside = None if exact is None else exact[name]
        verdict = compare(name, gradient[name], one, np.float64, beside, gradient[name], resolution)
        verdicts.append(_confirmed(f, point.params, verdict, resolution))
    mended = {one.name: np.where(one.grades == WRONG, one.numeric, one.yours) for one in verdicts}
    probed = examine(f, mended, point.params, exact, mended, resolution, "quick").verdicts
    return Verification(tuple(map(_graver, verdicts, probed)), f.calls, ())


def _graver(verdict: Verdict, along: Verdict) -> Verdict:
    """What the probes found, if that is graver than what the differences did."""
    return along if SEVERITY.index(along.outcome) > SEVERITY.index(verdict.outcome) else verdict


def _confirmed(f: Function, params: Arrays, verdict: Verdict, resolution: float) -> Verdict:
    """The verdict with the ladder of its worst entry; undecided where no ladder of the loss repeats its DISAGREE."""
    asked = _worst(verdict)
    if not asked.any():
        return verdict
    ladders = estimate(f, params, [verdict.name], only={verdict.name: asked})[verdict.name]
    again = compare(verdict.name, verdict.yours, ladders, resolution=resolution)
    if (asked & (again.grades == WRONG)).any():
        return replace(verdict, ladder=ladders.ladder(verdict.worst_index or ()))
    return replace(
        verdict,
        grades=np.where(verdict.grades == WRONG, UNDECIDED, verdict.grades),
        reason=ladders.reason or Reason.RESOLUTION,
        remark=f"the differences of {verdict.name} sample by sample are not the whole loss's: look at them first",
    )


def _worst(verdict: Verdict) -> NDArray[np.bool_]:
    """The wrong entries that are farthest off, relative to themselves."""
    wrong = (verdict.grades == WRONG) & np.isfinite(verdict.yours)
    order = np.argsort(np.where(wrong, -verdict.relative_error, np.inf), axis=None)[: min(WORST, int(wrong.sum()))]
    chosen = np.zeros(wrong.shape, dtype=bool)
    chosen.reshape(-1)[order] = True
    return chosen
