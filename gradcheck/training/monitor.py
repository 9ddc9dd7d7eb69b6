"""A watch over a gradient while something is trained: cheap enough to stay on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

import numpy as np

from gradcheck.errors import GradientMismatch, UsageError
from gradcheck.labels import label
from gradcheck.precision import EPS
from gradcheck.results.arrays import Floats
from gradcheck.results.outcomes import Outcome
from gradcheck.results.result import CheckedPoint, Evaluations, Result, Subject
from gradcheck.verification import examine

Loss = Callable[[Mapping[str, Floats]], float]
# Of a step t = eps^(1/5) the error of a difference of fourth order, t^4 + eps/t, is smallest.
STEP = EPS**0.2
# Differences over t and 2t bound the truncation of their extrapolation many times over; rounding of f is let through
# eight times. What is beyond is only a suspicion: the judge with its ladders decides.
ROUNDINGS = 8.0


@dataclass(slots=True)
class Monitor:
    """Called once before every step with (loss, gradient, parameters), it looks at every `every`-th.

    A look is one random direction through all parameters: four evaluations of the loss. What does not fit is judged in
    full, entry by entry; a wrong gradient ends the training with GradientMismatch, and a page is written to `report`
    (None for no page). looks, evaluations: how many so far.
    """

    every: int = 100
    report: str | Path | None = "gradcheck-report"
    seed: int = 0
    steps: int = field(default=0, init=False)
    looks: int = field(default=0, init=False)
    evaluations: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        if self.every < 1:
            raise UsageError(f"a look every {self.every} steps: give at least 1")

    def __call__(self, loss: Loss, gradient: Mapping[str, Floats], params: Mapping[str, Floats]) -> None:
        """Looks where it is time; raises GradientMismatch with the finding where the gradient is wrong."""
        self.steps += 1
        if (self.steps - 1) % self.every:
            return
        self.looks += 1
        self.evaluations += 4
        if not fits(loss, gradient, params, (self.seed, self.looks)):
            self._judge(loss, gradient, params)

    def _judge(self, loss: Loss, gradient: Mapping[str, Floats], params: Mapping[str, Floats]) -> None:
        """The full check of a suspicion."""
        start = perf_counter()
        point = {name: np.array(array, dtype=np.float64) for name, array in params.items()}
        found = examine(loss, gradient, point)
        self.evaluations += found.evaluations
        checked = CheckedPoint("given", self.seed, point, float(loss(point)), found.verdicts)
        spent = Evaluations(found.evaluations, 0)
        notes = (f"step {self.steps} of the training",)
        subject = Subject(None, "the loss in training", "its gradient")
        result = Result(subject, (checked,), notes=notes, evaluations=spent, seconds=perf_counter() - start)
        if result.outcome is Outcome.DISAGREE:
            raise GradientMismatch(f"{self._told(result)}\n\n{result}")

    def _told(self, result: Result) -> str:
        wrong = next(verdict for verdict in result.parameters if verdict.outcome is Outcome.DISAGREE)
        where = label(wrong.name, wrong.wrong_entries[0]) if wrong.wrong_entries else wrong.name
        said = f"the gradient broke by step {self.steps}: {where} is wrong, stop and mend it"
        if self.report is None:
            return said
        folder = Path(self.report)
        folder.mkdir(parents=True, exist_ok=True)
        return f"{said}; page: {result.to_html(folder / f'step-{self.steps}.html')}"


def fits(loss: Loss, gradient: Mapping[str, Floats], params: Mapping[str, Floats], seed: tuple[int, ...]) -> bool:
    """Does the slope along one random direction agree with the gradient, within what four evaluations can say?"""
    random = np.random.default_rng(seed)
    reach = {name: np.maximum(np.abs(array), _typical(array)) for name, array in params.items()}
    along = {name: array * random.standard_normal(array.shape) for name, array in reach.items()}
    if along.keys() != gradient.keys() or any(np.shape(gradient[name]) != v.shape for name, v in along.items()):
        return False
    yours = sum(float(np.vdot(gradient[name], direction)) for name, direction in along.items())
    values = [loss({n: params[n] + k * STEP * v for n, v in along.items()}) for k in (1, -1, 2, -2)]
    near, far = (values[0] - values[1]) / (2 * STEP), (values[2] - values[3]) / (4 * STEP)
    rounding = ROUNDINGS * EPS * max(map(abs, values)) / STEP
    return bool(abs((4 * near - far) / 3 - yours) <= abs(near - far) + rounding + ROUNDINGS * EPS * abs(yours))


def _typical(array: Floats) -> float:
    """The root mean square of an array; 1 where it is all zeros."""
    return float(np.sqrt(np.mean(np.square(array)))) or 1.0 if np.size(array) else 1.0
