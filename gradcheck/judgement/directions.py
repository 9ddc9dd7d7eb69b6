"""Corners in directions: a gradient that is right along every axis of a corner and yet is no subgradient."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import DTypeLike, NDArray

from gradcheck.judgement.comparison import UNDECIDED, WRONG, own_rounding
from gradcheck.judgement.masks import on_kink
from gradcheck.labels import label
from gradcheck.numeric.directions import estimate_along, lines_through, opens_both_ways
from gradcheck.numeric.sampling import Function
from gradcheck.results.arrays import Floats
from gradcheck.results.estimates import Estimate
from gradcheck.results.outcomes import Reason
from gradcheck.results.verdicts import Verdict

# So many of the entries outside of their slopes are looked at, whether their corners open both ways.
LOOKED_AT = 32
# A remark names so many entries of a line.
NAMED = 4


@dataclass(frozen=True, slots=True)
class _Corner:
    """The entries of one parameter whose corners open to one side.

    opening: +1 where the slopes grow (as of |x|), -1 where they fall. left, right: the slopes of every entry; bar: of
    each.
    """

    chosen: NDArray[np.bool_]
    opening: int
    left: Floats
    right: Floats
    bar: Floats


@dataclass(frozen=True, slots=True)
class _Line:
    """A line through a corner, what the gradient says along it, and the slopes of f on both sides, with their bar."""

    line: Floats
    yours: float
    left: float
    right: float
    bar: float

    @property
    def misses(self) -> bool:
        """Is what the gradient says outside of the slopes?"""
        low, high = min(self.left, self.right), max(self.left, self.right)
        return not low - self.bar <= self.yours <= high + self.bar


def judge_corners(
    f: Function, at: Mapping[str, Floats], verdict: Verdict, estimate: Estimate, dtype: DTypeLike = np.float64
) -> Verdict:
    """The verdict on one parameter, DISAGREE where its value at a corner is no subgradient in some direction.

    Looks only where an entry lies on a kink and nothing else is left open. Disagreement, also that of a single entry
    with its own two slopes, counts only where all of the corners crossed open the same way, so that f is convex or
    concave along them (DESIGN.md, Kinks), and where a second ladder confirms it. Source: NUMERICS.md section 8, R3.
    """
    verdict = _without_mixed(f, at, verdict, estimate)
    if verdict.reason is not Reason.KINK:
        return verdict
    own = own_rounding(verdict.yours, dtype)
    missed = [line for corner in _corners(verdict, estimate) for line in _missed(f, at, verdict, corner, own)]
    if not missed:
        return verdict
    grades = np.where(np.any([line.line != 0 for line in missed], axis=0), WRONG, verdict.grades)
    return replace(verdict, grades=grades, reason=Reason.SUBGRADIENT, remark=_remark(verdict.name, missed[0]))


def _without_mixed(f: Function, at: Mapping[str, Floats], verdict: Verdict, estimate: Estimate) -> Verdict:
    """The verdict, undecided where an entry is outside of its two slopes and its corners open both ways.

    There no subgradient is defined: relu(x) - relu(2 x - y) has slopes 1 and -1 where the usual gradient says 0 - 0.
    """
    wrong = verdict.grades == WRONG
    if verdict.reason is not None or not wrong.any() or not on_kink(estimate)[wrong].all():
        return verdict
    grades = np.array(verdict.grades)
    for place in np.argwhere(wrong)[:LOOKED_AT].tolist():
        axis = np.zeros(verdict.shape)
        axis[tuple(place)] = 1.0
        if opens_both_ways(f, at, verdict.name, axis):
            grades[tuple(place)] = UNDECIDED
    return replace(verdict, grades=grades, reason=None if (grades == WRONG).any() else Reason.KINK)


def _corners(verdict: Verdict, estimate: Estimate) -> Iterator[_Corner]:
    """The undecided entries on a kink, those that open upwards and those that open downwards."""
    if estimate.slopes is None:
        return
    left, right = estimate.slopes
    kinks = on_kink(estimate) & (verdict.grades == UNDECIDED)
    for opening in (1, -1):
        chosen = kinks & (opening * (right - left) > 0)
        if chosen.sum() > 1:
            yield _Corner(chosen, opening, left, right, estimate.bar)


def _missed(f: Function, at: Mapping[str, Floats], verdict: Verdict, corner: _Corner, own: Floats) -> list[_Line]:
    """The shortest lines along which the gradient is outside of the slopes; none where the corners open both ways."""
    directions = lines_through(corner.chosen)
    lines = _walk(f, at, verdict, directions, own)
    if not all(_opens_like(line, corner) for line in lines):
        return []
    suspects = _shortest([line for line in lines if line.misses])
    again = _walk(f, at, verdict, [line.line for line in suspects], own, shift=1)
    confirmed = [line for line in again if line.misses and _opens_like(line, corner)]
    return [line for line in confirmed if not opens_both_ways(f, at, verdict.name, line.line)]


def _walk(
    f: Function,
    at: Mapping[str, Floats],
    verdict: Verdict,
    directions: "list[Floats] | tuple[Floats, ...]",
    own: Floats,
    shift: int = 0,
) -> list[_Line]:
    """What f and the gradient say along each direction; directions without an answer are left out."""
    found = []
    for line, one in zip(directions, estimate_along(f, at, verdict.name, directions, shift), strict=True):
        doubt = one.reason is not None or (one.marks is not None and one.marks.doubt > 0)
        if doubt or one.one_sided or not np.isfinite(one.bar):
            continue
        left, right = one.slopes if one.slopes is not None and on_kink(one) else (one.value, one.value)
        bar = float(one.bar + np.sum(np.abs(line) * own))
        found.append(_Line(line, float(np.sum(line * verdict.yours)), float(left), float(right), bar))
    return found


def _opens_like(line: _Line, corner: _Corner) -> bool:
    """Does f open along the line as along its axes, and no further than the axes together allow?

    A function that is convex along a corner has slopes that grow, and there its slope to the right is at most the sum
    of the axes' (subadditivity); where either fails, corners that open both ways are crossed.
    """
    up, down = np.maximum(line.line, 0), np.maximum(-line.line, 0)
    sign, bar = corner.opening, line.bar + float(np.sum(np.abs(line.line)[corner.chosen] * corner.bar[corner.chosen]))
    left, right = (np.where(corner.chosen, side, 0.0) for side in (corner.left, corner.right))
    highest, lowest = float(np.sum(up * right - down * left)), float(np.sum(up * left - down * right))
    grows = sign * (line.right - line.left) >= -2 * bar
    within = sign * (highest - line.right) >= -2 * bar and sign * (line.left - lowest) >= -2 * bar
    return bool(grows and within)


def _shortest(lines: list[_Line]) -> list[_Line]:
    """The lines that hold no other of them within: they name no entry that is not needed."""
    supports = [frozenset(np.flatnonzero(line.line).tolist()) for line in lines]
    kept: dict[frozenset[int], _Line] = {}
    for support, line in zip(supports, lines, strict=True):
        if not any(other < support for other in supports):
            kept.setdefault(support, line)
    return list(kept.values())


def _remark(name: str, line: _Line) -> str:
    """What the line shows: "along M[0,0] + M[0,1] the slope is 1, yours 1.6: no choice of subgradient gives that"."""
    places = np.argwhere(line.line != 0)
    terms = [_term(line.line[tuple(place)], label(name, tuple(place.tolist()))) for place in places[:NAMED]]
    more = f" and {len(places) - NAMED} more" if len(places) > NAMED else ""
    direction = " ".join(terms).removeprefix("+ ") + more
    low, high = sorted((line.left, line.right))
    slope = f"{low:.6g}" if high - low <= line.bar else f"between {low:.6g} and {high:.6g}"
    finding = f"along {direction} the slope is {slope}, by your gradient {line.yours:.6g}"
    return f"{finding}: no choice of subgradient gives that, let ties share one slope"


def _term(weight: float, name: str) -> str:
    size = "" if abs(weight) == 1 else f"{abs(weight):.4g} "
    return f"{'-' if weight < 0 else '+'} {size}{name}"
