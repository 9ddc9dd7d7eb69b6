"""The way every verb asks for verdicts: a function, a gradient by names, and a point."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gradcheck.judgement.comparison import UNDECIDED, WRONG, compare, own_rounding
from gradcheck.judgement.directions import judge_corners
from gradcheck.judgement.glances import estimate_sparingly
from gradcheck.judgement.readings import Reading, read
from gradcheck.judgement.samplings import QUICK, STANDARD, judge_by_probes
from gradcheck.numeric.estimation import estimate
from gradcheck.numeric.ladders import walk_ladder
from gradcheck.numeric.loans import Counted, Function
from gradcheck.results.arrays import Floats
from gradcheck.results.estimates import Estimate
from gradcheck.results.outcomes import Reason
from gradcheck.results.verdicts import Verdict

Opinion = Mapping[str, ArrayLike]
# Up to so many entries each is estimated alone (DESIGN.md, Levels).
EVERY = 1000


@dataclass(frozen=True, slots=True)
class Verification:
    """The verdicts in the order of the parameters, the evaluations of f, and the gradient's names that are none."""

    verdicts: tuple[Verdict, ...]
    evaluations: int
    strangers: tuple[str, ...]


def verify(
    f: Function,
    gradient: Mapping[str, Any],
    at: Mapping[str, ArrayLike],
    exact: Opinion | None = None,
    backprop: Opinion | None = None,
    resolution: float = 1e-3,
) -> tuple[Verdict, ...]:
    """Is `gradient` the gradient of f at this point? One verdict per parameter, in the order of `at`.

    f: gets a dict of fresh float64 arrays. gradient: one array per parameter; what is missing, has another shape or is
    no number is a DISAGREE with a reason and a remark. exact, backprop: the other opinions, shown beside.
    resolution: AGREE is not said where a larger relative fault could hide.
    """
    return examine(f, gradient, at, exact, backprop, resolution).verdicts


def examine(
    f: Function,
    gradient: Mapping[str, Any],
    at: Mapping[str, ArrayLike],
    exact: Opinion | None = None,
    backprop: Opinion | None = None,
    resolution: float = 1e-3,
    level: str = "standard",
) -> Verification:
    """The verdicts of `verify` with what they cost and what the gradient holds beyond the parameters.

    level: "standard" agrees at a glance and takes the full ladder for all else, above EVERY entries by probes along
    random directions; "thorough" takes the ladder for every entry; "quick" takes few probes. See `Verdict.coverage`.
    """
    point = {name: np.asarray(value, dtype=np.float64) for name, value in at.items()}
    readings = {name: read(name, gradient, array.shape) for name, array in point.items()}
    counted = Counted(f)

    def judge(name: str, against: Estimate) -> Verdict:
        return _judge(name, readings[name], against, _pick(exact, name), _pick(backprop, name), resolution)

    if level == "quick" or (level != "thorough" and sum(array.size for array in point.values()) > EVERY):
        probed = judge_by_probes(counted, point, readings, resolution, QUICK if level == "quick" else STANDARD)
        verdicts = (
            probed
            if exact is None and backprop is None
            else {
                name: replace(verdict, exact=_pick(exact, name), backprop=_pick(backprop, name))
                for name, verdict in probed.items()
            }
        )
    else:
        verdicts = _by_entries(counted, point, readings, judge, resolution, level == "thorough")
    return Verification(
        tuple(verdicts.values()),
        counted.calls,
        tuple(name for name in gradient if name not in point),
    )


def _by_entries(
    f: Function,
    point: dict[str, Floats],
    readings: Mapping[str, Reading],
    judge: Callable[[str, Estimate], Verdict],
    resolution: float,
    thorough: bool,
) -> dict[str, Verdict]:
    """Every entry estimated and judged alone; what looks wrong once more, on a shifted ladder or by another opinion."""
    estimates = estimate(f, point) if thorough else estimate_sparingly(f, point, readings, resolution)
    verdicts = {name: judge(name, estimates[name]) for name in point}
    suspects = {name: _suspects(verdict, estimates[name]) for name, verdict in verdicts.items() if _is_suspect(verdict)}
    suspects = {name: mask for name, mask in suspects.items() if mask.any()}
    if suspects:
        again = estimate(f, point, list(suspects), only=suspects, shift=1)
        verdicts |= {name: _confirmed(verdicts[name], judge(name, again[name]), suspects[name]) for name in suspects}
    for name, verdict in verdicts.items():
        corners = judge_corners(f, point, verdict, estimates[name], readings[name].dtype)
        verdicts[name] = _with_ladder(corners, estimates[name])
    gravest = max(verdicts.values(), key=lambda one: (one.grades.max(initial=-1), one.could_see), default=None)
    if gravest is not None and gravest.ladder is None and gravest.worst_index is not None:
        return _with_shown_ladder(f, point, verdicts, gravest)
    return verdicts


def _judge(
    name: str, reading: Reading, against: Estimate, exact: Floats | None, backprop: Floats | None, resolution: float
) -> Verdict:
    """A comparison of numbers where there are numbers to compare; else every entry is wrong, for the reason read."""
    verdict = compare(name, reading.values, against, reading.dtype, exact, backprop, resolution)
    if reading.reason is None:
        return verdict if reading.remark is None else replace(verdict, remark=verdict.remark or reading.remark)
    wrong = np.full(verdict.shape, WRONG)
    return replace(verdict, grades=wrong, reason=reading.reason, remark=reading.remark)


def _is_suspect(verdict: Verdict) -> bool:
    """True where numbers alone made an entry wrong: a disagreement is only said after a second ladder says it too."""
    return verdict.reason is None and bool((verdict.grades == WRONG).any())


def _suspects(verdict: Verdict, against: Estimate) -> NDArray[np.bool_]:
    """The wrong entries that went to a ladder; what a glance counted beside them stands and falls with them.

    Those are left out of which an opinion that was reached in another way says what the ladder says.
    """
    return np.asarray((verdict.grades == WRONG) & np.isfinite(against.steps).any(axis=0) & ~_is_seconded(verdict))


def _is_seconded(verdict: Verdict) -> NDArray[np.bool_]:
    """True where reverse mode, or else the exact partial, is within the bar of the numeric one, and yours is not."""
    other = verdict.exact if verdict.backprop is None else verdict.backprop
    if other is None or other.shape != verdict.shape:
        return np.zeros(verdict.shape, dtype=bool)
    with np.errstate(all="ignore"):
        apart = np.abs(verdict.yours - other) > verdict.bar + own_rounding(verdict.yours, np.float64)
        return np.asarray((np.abs(verdict.numeric - other) <= verdict.bar) & apart)


def _confirmed(first: Verdict, second: Verdict, asked: NDArray[np.bool_]) -> Verdict:
    """The first verdict, undecided where the shifted ladder does not repeat its DISAGREE."""
    alone = asked & (second.grades != WRONG)
    if not alone.any():
        return first
    stands = bool(((first.grades == WRONG) & _is_seconded(first) | (asked & ~alone)).any())
    grades = np.where(alone if stands else first.grades == WRONG, UNDECIDED, first.grades)
    return replace(first, grades=grades, reason=None if (grades == WRONG).any() else Reason.RESOLUTION)


def _with_ladder(verdict: Verdict, against: Estimate) -> Verdict:
    """The verdict with the ladder of its worst entry, where it has been walked."""
    if against.marks is None or verdict.worst_index is None:  # nothing but glances, or nothing at all
        return verdict
    worst = verdict.worst_index
    if not np.isfinite(against.ladder(worst).steps).any():
        return verdict
    return replace(verdict, ladder=against.ladder(worst))


def _with_shown_ladder(
    f: Function, point: dict[str, Floats], verdicts: dict[str, Verdict], gravest: Verdict
) -> dict[str, Verdict]:
    """The verdicts, the gravest one with its worst entry's ladder, walked to be shown; all undecided if f moves.

    Numbers and grades stay those of the glance that was enough to agree.
    """
    worst = gravest.worst_index or ()
    flat = int(np.ravel_multi_index(worst, gravest.shape)) if worst else 0
    ladder, is_one_value = walk_ladder(f, point, gravest.name, flat, float(gravest.numeric[worst]))
    if not is_one_value:
        return {name: _undecided(verdict, Reason.UNREPEATABLE) for name, verdict in verdicts.items()}
    return verdicts | {gravest.name: replace(gravest, ladder=ladder)}


def _undecided(verdict: Verdict, reason: Reason) -> Verdict:
    """The verdict with what was found by comparing numbers taken back."""
    if verdict.reason is not None:
        return verdict
    return replace(verdict, grades=np.full(verdict.shape, UNDECIDED), reason=reason)


def _pick(opinion: Opinion | None, name: str) -> Floats | None:
    """One parameter of an opinion, None where it has none."""
    return None if opinion is None or opinion.get(name) is None else np.asarray(opinion[name], dtype=np.float64)
