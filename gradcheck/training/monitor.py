"""A watch over a gradient while something is trained: cheap enough to stay on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

import numpy as np
from numpy.random import SFC64, BitGenerator

from gradcheck.errors import GradientMismatch, UsageError
from gradcheck.labels import label
from gradcheck.precision import EPS
from gradcheck.results.arrays import Floats
from gradcheck.results.outcomes import Outcome
from gradcheck.results.result import CheckedPoint, Evaluations, Result, Subject
from gradcheck.verification import examine

Loss = Callable[[Mapping[str, Floats]], float]
# Of a step t = eps^(1/5) the error of a difference of fourth order, t^4 + eps/t, is smallest; of eps^(1/3) that of a
# central one, t^2 + eps/t.
STEP, SHORT = EPS**0.2, EPS ** (1 / 3)
# Evaluations over the short step.
FEW = 2
# Differences over t and 2t bound the truncation of their extrapolation many times over; rounding of f is let through
# eight times. What is beyond is only a suspicion: the judge with its ladders decides.
ROUNDINGS = 8.0


@dataclass(slots=True)
class Monitor:
    """Called once before every step with (loss, gradient, parameters), it looks at every `every`-th.

    A look is one random direction through all parameters: two evaluations of the loss, six where the loss bends much
    (tests/benchmarks/bench_monitor.py: 1 % of the training). What does not fit is judged in full, entry by entry; a
    wrong gradient ends the training with GradientMismatch, and a page is written to `report` (None for no page).
    looks, evaluations: how many so far.
    """

    every: int = 100
    report: str | Path | None = "gradcheck-report"
    seed: int = 0
    steps: int = field(default=0, init=False)
    looks: int = field(default=0, init=False)
    evaluations: int = field(default=0, init=False)
    random: BitGenerator = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if self.every < 1:
            raise UsageError(f"a look every {self.every} steps: give at least 1")
        self.random = SFC64(self.seed)

    def __call__(self, loss: Loss, gradient: Mapping[str, Floats], params: Mapping[str, Floats]) -> None:
        """Looks where it is time; raises GradientMismatch with the finding where the gradient is wrong."""
        self.steps += 1
        if self.steps % self.every != 1 % self.every:
            return
        self.looks += 1
        spent = fits(loss, gradient, params, self.random)
        self.evaluations += spent
        if not spent:
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


def fits(loss: Loss, gradient: Mapping[str, Floats], params: Mapping[str, Floats], random: BitGenerator) -> int:
    """After how many evaluations the slope along a random direction agrees with the gradient; 0 where it does not.

    What meets to the last roundings over a short step needs no more; else differences over two longer steps are taken,
    which bound their own truncation.
    """
    if params.keys() != gradient.keys() or any(np.shape(gradient[n]) != np.shape(p) for n, p in params.items()):
        return 0
    along = _drawn(params, random)
    yours = sum(float(np.vdot(gradient[name], direction)) for name, direction in along.items())
    ahead, behind = (_moved(loss, params, along, step) for step in (SHORT, -SHORT))
    slack = ROUNDINGS * EPS * (max(abs(ahead), abs(behind)) / SHORT + abs(yours))
    if abs((ahead - behind) / (2 * SHORT) - yours) <= slack:
        return FEW
    values = [_moved(loss, params, along, k * STEP) for k in (1, -1, 2, -2)]
    near, far = (values[0] - values[1]) / (2 * STEP), (values[2] - values[3]) / (4 * STEP)
    rounding = ROUNDINGS * EPS * max(map(abs, values)) / STEP
    met = abs((4 * near - far) / 3 - yours) <= abs(near - far) + rounding + ROUNDINGS * EPS * abs(yours)
    return FEW + len(values) if met else 0


def _drawn(params: Mapping[str, Floats], random: BitGenerator) -> dict[str, Floats]:
    """A direction, each entry one of 256 numbers evenly spread over ±(the root mean square of its array; 1 for zeros).

    Eight random bits a number are the cheapest to be had.
    """
    bits = random.random_raw(sum(map(np.size, params.values())) // 8 + 1).view(np.int8)
    along, first = {}, 0
    for name, array in params.items():
        end = first + np.size(array)
        size = float(np.vdot(array, array) / (end - first or 1)) ** 0.5 or 1.0
        along[name] = bits[first:end].reshape(np.shape(array)) * (size / 128)
        first = end
    return along


def _moved(loss: Loss, params: Mapping[str, Floats], along: Mapping[str, Floats], step: float) -> float:
    there = {}
    for name, direction in along.items():
        there[name] = np.multiply(direction, step)
        there[name] += params[name]
    return loss(there)
