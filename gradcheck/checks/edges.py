"""A gradient that is wrong exactly at the point and nowhere beside it: a choice at the edges of branches, or a fault.

relu(w) - relu(-w) is w, and its slope 1, yet at w = 0 the usual masks give 0 - 0: the chain rule's own answer.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from gradcheck.backprop.choices import choices
from gradcheck.checks.looks import Demands, Look, look_at
from gradcheck.errors import GradcheckError
from gradcheck.judgement.comparison import AGREE, UNDECIDED, WRONG, own_rounding
from gradcheck.labels import label
from gradcheck.numeric.directions import beside, opens_both_ways
from gradcheck.results.arrays import Floats
from gradcheck.results.outcomes import Outcome, Reason
from gradcheck.results.verdicts import Verdict
from gradcheck.subject.cases import Case, gradient_at, loss_at

Mask = NDArray[np.bool_]
# Pairs of opposite moves: each side of every edge through the point is looked at once in a pair.
PAIRS = 2
# A gradient whose fault is gone beside the point jumps by that fault; one that moves by less than this part of it does
# not, and costs no look.
PART = 1 / 8
# So many wrong entries of a parameter are walked along to find edges that the trace does not show.
WALKED = 8
ONLY_HERE = (
    "wrong only exactly at this point, a millionth beside it your gradient agrees: give the values that tie or vanish "
    "here ({}) a case of their own"
)


def settle_edges(case: Case, look: Look, demands: Demands) -> Look:
    """The look, its entries that are wrong only exactly at the point undecided where edges of branches meet there.

    Where no edge is known, they stay wrong, and the remark says that the fault is at this point only.
    """
    wrong = {v.name: v.grades == WRONG for v in look.point.verdicts if _by_numbers(v)}
    if not wrong or not _jumps(case, look, wrong):
        return look
    alone = _alone(case, look, wrong, demands)
    if not any(mask.any() for mask in alone.values()):
        return look
    verdicts = tuple(_settled(case, look, v, alone[v.name]) if v.name in alone else v for v in look.point.verdicts)
    return replace(look, point=replace(look.point, verdicts=verdicts))


def _by_numbers(verdict: Verdict) -> bool:
    return verdict.outcome is Outcome.DISAGREE and verdict.reason is None


def _moves(point: Mapping[str, Floats]) -> Iterator[dict[str, Floats]]:
    """The point moved by a millionth in every entry, this way and the opposite one."""
    for seed in range(PAIRS):
        moved = beside(point, np.random.default_rng(seed))
        yield moved
        yield {name: 2 * array - moved[name] for name, array in point.items()}


def _jumps(case: Case, look: Look, wrong: Mapping[str, Mask]) -> bool:
    """Does the gradient leave its value at any of the wrong entries as soon as the point is left?"""
    moves = _moves(look.point.values)
    verdicts = {verdict.name: verdict for verdict in look.point.verdicts}
    for _ in range(2):
        try:
            there = gradient_at(case, next(moves))
            moved = {name: np.abs(np.asarray(there[name], dtype=float) - verdicts[name].yours) for name in wrong}
            faults = {name: np.abs(verdicts[name].yours - verdicts[name].numeric) for name in wrong}
            if any((wrong[name] & (moved[name] > PART * faults[name])).any() for name in wrong):
                return True
        except (GradcheckError, KeyError, ValueError, TypeError):
            return False
    return False


def _alone(case: Case, look: Look, wrong: Mapping[str, Mask], demands: Demands) -> dict[str, Mask]:
    """The wrong entries that agree somewhere beside the point and are wrong nowhere there."""
    agreed = {name: np.zeros(mask.shape, dtype=bool) for name, mask in wrong.items()}
    alone = dict(wrong)
    for point in _moves(look.point.values):
        try:
            near = look_at(case, point, "generic", demands.seed, replace(demands, wrt=tuple(wrong)))
        except GradcheckError:
            return {}
        for verdict in near.point.verdicts:
            if verdict.name in wrong:
                alone[verdict.name] = alone[verdict.name] & (verdict.grades != WRONG)
                agreed[verdict.name] |= verdict.grades == AGREE
        if not any(mask.any() for mask in alone.values()):
            break
    return {name: mask & agreed[name] for name, mask in alone.items()}


def _settled(case: Case, look: Look, verdict: Verdict, alone: Mask) -> Verdict:
    """The verdict on one parameter whose entries in the mask are wrong at the point only."""
    if not alone.any():
        return verdict
    chosen = alone & (_chain_rule_allows(look, verdict) | _edges_meet(case, look, verdict, alone))
    if not chosen.any() and np.array_equal(alone, verdict.grades == WRONG):
        return replace(verdict, remark=ONLY_HERE.format(", ".join(look.point.coincidences) or "equal numbers, zeros"))
    if not chosen.any():
        return verdict
    grades = np.where(chosen, UNDECIDED, verdict.grades)
    return replace(verdict, grades=grades, reason=None if (grades == WRONG).any() else Reason.KINK, pattern=None)


def _chain_rule_allows(look: Look, verdict: Verdict) -> Mask:
    """True where the chain rule gives the user's value for some slope at every tie of the traced loss."""
    program = look.opinions.program
    if program is None:
        return np.zeros(verdict.shape, dtype=bool)
    found = choices(program)
    low, high = np.empty(verdict.shape), np.empty(verdict.shape)
    for index in np.ndindex(verdict.shape):
        low[index], high[index] = found[label(verdict.name, index)]
    own = own_rounding(verdict.yours, np.float64)
    return np.asarray((low - own <= verdict.yours) & (verdict.yours <= high + own))


def _edges_meet(case: Case, look: Look, verdict: Verdict, alone: Mask) -> Mask:
    """True where corners of the loss part as soon as everything is moved a little, opening both ways."""
    found, point = np.zeros(verdict.shape, dtype=bool), look.point.values
    for place in np.argwhere(alone)[:WALKED].tolist():
        axis = np.zeros(verdict.shape)
        axis[tuple(place)] = 1.0
        found[tuple(place)] = opens_both_ways(lambda numbers: loss_at(case, numbers), point, verdict.name, axis)
    return found
