"""The exact and the reverse-mode opinion on a user's own file, by tracing it at a point."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gradcheck.backprop.replay import Replay, replay
from gradcheck.errors import TooLarge, TraceError
from gradcheck.evidence.same_losses import is_same
from gradcheck.evidence.sweeps import swept
from gradcheck.evidence.swept_gradients import swept_gradient
from gradcheck.labels import from_labels
from gradcheck.program.programs import LEAVES, Program
from gradcheck.program.tracing import trace
from gradcheck.results.arrays import Floats
from gradcheck.subject.cases import Case

if TYPE_CHECKING:
    from gradcheck.symbolic.numbers import Exact
    from gradcheck.symbolic.partials import Partials

Arrays = dict[str, Floats]
# Numbers are traced one by one while that takes a second or two (tens of microseconds each, and as much again for what
# is asked of the trace). The exact opinion ends there too.
LARGEST = 20_000


@dataclass(frozen=True, eq=False)
class Opinions:
    """What tracing gave at one point; what could not be had is None, and `missing` says why, one sentence.

    swept: the gradient by reverse mode on whole arrays, where numbers cannot be traced one by one.
    """

    program: Program | None = None
    replayed: Replay | None = None
    partials: "Partials | None" = None
    exact: "Exact | None" = None
    shapes: Mapping[str, tuple[int, ...]] | None = None
    missing: str | None = None
    swept: Arrays | None = None

    @property
    def exact_gradient(self) -> Arrays | None:
        """The exact partials in the parameters' shapes."""
        return None if self.exact is None else from_labels(self.exact.gradient, self.shapes or {})

    @property
    def backprop_gradient(self) -> Arrays | None:
        """The reverse-mode partials in the parameters' shapes."""
        return self.swept if self.replayed is None else from_labels(self.replayed.gradient, self.shapes or {})

    def same_values(self) -> list[str]:
        """Computed values that come out equal at the point, as equations ("outh1 = outh2"): units that are the same."""
        groups: dict[float, list[str]] = {}
        for node in self.program.nodes[: self.program.forward] if self.program else ():
            if node.name and node.op not in (*LEAVES, "name"):
                groups.setdefault(node.value, []).append(node.name)
        return [" = ".join(names) for value, names in groups.items() if len(names) > 1 and value != 0]


def opinions_on(case: Case, point: Mapping[str, Floats], loss: float) -> Opinions:
    """Both opinions at a point; none without source, or where it cannot be traced, or the trace gives another loss."""
    program, why = program_of(case, point)
    if program is None:
        return Opinions(missing=why, swept=None if _why_untraceable(case) else swept_gradient(case, point, loss))
    replayed = replay(program)
    if not is_same(float(replayed.loss), loss):
        return Opinions(missing=f"the traced loss is {float(replayed.loss)!r}, the file's {loss!r}: it keeps a state")
    from gradcheck.symbolic.from_program import system_of_program
    from gradcheck.symbolic.numbers import evaluate
    from gradcheck.symbolic.partials import differentiate

    shapes = {name: np.shape(array) for name, array in point.items()}
    try:
        partials = differentiate(system_of_program(program))
        exact = evaluate(partials)
    except (TooLarge, TraceError) as error:
        return Opinions(program, replayed, shapes=shapes, missing=str(error))
    return Opinions(program, replayed, partials, exact, shapes)


def trace_case(case: Case, point: Mapping[str, Floats]) -> Program | None:
    """The program of a case at a point; None where it cannot be traced."""
    return program_of(case, point)[0]


def trace_loss(case: Case, point: Mapping[str, Floats]) -> Program | None:
    """The same without the hand-written gradient."""
    try:
        return None if _why_untraceable(case) else _traced(case, point, has_gradient=False)
    except (TraceError, TooLarge):
        return None


def program_of(case: Case, point: Mapping[str, Floats]) -> tuple[Program | None, str | None]:
    """(the program of a case at a point, None) or (None, why it cannot be traced)."""
    why = _why_untraceable(case)
    try:
        return (None, why) if why else (_traced(case, point), None)
    except (TraceError, TooLarge) as error:
        return None, str(error)


def _why_untraceable(case: Case) -> str | None:
    if case.origin is None or case.subject.path is None:
        return "functions are not traced: check their file to have the exact and the reverse-mode opinion"
    if not case.origin.has_loss:
        return "a forward and a backward pass are not traced: the numeric opinion decides"
    if case.functions.returns_both:
        return "a function that returns loss and gradient together is not traced: the numeric opinion decides"
    if case.form.kind != "dict" or set(case.at.arrays) != set(case.form.names):
        return "nested parameters are not traced: the numeric opinion decides"
    return None


def _traced(case: Case, point: Mapping[str, Floats], has_gradient: bool = True) -> Program:
    sweep = swept(case, point)
    if sweep is not None and sweep.operations > LARGEST:
        raise TooLarge(
            f"numbers are traced one by one up to {LARGEST:,} operations, and these are {sweep.operations:,}: "
            "take less data to have the exact opinion"
        )
    grad = case.subject.grad if case.functions.grad and has_gradient else None
    assert case.origin is not None, "_why_untraceable was asked first"
    origin = case.origin
    return trace(origin.text, case.subject.path or "", case.subject.loss, grad, point, origin.parse, origin.top)
