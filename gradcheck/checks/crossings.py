"""Three opinions on random networks: exact, numeric and reverse mode, pairwise, the loss values first."""

import time
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from gradcheck.backprop.kept import kept_loss_of, kept_slope, slope_of
from gradcheck.backprop.networks import Backprop, function_of, gradient, largest_weight, loss_of
from gradcheck.backprop.transforms import hvp
from gradcheck.checks.cancellations import ROUNDING, SMALLEST, differing_names
from gradcheck.checks.networks import cross_check
from gradcheck.errors import TooLarge, UsageError
from gradcheck.evidence.opinions import is_same
from gradcheck.labels import by_label
from gradcheck.network.networks import Network, Point
from gradcheck.network.text import to_text
from gradcheck.results.arrays import Floats
from gradcheck.results.crossings import Crossing, Failure
from gradcheck.results.outcomes import Outcome
from gradcheck.strategies.networks import ensure_kinds, every_kind
from gradcheck.strategies.points import numbers_at
from gradcheck.strategies.searching import Failing, search
from gradcheck.verification import examine

Function = Callable[[Mapping[str, Floats]], float]


def cross_check_random(
    kinds: Sequence[str] | None = None, examples: int = 100, seed: int = 0, order: int = 1, fresh: bool = False
) -> Crossing:
    """Random networks of the kinds (None: of every kind) under three opinions, and the smallest on which they differ.

    order: 2 checks Hessian-vector products as well. fresh: derives the exact partials anew for every network, also for
    one that was seen before. Raises UsageError for an unknown kind or fewer than one example.
    """
    kinds = every_kind() if kinds is None else tuple(kinds)
    ensure_kinds(kinds)
    if examples < 1 or order not in (1, 2):
        raise UsageError(f"{examples} examples of order {order}: give at least one example, and order 1 or 2")
    start = time.perf_counter()
    checked, found = search(lambda net, at: differing(net, at, order, fresh), kinds, examples, seed)
    failure = None if found is None else _failure(found)
    return Crossing(kinds, checked, seed, order, failure, time.perf_counter() - start)


def differing(network: Network, point: Point, order: int = 1, fresh: bool = False) -> str | None:
    """What two opinions disagree on first, in words; None where all agree. A network too large for one goes without."""
    reverse = gradient(network, point)
    told = _exact_differs(network, point, reverse, fresh)
    if told or not np.isfinite(reverse.loss):  # outside of the domain of the loss there are no slopes to compare
        return told
    return (
        _numeric_differs(network, point, reverse, fresh)
        or _tangent_differs(network, point, reverse, fresh)
        or (_curvature_differs(network, point) if order > 1 else None)
    )


def _exact_differs(network: Network, point: Point, reverse: Backprop, fresh: bool) -> str | None:
    from gradcheck.symbolic.from_network import system_of
    from gradcheck.symbolic.kept import exact_at
    from gradcheck.symbolic.numbers import evaluate
    from gradcheck.symbolic.partials import differentiate

    try:
        exact = evaluate(differentiate(system_of(network, point))) if fresh else exact_at(network, point)
    except TooLarge:
        return None
    if not is_same(exact.loss, reverse.loss):
        return f"two different networks: the loss is {exact.loss!r} by the exact opinion, {reverse.loss!r} by NumPy's"
    if not np.isfinite(exact.loss):
        return None
    for what, ours, theirs in (
        ("partial", by_label(reverse.gradient), exact.gradient),
        ("adjoint", by_label(reverse.adjoints), exact.adjoints),
    ):
        for name in differing_names(network, point, ours, theirs, exact.values):
            return f"the {what} of {name} is {ours[name]!r} by reverse mode, {theirs[name]!r} by the exact opinion"
    return None


def _numeric_differs(network: Network, point: Point, reverse: Backprop, fresh: bool) -> str | None:
    f = loss_of(network, point) if fresh else kept_loss_of(network, point)
    wrong = _wrong(f, reverse.gradient, point)
    return f"the gradient of {wrong} by reverse mode differs from the differences of the loss" if wrong else None


def _wrong(f: Function, slopes: Mapping[str, Floats], point: Point) -> str | None:
    """The first parameter whose slopes of f are wrong: along random directions, then entry by entry on suspicion."""
    for level in ("quick", "standard"):
        verdicts = examine(f, slopes, point.params, level=level).verdicts
        wrong = [verdict.name for verdict in verdicts if verdict.outcome is Outcome.DISAGREE]
        if not wrong:
            return None
    return wrong[0]


def _tangent_differs(network: Network, point: Point, reverse: Backprop, fresh: bool) -> str | None:
    """Forward mode against reverse mode: the slope along v is g·v."""
    along = _directions(point)
    slope = slope_of(network, point, along) if fresh else kept_slope(network, point, along)
    terms = np.concatenate([np.ravel(reverse.gradient[name] * v) for name, v in along.items()])
    gap, total = abs(slope - float(terms.sum())), float(terms.sum())
    if gap <= ROUNDING * np.abs(terms).sum() or gap * SMALLEST <= ROUNDING * largest_weight(network, point):
        return None
    return f"the slope along one direction is {slope!r} in forward mode, {total!r} in reverse mode"


def _curvature_differs(network: Network, point: Point) -> str | None:
    """Hessian times v, forward over reverse, against the differences of g·v."""
    along = _directions(point)
    (curved,) = hvp(function_of(network, point), (dict(point.params),), (along,))

    def slope(params: Mapping[str, Floats]) -> float:
        here = gradient(network, point.with_params(params)).gradient
        return float(sum(np.sum(here[name] * v) for name, v in along.items()))

    wrong = _wrong(slope, curved, point)
    return f"the second derivatives by {wrong} differ from the differences of the gradient" if wrong else None


def _directions(point: Point) -> dict[str, Floats]:
    """One direction through all parameters, the same for the same shapes."""
    return {n: numbers_at(0, f"direction {n}", 1, a.size).reshape(a.shape) for n, a in point.params.items()}


def _failure(found: Failing) -> Failure:
    result = cross_check(found.network, found.point)
    return Failure(to_text(found.network), repr(found.network), found.seed, found.samples, found.told, result)
