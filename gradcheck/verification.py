"""The way every verb asks for verdicts: a function, a gradient by names, and a point."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from gradcheck.judgement.comparison import UNDECIDED, WRONG, compare
from gradcheck.judgement.directions import judge_corners
from gradcheck.judgement.readings import Reading, read
from gradcheck.numeric.estimation import estimate
from gradcheck.numeric.sampling import Function
from gradcheck.results.arrays import Floats
from gradcheck.results.estimates import Estimate
from gradcheck.results.outcomes import Reason
from gradcheck.results.verdicts import Verdict

Opinion = Mapping[str, ArrayLike]


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
) -> Verification:
    """The verdicts of `verify` with what they cost and what the gradient holds beyond the parameters."""
    point = {name: np.array(value, dtype=np.float64) for name, value in at.items()}
    readings = {name: read(name, gradient, array.shape) for name, array in point.items()}
    calls = 0

    def counted(arrays: dict[str, Floats]) -> float:
        nonlocal calls
        calls += 1
        return f(arrays)

    def judge(name: str, against: Estimate) -> Verdict:
        return _judge(name, readings[name], against, _pick(exact, name), _pick(backprop, name), resolution)

    estimates = estimate(counted, point)
    verdicts = {name: judge(name, estimates[name]) for name in point}
    suspects = {name: verdict.grades == WRONG for name, verdict in verdicts.items() if _is_suspect(verdict)}
    if suspects:
        again = estimate(counted, point, list(suspects), only=suspects, shift=1)
        verdicts |= {name: _confirmed(verdicts[name], judge(name, again[name])) for name in suspects}
    for name, verdict in verdicts.items():
        verdicts[name] = judge_corners(counted, point, verdict, estimates[name], readings[name].dtype)
    return Verification(
        tuple(_with_ladder(verdict, estimates[name]) for name, verdict in verdicts.items()),
        calls,
        tuple(name for name in gradient if name not in point),
    )


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


def _confirmed(first: Verdict, second: Verdict) -> Verdict:
    """The first verdict, undecided where the shifted ladder does not repeat its DISAGREE."""
    alone = (first.grades == WRONG) & (second.grades != WRONG)
    if not alone.any():
        return first
    grades = np.where(alone, UNDECIDED, first.grades)
    return replace(first, grades=grades, reason=None if (grades == WRONG).any() else Reason.RESOLUTION)


def _with_ladder(verdict: Verdict, against: Estimate) -> Verdict:
    """The verdict with the ladder of its worst entry."""
    worst = verdict.worst_index
    return verdict if worst is None else replace(verdict, ladder=against.ladder(worst))


def _pick(opinion: Opinion | None, name: str) -> Floats | None:
    """One parameter of an opinion, None where it has none."""
    return None if opinion is None or opinion.get(name) is None else np.asarray(opinion[name], dtype=np.float64)
