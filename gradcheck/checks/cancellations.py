"""What rounding leaves of sums that cancel: where reverse mode and the exact opinion are one, but for that."""

from collections.abc import Mapping
from dataclasses import replace
from math import isfinite
from typing import TYPE_CHECKING

import numpy as np

from gradcheck.backprop.networks import Backprop, largest_weight
from gradcheck.judgement.comparison import AGREE, UNDECIDED
from gradcheck.labels import by_label, from_labels
from gradcheck.network.networks import Network, Point
from gradcheck.results.verdicts import Verdict

if TYPE_CHECKING:
    from gradcheck.symbolic.numbers import Exact

# The exact opinion is correctly rounded. Reverse mode may lose what cancels in its sums: 4e-15 of the largest partial
# and 1.3e-14 of the largest adjoint were the worst of 260 random nets with 4,941 partials.
ROUNDING = 1e-12
# No parameter of a random network is smaller (strategies.points).
SMALLEST = 1 / 16


def differing_names(
    network: Network, point: Point, ours: Mapping[str, float], theirs: Mapping[str, float], values: Mapping[str, float]
) -> list[str]:
    """Names whose two numbers differ by more than the rounding of what they are sums of.

    One that the exact opinion has no number for (the slope of a distance of 0) is not among them.

    A relative rounding of one value y moves the loss by |y · adjoint| times it, and a partial by that over the size of
    what it is taken by.
    """
    largest = max(map(abs, filter(isfinite, theirs.values())), default=0.0)
    gaps = {name: abs(number - theirs[name]) for name, number in ours.items() if isfinite(theirs[name])}
    off = [name for name, gap in gaps.items() if not gap <= ROUNDING * largest]
    weight = largest_weight(network, point) if off else 0.0
    return [name for name in off if not gaps[name] * max(abs(values[name]), SMALLEST) <= ROUNDING * weight]


def settle_by_exact(
    network: Network, point: Point, verdicts: tuple[Verdict, ...], reverse: Backprop, exact: "Exact | None"
) -> tuple[Verdict, ...]:
    """Verdicts in which differences too coarse for a partial (0, for the most part) leave it to the exact opinion."""
    if exact is None or not any((verdict.grades == UNDECIDED).any() for verdict in verdicts):
        return verdicts
    differing = differing_names(network, point, by_label(reverse.gradient), exact.gradient, exact.values)
    shapes = {name: array.shape for name, array in point.params.items()}
    apart = from_labels(dict.fromkeys(differing, 1.0), shapes)
    return tuple(_settled(verdict, apart[verdict.name] == 0) for verdict in verdicts)


def _settled(verdict: Verdict, same: np.ndarray) -> Verdict:
    if verdict.exact is None:
        return verdict
    held = (verdict.grades == UNDECIDED) & same & (np.abs(verdict.exact - verdict.numeric) <= verdict.bar)
    grades = np.where(held, AGREE, verdict.grades)
    reason, remark = (verdict.reason, verdict.remark) if grades.any() else (None, None)
    seen = np.where(held, ROUNDING, verdict.resolution)
    return replace(verdict, grades=grades, resolution=seen, reason=reason, remark=remark)
