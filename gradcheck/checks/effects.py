"""Side effects before blame: what the user's functions do beside returning a value, in sentences."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gradcheck.evidence.same_losses import is_same
from gradcheck.judgement.comparison import UNDECIDED, own_rounding
from gradcheck.results.arrays import Floats
from gradcheck.results.outcomes import Reason
from gradcheck.results.verdicts import Verdict
from gradcheck.subject.cases import Case, gradient_at, loss_at
from gradcheck.subject.effects import Effects

# Where anything looks random, three equal values may be chance: a unit dropped one time in ten is kept three times in a
# row 73 % of the time, eight times 43 %, and a dropout layer has many units (NUMERICS.md section 3c).
CALLS = 8


@dataclass(frozen=True, slots=True)
class Watched:
    """The loss and the gradient at a point, notes on what the calls did, and `moving`: why neither may be believed."""

    value: float
    gradient: dict[str, Any]
    notes: tuple[str, ...]
    moving: str | None


def watch(case: Case, point: Mapping[str, Floats]) -> Watched:
    """Loss and gradient at a point, called more than once and watched; what raises, raises."""
    seen: list[Effects] = []
    value = loss_at(case, point, let_through=(), seen=seen)
    gradient = gradient_at(case, point, seen)
    after = [loss_at(case, point, let_through=()) for _ in range(CALLS - 1 if seen[0].moved else 1)]
    moving = _moving_loss(case, value, after, seen) or _moving_gradient(case, gradient, gradient_at(case, point), seen)
    names = (case.subject.loss, case.subject.grad)
    notes = [note for name, effects in zip(names, seen, strict=True) for note in _notes(name, effects)]
    return Watched(value, gradient, tuple(dict.fromkeys(notes)), moving)


def undecided(verdict: Verdict, moving: str) -> Verdict:
    """The verdict on a parameter of functions that do not repeat themselves: nothing is decided."""
    grades = np.full(verdict.shape, UNDECIDED)
    return replace(verdict, grades=grades, reason=Reason.UNREPEATABLE, remark=moving, pattern=None)


def _notes(name: str, effects: Effects) -> list[str]:
    moved = [f"{name} moves the global random state of {one}: give it a generator of its own" for one in effects.moved]
    if not effects.changed:
        return moved
    inputs = f"input{'s' if len(effects.changed) > 1 else ''} {', '.join(effects.changed)}"
    return [f"{name} changes its {inputs}: here only copies were changed, elsewhere copy first", *moved]


def _moving_loss(case: Case, value: float, after: list[float], seen: list[Effects]) -> str | None:
    """Why the loss has more than one value at one point; None where it has one."""
    other = next((one for one in after if not _repeats(value, one)), None)
    if other is None:
        return None
    told = f"{case.subject.loss} gives {value:.10g} and then {other:.10g} at one point"
    if seen[0].moved:
        moved = " and ".join(seen[0].moved)
        return f"{told}: it draws from {moved}: seed a generator inside it, or pass in what it draws"
    return (
        f"{told} ({case.subject.grad} was called in between), though nothing was drawn from a global random state: "
        "reset what they keep (a train/eval flag, a generator, a counter)"
    )


def _moving_gradient(
    case: Case, first: Mapping[str, Any], second: Mapping[str, Any], seen: list[Effects]
) -> str | None:
    """Why the gradient differs when it is asked for again; None where it does not."""
    names = [name for name in first if not _is_same_array(first[name], second.get(name))]
    if not names:
        return None
    told = f"{case.subject.grad} gives another gradient of {', '.join(names)} when it is called again"
    if seen[1].moved:
        return f"{told}: it draws from {' and '.join(seen[1].moved)}: seed a generator inside it"
    return f"{told}: set to zero what it adds to, and reset what it keeps from call to call"


def _repeats(first: float, second: float) -> bool:
    return is_same(first, second) or not (np.isfinite(first) or np.isfinite(second))


def _is_same_array(first: Any, second: Any) -> bool:
    """Equal but for rounding; what is no array of numbers is not looked at here."""
    try:
        a, b = np.asarray(first), np.asarray(second)
        if a.dtype.kind not in "fiub" or a.shape != b.shape:
            return a.shape == b.shape
        if np.array_equal(a, b):
            return True
        with np.errstate(invalid="ignore"):  # inf - inf
            allowed = own_rounding(np.asarray(a, dtype=np.float64), a.dtype)
            return bool((np.isclose(a, b, rtol=0, atol=0, equal_nan=True) | (np.abs(a - b) <= allowed)).all())
    except (TypeError, ValueError):
        return True
