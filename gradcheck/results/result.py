"""The answer of a check."""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gradcheck.results.arrays import Floats, frozen_arrays
from gradcheck.results.derivations import Derivation
from gradcheck.results.diagnoses import Diagnosis
from gradcheck.results.figures import Evidence
from gradcheck.results.outcomes import Outcome, Reason, worst_outcome
from gradcheck.results.verdicts import Verdict


@dataclass(frozen=True, slots=True)
class Subject:
    """What was checked: the file (None for callables), and the names of the loss and the gradient in it.

    options: what else the command line needs to read the file in the same way. script: the loss variable of a script,
    of which loss and gradient were made; None for functions of the user's own.
    """

    path: str | None
    loss: str
    grad: str
    options: tuple[str, ...] = ()
    script: str | None = None


@dataclass(frozen=True, slots=True)
class CheckedPoint:
    """One point with the verdicts there: kind is given or generic; coincidences are sentences ("w5 = w6: ...")."""

    kind: str
    seed: int
    values: Mapping[str, Floats]
    loss: float
    verdicts: tuple[Verdict, ...]
    coincidences: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", frozen_arrays(self.values))

    @property
    def outcome(self) -> Outcome:
        """The gravest outcome of all parameters."""
        return worst_outcome([verdict.outcome for verdict in self.verdicts])


@dataclass(frozen=True, slots=True)
class PlantedKind:
    """One kind of planted fault: how many differ from the truth at a generic point, and how many each point shows."""

    kind: str
    planted: int
    caught: int
    caught_at_given: int


@dataclass(frozen=True, slots=True)
class Audit:
    """Would this check have caught a fault? missed: labels with the kind of fault, at the deciding point."""

    kinds: tuple[PlantedKind, ...]
    missed: tuple[str, ...] = ()

    @property
    def planted(self) -> int:
        """All planted faults that differ from the truth at a generic point."""
        return sum(kind.planted for kind in self.kinds)

    @property
    def caught(self) -> int:
        """Those that the deciding point showed."""
        return sum(kind.caught for kind in self.kinds)


@dataclass(frozen=True, slots=True)
class Evaluations:
    """How often the user's functions were called."""

    loss: int = 0
    grad: int = 0


@dataclass(frozen=True)
class Result:
    """The answer: true only for AGREE.

    `points` holds every point that was checked, the deciding one last; `blind` says that the given point agreed and
    the generic one did not.
    """

    subject: Subject
    points: tuple[CheckedPoint, ...]
    blind: bool = False
    why: str | None = None
    audit: Audit | None = None
    diagnosis: Diagnosis | None = None
    derivations: tuple[Derivation, ...] = ()
    evidence: Evidence | None = None
    notes: tuple[str, ...] = ()
    evaluations: Evaluations = Evaluations()
    seconds: float = 0.0

    @property
    def point(self) -> CheckedPoint:
        """The deciding point."""
        return self.points[-1]

    @property
    def parameters(self) -> tuple[Verdict, ...]:
        """The verdicts at the deciding point, in the order of the parameters."""
        return self.point.verdicts

    @property
    def outcome(self) -> Outcome:
        """The outcome at the deciding point."""
        return self.point.outcome

    @property
    def reason(self) -> Reason | None:
        """The reason of the first parameter with the result's outcome that has one."""
        reasons = (v.reason for v in self.parameters if v.outcome is self.outcome and v.reason)
        return next(reasons, None)

    @property
    def of_network(self) -> bool:
        """Were the opinions on one of our networks compared, and no user's gradient?"""
        return self.evidence is not None and self.evidence.network is not None

    @property
    def resolution(self) -> float:
        """The smallest relative fault this check could have seen (the worst over parameters)."""
        return max((verdict.could_see for verdict in self.parameters), default=0.0)

    def __bool__(self) -> bool:
        return self.outcome is Outcome.AGREE

    def __repr__(self) -> str:
        wrong = ", ".join(v.name for v in self.parameters if v.outcome is Outcome.DISAGREE)
        tail = f" in {wrong}" if wrong else ""
        return f"<Result {self.outcome.name}{tail}, resolution {self.resolution:.1e}>"

    def __str__(self) -> str:
        return str(_view("text", "to_text")(self))

    def _repr_html_(self) -> str:
        return str(_view("html", "to_fragment")(self))

    def to_dict(self) -> dict[str, Any]:
        """The result in the schema gradcheck/1, as plain data."""
        return dict(_view("json", "to_plain")(self))

    def to_html(self, path: str | Path) -> Path:
        """Writes the self-contained page and returns where it lies."""
        target = Path(path)
        target.write_text(_view("html", "to_html")(self), encoding="utf-8")
        return target

    def with_notes(self, *notes: str) -> "Result":
        """The same result with further notes."""
        return replace(self, notes=(*self.notes, *notes))


def _view(form: str, function: str) -> Any:
    """A viewer by its name: results know no viewer until they are asked to show themselves."""
    return getattr(importlib.import_module(f"gradcheck.report.as_{form}"), function)
