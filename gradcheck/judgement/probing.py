"""Large gradients: a few directions through all entries at once, each judged like one partial."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from gradcheck.judgement.agreements import agrees_at_once
from gradcheck.judgement.comparison import AGREE, ROUNDINGS, UNDECIDED, WRONG, compare
from gradcheck.judgement.masks import COARSE, largest_of
from gradcheck.judgement.readings import Reading
from gradcheck.numeric.agreement import STEPS, Glance
from gradcheck.numeric.bisection import step_for
from gradcheck.numeric.lines import Line
from gradcheck.numeric.pieces import length_of
from gradcheck.numeric.probes import Field, ladder_along, probe
from gradcheck.precision import unit_roundoff
from gradcheck.results.outcomes import Reason

# A probe that is so many of its own bounds off needs no ladder before its entries are looked for: each of those gets
# ladders of its own before it is called wrong.
PLAIN = 16.0


@dataclass(frozen=True, slots=True)
class Probed:
    """What the k-th direction of a field says of a gradient.

    grade, reason: as of one partial. excess: slope of f less g · v. sharp: the error bar of that, rounding of the
    gradient included. step: that of a plain quotient which shows the excess, if there is one. seen: the glance of a
    probe that is still open, because it neither agrees nor is plainly wrong.
    """

    k: int
    grade: float
    reason: Reason | None
    excess: float
    sharp: float
    step: float | None = None
    seen: Glance | None = None


def glance_along(line: Line, ground: Field, k: int, centre: float, own: float, resolution: float) -> Probed:
    """One probe at a glance: it agrees, is beyond doubt wrong, or is left open.

    centre: f at the point. own: rounding of g · v. Slopes within `resolution` of the field's size are fine enough.
    """
    direction = ground.direction(k)
    seen = probe(line, direction, centre)
    yours = np.array([ground.slope_by_gradient(direction)])
    own += ground.grain / float(STEPS[-1])
    excess, sharp = float(seen.value[0] - yours[0]), float(seen.bar[0]) + own
    if agrees_at_once(yours, seen, own, ground.size, resolution)[0]:
        return Probed(k, AGREE, None, excess, sharp)
    if seen.smooth[0] and abs(excess) > PLAIN * sharp:
        truncation = abs(float(seen.plain[0] - seen.value[0]))
        return Probed(k, WRONG, None, excess, sharp, step_for(excess, truncation, sharp))
    return Probed(k, UNDECIDED, None, excess, sharp, seen=seen)


def settle(line: Line, ground: Field, one: Probed, lack: float, own: float, resolution: float) -> Probed:
    """An open probe, judged by the gradient as it is when the named entries are mended; by the full ladder if need be.

    lack: what those entries add to g · v.
    """
    direction = ground.direction(one.k)
    yours = ground.slope_by_gradient(direction)
    mended = np.array(yours + lack)
    own += ground.grain / float(STEPS[-1])
    if one.seen is not None and agrees_at_once(mended[None], one.seen, own, ground.size, resolution)[0]:
        return Probed(one.k, AGREE, None, one.excess, one.sharp)
    ladder = ladder_along(line, direction)
    verdict = compare("", mended, ladder, resolution=resolution)
    excess, sharp = float(ladder.value) - yours, float(ladder.bar) + own
    grade, reason = float(verdict.grades), verdict.reason
    if grade == UNDECIDED and reason is Reason.RESOLUTION and sharp <= max(resolution, COARSE) * ground.size:
        grade, reason = AGREE, None
    if grade == WRONG and abs(excess - lack) <= sharp:
        grade, reason = UNDECIDED, Reason.RESOLUTION
    return Probed(one.k, grade, reason, excess, sharp)


def rounding_along(ground: Field, readings: Mapping[str, Reading]) -> float:
    """How far rounding of the gradient itself may move g · v: that of every entry, as independent numbers."""
    moved: list[float] = []
    for name, reach in ground.reach.items():
        each, slopes = ROUNDINGS * unit_roundoff(readings[name].dtype), ground.gradient[name]
        moved += [each * length_of(reach, slopes), each * largest_of(slopes) * length_of(reach)]
    return math.hypot(*moved) * math.sqrt(2 / 3)
