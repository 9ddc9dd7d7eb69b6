"""Large gradients: a few directions through all entries at once, each judged like one partial."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from gradcheck.judgement.agreements import agrees_at_once
from gradcheck.judgement.comparison import AGREE, COARSE, ROUNDINGS, UNDECIDED, WRONG, compare, largest_of
from gradcheck.judgement.readings import Reading
from gradcheck.numeric.agreement import STEPS
from gradcheck.numeric.bisection import BELOW
from gradcheck.numeric.probes import Field, ladder_along, probe
from gradcheck.numeric.sampling import Function
from gradcheck.precision import unit_roundoff
from gradcheck.results.outcomes import Reason

# A probe that is so many of its own bounds off needs no ladder before its entries are looked for: each of those gets
# two ladders of its own before it is called wrong.
PLAIN = 16.0


@dataclass(frozen=True, slots=True)
class Probed:
    """What the k-th direction of a field says of a gradient.

    grade, reason: as of one partial. excess: slope of f less g · v. sharp: the error bar of that, rounding of the
    gradient included. is_fine: is the plain quotient too coarse to look for the entries with?
    """

    k: int
    grade: float
    reason: Reason | None
    excess: float
    sharp: float
    is_fine: bool


def judge_along(f: Function, ground: Field, k: int, centre: float, own: float, resolution: float) -> Probed:
    """One probe: at a glance where that agrees or is beyond doubt, else by the full ladder.

    centre: f at the point. own: rounding of g · v. Slopes within `resolution` of the field's size are fine enough.
    """
    direction = ground.direction(k)
    seen = probe(f, ground, direction, centre)
    yours = np.array([ground.slope_by_gradient(direction)])
    own += ground.grain / float(STEPS[-1])
    excess, sharp = float(seen.value[0] - yours[0]), float(seen.bar[0]) + own
    if agrees_at_once(yours, seen, own, ground.size, resolution)[0]:
        return Probed(k, AGREE, None, excess, sharp, False)
    if seen.smooth[0] and abs(excess) > PLAIN * sharp:
        is_fine = not abs(float(seen.plain[0] - seen.value[0])) < BELOW * abs(excess)
        return Probed(k, WRONG, None, excess, sharp, is_fine)
    return _judge_by_ladder(f, ground, k, float(yours[0]), own, resolution)


def _judge_by_ladder(f: Function, ground: Field, k: int, yours: float, own: float, resolution: float) -> Probed:
    ladder = ladder_along(f, ground, ground.direction(k))
    verdict = compare("", np.array(yours), ladder, resolution=resolution)
    excess, sharp = float(ladder.value) - yours, float(ladder.bar) + own
    grade, reason = float(verdict.grades), verdict.reason
    if grade == UNDECIDED and reason is Reason.RESOLUTION and sharp <= max(resolution, COARSE) * ground.size:
        grade, reason = AGREE, None
    if grade == WRONG and abs(excess) <= sharp:
        grade, reason = UNDECIDED, Reason.RESOLUTION
    return Probed(k, grade, reason, excess, sharp, True)


def rounding_along(ground: Field, readings: Mapping[str, Reading]) -> float:
    """How far rounding of the gradient itself may move g · v: that of every entry, as independent numbers."""
    squares = 0.0
    for name, reach in ground.reach.items():
        each = ROUNDINGS * unit_roundoff(readings[name].dtype)
        flat, slopes = reach.reshape(-1), ground.gradient[name].reshape(-1)
        moved = float(np.einsum("i,i,i,i->", flat, flat, slopes, slopes))
        squares += 2 * each**2 * (moved + largest_of(slopes) ** 2 * float(np.dot(flat, flat))) / 3
    return float(squares**0.5)
