"""One point as the judge sees it: every opinion, the verdicts, what coincides."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from numbers import Real
from typing import Any

import numpy as np

from gradcheck.audit.coincidences import Coincidence, find_coincidences
from gradcheck.audit.generic import Bounds
from gradcheck.checks.conjugates import conventions, name_conjugates
from gradcheck.checks.effects import undecided, watch
from gradcheck.checks.precisions import judge_in_float64
from gradcheck.errors import NothingToCheck, UsageError
from gradcheck.evidence.opinions import Opinions, opinions_on
from gradcheck.judgement.patterns import name_patterns
from gradcheck.results.arrays import Floats
from gradcheck.results.diagnoses import Suspect
from gradcheck.results.outcomes import Outcome
from gradcheck.results.result import CheckedPoint
from gradcheck.results.verdicts import EVERY_ENTRY
from gradcheck.subject.cases import Case, loss_at, settled
from gradcheck.subject.data import data_of, sizes_of
from gradcheck.subject.prepared import PreparedLoss
from gradcheck.verification import Verification, examine

# So many numbers are estimated one by one at a generic point too: few enough evaluations, and a page to read.
FEW = 64
# Of the budget, for what is made of the answer in the end: derivations, evidence, the page took 0.3 to 0.9 s.
FOR_ENDING = 0.08
LEVELS = ("quick", "standard", "thorough")
OnSuspects = Callable[[Sequence[Suspect]], None]


@dataclass(frozen=True, slots=True)
class Demands:
    """What a check is asked for.

    resolution: no AGREE where a larger relative fault could hide. stay: only the given point. wrt: the parameters to
    check. bounds: name -> (low, high) for generic points. level: what it may cost, "quick", "standard" or "thorough".
    budget: CPU seconds of the check with the search for the wrong line and a fix; 0 for no search. begun: on
    time.process_time(), when they began. on_suspects: gets the suspects as soon as they are known.
    """

    resolution: float = 1e-3
    seed: int = 0
    stay: bool = False
    wrt: tuple[str, ...] | None = None
    bounds: Bounds | None = None
    level: str = "standard"
    budget: float = 10.0
    on_suspects: OnSuspects | None = None
    begun: float = field(default_factory=time.process_time)

    def __post_init__(self) -> None:
        if self.level not in LEVELS:
            raise UsageError(f"level {self.level!r} is not known: choose from {', '.join(LEVELS)}")
        if not (isinstance(self.budget, Real) and self.budget >= 0):
            raise UsageError(f"budget is {self.budget!r}: give CPU seconds, 0 to name no line")
        if not (isinstance(self.resolution, Real) and self.resolution > 0):
            raise UsageError(f"resolution is {self.resolution!r}: give the relative fault that must not hide, above 0")

    def left(self, least: float, kept: float = 0.0) -> float:
        """CPU seconds of the budget that are left for what follows the verdict, which is never cut short.

        least: so much of the budget, whatever is left; kept: so much of it is for something else.
        """
        left = self.begun + (1 - FOR_ENDING - kept) * self.budget - time.process_time()
        return max(least * self.budget, left)


@dataclass(frozen=True, eq=False)
class Look:
    """A checked point, what coincides there, what tracing gave, and gradient entries that are no parameters.

    notes: what the calls did beside returning, and in which precision they were judged.
    """

    point: CheckedPoint
    coincidences: tuple[Coincidence, ...]
    opinions: Opinions
    strangers: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @property
    def outcome(self) -> Outcome:
        """The gravest outcome of all parameters."""
        return self.point.outcome

    @property
    def is_probed(self) -> bool:
        """Was any parameter seen along random directions only, and not entry by entry?"""
        return any(verdict.coverage != EVERY_ENTRY for verdict in self.point.verdicts)


def look_at(case: Case, point: Mapping[str, Floats], kind: str, seed: int, demands: Demands) -> Look:
    """The verdicts at one point, with every opinion on it that can be had."""
    point = settled(case, point)
    watched = watch(case, point)
    opinions = opinions_on(case, point, watched.value)
    checked = checked_names(point, demands)

    def examined(gradient: Mapping[str, Any], names: Sequence[str]) -> Verification:
        for level in _levels_for(kind, point, demands):
            verification = examine(
                PreparedLoss(case, point),
                gradient,
                {name: point[name] for name in names},
                opinions.exact_gradient,
                opinions.backprop_gradient,
                demands.resolution,
                level,
            )
            if all(verdict.outcome is Outcome.AGREE for verdict in verification.verdicts):
                break
        return verification

    verification = examined(watched.gradient, checked)
    verdicts, precise = judge_in_float64(
        case, point, verification.verdicts, lambda gradient, names: examined(gradient, names).verdicts
    )
    verdicts = name_conjugates(name_patterns(verdicts, point, sizes_of(case)))
    if watched.moving:
        verdicts = tuple(undecided(verdict, watched.moving) for verdict in verdicts)
    coincidences = find_coincidences(point, data_of(case))
    words = tuple(one.words for one in coincidences)
    return Look(
        CheckedPoint(kind, seed, point, watched.value, verdicts, words),
        coincidences,
        opinions,
        tuple(name for name in verification.strangers if name not in point),
        (*conventions(checked), *watched.notes, *precise, *((watched.moving,) if watched.moving else ())),
    )


def _levels_for(kind: str, point: Mapping[str, Floats], demands: Demands) -> tuple[str, ...]:
    """Levels to try in turn until one agrees: a generic point of many numbers is probed, and searched on suspicion."""
    many = sum(array.size for array in point.values()) > FEW
    if demands.level == "quick" or (demands.level == "standard" and kind == "generic" and many):
        return ("quick", "standard")
    return (demands.level,)


def checked_names(point: Mapping[str, Floats], demands: Demands) -> list[str]:
    """The parameters to check: all, or those of `wrt` and what lies inside them."""
    if demands.wrt is None:
        return list(point)
    names = [name for name in point if any(name == one or name.startswith(f"{one}.") for one in demands.wrt)]
    if not any(point[name].size for name in names):
        raise NothingToCheck(
            f"{', '.join(demands.wrt)} holds no numbers to differentiate by: choose from {_full(point)}"
        )
    return names


def _full(point: Mapping[str, Floats]) -> str:
    return ", ".join(name for name, array in point.items() if array.size)


def is_usable(case: Case, point: Mapping[str, Floats]) -> bool:
    """Is the loss finite there?"""
    try:
        return bool(np.isfinite(loss_at(case, point)))
    except Exception:  # whatever the code under check raises away from its own point, the point is of no use
        return False
