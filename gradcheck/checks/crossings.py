"""Three opinions on random networks: exact, numeric and reverse mode, pairwise, the loss values first."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from gradcheck.backprop.kept import kept_loss_of, kept_slope, slope_of
from gradcheck.backprop.networks import Backprop, gradient, largest_weight, loss_of
from gradcheck.checks.cancellations import ROUNDING, SMALLEST, differing_names
from gradcheck.checks.curvatures import direction_at, examine_curvature
from gradcheck.checks.exactly import exact_of
from gradcheck.checks.networks import cross_check
from gradcheck.errors import UsageError
from gradcheck.evidence.same_losses import is_same
from gradcheck.labels import by_label
from gradcheck.network.networks import Network, Point
from gradcheck.network.text import to_text
from gradcheck.results.crossings import Crossing, Failure
from gradcheck.results.outcomes import Outcome
from gradcheck.results.result import Result
from gradcheck.strategies.networks import ensure_kinds, every_kind
from gradcheck.strategies.searching import Failing, search
from gradcheck.verification import Verification, examine


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
    failure = None if found is None else _failure(found, order)
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
    exact, _ = exact_of(network, point, fresh)
    if exact is None:
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
    loss = loss_of(network, point) if fresh else kept_loss_of(network, point)
    wrong = _first_wrong(lambda level: examine(loss, reverse.gradient, point.params, level=level))
    return f"the gradient of {wrong} by reverse mode differs from the differences of the loss" if wrong else None


def _first_wrong(verify: Callable[[str], Verification]) -> str | None:
    """The first parameter whose slopes are wrong: along random directions, then entry by entry on suspicion."""
    for level in ("quick", "standard"):
        wrong = [verdict.name for verdict in verify(level).verdicts if verdict.outcome is Outcome.DISAGREE]
        if not wrong:
            return None
    return wrong[0]


def _tangent_differs(network: Network, point: Point, reverse: Backprop, fresh: bool) -> str | None:
    """Forward mode against reverse mode: the slope along v is g·v."""
    along = direction_at(point)
    slope = slope_of(network, point, along) if fresh else kept_slope(network, point, along)
    terms = np.concatenate([np.ravel(reverse.gradient[name] * v) for name, v in along.items()])
    gap, total = abs(slope - float(terms.sum())), float(terms.sum())
    if gap <= ROUNDING * np.abs(terms).sum() or gap * SMALLEST <= ROUNDING * largest_weight(network, point):
        return None
    return f"the slope along one direction is {slope!r} in forward mode, {total!r} in reverse mode"


def _curvature_differs(network: Network, point: Point) -> str | None:
    wrong = _first_wrong(lambda level: examine_curvature(network, point, level=level))
    return f"the second derivatives {wrong} differ from the differences of the gradient" if wrong else None


def options_of(seed: int, samples: int, order: int) -> list[str]:
    """The options of the command that looks at a network at that point, in that order."""
    return ["--seed", str(seed), "--samples", str(samples), *(["--order", str(order)] if order > 1 else [])]


def repeated_by(result: Result, words: Sequence[str]) -> Result:
    """The result with what the command line needs beside the network to see it again."""
    return replace(result, subject=replace(result.subject, options=tuple(words)))


def _failure(found: Failing, order: int) -> Failure:
    result = repeated_by(
        cross_check(found.network, found.point, order=order), options_of(found.seed, found.samples, order)
    )
    return Failure(to_text(found.network), repr(found.network), found.seed, found.samples, found.told, result)
