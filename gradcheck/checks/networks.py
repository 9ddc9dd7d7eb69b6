"""Three opinions on one network, the loss values first."""

import time
from dataclasses import replace

import numpy as np

from gradcheck.backprop.networks import gradient, loss_of
from gradcheck.checks.cancellations import settle_by_exact
from gradcheck.checks.contractions import Arrays, examine_dense
from gradcheck.checks.curvatures import examine_curvature
from gradcheck.checks.differences import obstacle
from gradcheck.checks.exactly import exact_of
from gradcheck.errors import UsageError
from gradcheck.evidence.layers import look_inside
from gradcheck.evidence.same_losses import is_same
from gradcheck.judgement.comparison import WRONG, own_rounding
from gradcheck.labels import from_labels
from gradcheck.network.networks import Network, Point
from gradcheck.network.sources import point_of
from gradcheck.network.text import from_text, to_text
from gradcheck.results.figures import Evidence
from gradcheck.results.outcomes import SEVERITY, Outcome, Reason
from gradcheck.results.result import CheckedPoint, Evaluations, Result, Subject
from gradcheck.results.verdicts import Verdict
from gradcheck.verification import EVERY, Verification, examine


def cross_check(
    network: Network | str, point: Point | None = None, *, resolution: float = 1e-3, order: int = 1
) -> Result:
    """Reverse mode ("yours") against the exact and the numeric opinion, for a network at a point (else its own).

    order: 2 for verdicts on second derivatives as well, named `hess.W1`: the rows of the Hessian times one direction.
    Where the two forward passes give different losses, every verdict is INCONCLUSIVE(TWO_NETWORKS): the opinions read
    two different networks, and comparing their gradients would say nothing. Raises NetworkError, and UsageError for
    another order.
    """
    start = time.perf_counter()
    if order not in (1, 2):
        raise UsageError(f"derivatives of order {order}: give order 1 or 2")
    called = to_text(network) if isinstance(network, Network) else network
    network = network if isinstance(network, Network) else from_text(network)
    at = point or point_of(network)
    reverse = gradient(network, at)
    exact, notes = exact_of(network, at)
    shapes = {name: array.shape for name, array in at.params.items()}
    partials = None if exact is None else from_labels(exact.gradient, shapes)
    verification, told = _examined(network, at, reverse.gradient, partials, resolution)
    notes = (*notes, *told)
    verdicts = tuple(_with_exact_judged(verdict) for verdict in verification.verdicts)
    verdicts = settle_by_exact(network, at, verdicts, reverse, exact)
    if exact is not None and not is_same(exact.loss, reverse.loss):
        verdicts = tuple(_undecided(verdict) for verdict in verdicts)
        notes = (*notes, f"loss by the symbolic forward pass {exact.loss!r}, by NumPy's {reverse.loss!r}")
    curvature = examine_curvature(network, at, resolution) if order > 1 else Verification((), 0, ())
    if order > 1:
        notes = (*notes, "hess.* are the second derivatives along one direction, against differences of the gradient")
    return Result(
        subject=Subject(None, called, "reverse mode"),
        points=(CheckedPoint("given", 0, at.params, reverse.loss, (*verdicts, *curvature.verdicts)),),
        evidence=Evidence(network=look_inside(network, reverse)),
        notes=notes,
        evaluations=Evaluations(verification.evaluations, 1 + curvature.evaluations),
        seconds=time.perf_counter() - start,
    )


def _examined(
    network: Network, point: Point, gradient: Arrays, exact: Arrays | None, resolution: float
) -> tuple[Verification, tuple[str, ...]]:
    """The verdicts on the gradient by differences, and how these were had where there are too many for one by one."""
    size, forbids = sum(array.size for array in point.params.values()), obstacle(network, point.samples)
    if size > EVERY and forbids is None:
        unknowns = point.samples * sum(network.sizes[1:])
        said = f"numeric: {unknowns} slopes of single samples in their pre-activations give all {size} partials"
        told = (f"{said}; random directions through all parameters cover the sums over the layers' inputs",)
        return examine_dense(network, point, gradient, exact, resolution), told
    examined = examine(loss_of(network, point), gradient, point.params, exact, gradient, resolution)
    said = f"numeric: {size} partials are probed along random directions and not differenced one by one"
    return examined, (f"{said}, as {forbids}",) if size > EVERY else ()


def _with_exact_judged(verdict: Verdict) -> Verdict:
    """The verdict, wrong too where the exact opinion lies outside the numeric error bar."""
    if verdict.exact is None:
        return verdict
    outside = np.abs(verdict.exact - verdict.numeric) > verdict.bar + own_rounding(verdict.exact, np.float64)
    if not outside.any():
        return verdict
    remark = f"the exact opinion on {verdict.name} differs from the differences of the loss: look at symbolic/"
    return replace(verdict, grades=np.where(outside, WRONG, verdict.grades), remark=remark)


def _undecided(verdict: Verdict) -> Verdict:
    grades = np.full(verdict.shape, SEVERITY.index(Outcome.INCONCLUSIVE))
    return replace(verdict, grades=grades, reason=Reason.TWO_NETWORKS, remark=None)
