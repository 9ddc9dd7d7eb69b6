"""One question to one point, for the price of one ladder: does the gradient disagree there?"""

from collections.abc import Mapping, Sequence

import numpy as np

from gradcheck.errors import UserCodeError
from gradcheck.judgement.comparison import own_rounding
from gradcheck.numeric.estimation import estimate
from gradcheck.results.arrays import Floats
from gradcheck.subject.cases import Case, gradient_at, loss_at


def shows_fault(case: Case, point: Mapping[str, Floats], names: Sequence[str], seed: int = 0) -> bool:
    """Does the gradient disagree with the slope of the loss along one line through all entries of these parameters?

    The line goes along each entry by its array's largest number times a random one from 1/2 to 1, up or down. False
    also where the loss has no slope there, or the gradient does not fit its parameters.
    """
    generator = np.random.default_rng(seed)
    line = {name: _along(point[name], generator) for name in names}

    def moved(t: dict[str, Floats]) -> float:
        return loss_at(case, {**point, **{name: point[name] + float(t["t"]) * step for name, step in line.items()}})

    slope = estimate(moved, {"t": 0.0})["t"]
    try:
        returned = gradient_at(case, point)
    except UserCodeError:  # away from its own point the code may raise what it likes
        return False
    gradient = {name: np.asarray(array) for name, array in returned.items() if name in line}
    if set(gradient) != set(line) or any(array.shape != line[name].shape for name, array in gradient.items()):
        return False
    terms = np.concatenate([np.ravel(gradient[name] * step) for name, step in line.items()])
    rounding = sum(float(np.sum(np.abs(own_rounding(g, g.dtype) * line[name]))) for name, g in gradient.items())
    gap = 0.0 if slope.slopes is None else float(np.nan_to_num(np.abs(slope.slopes[1] - slope.slopes[0])))
    return bool(abs(float(terms.sum()) - float(slope.value)) > float(slope.bar) + rounding + gap)


def _along(array: Floats, generator: np.random.Generator) -> Floats:
    size = float(np.abs(array).max(initial=0.0)) or 1.0
    return np.asarray(size * generator.uniform(0.5, 1, array.shape) * generator.choice([-1.0, 1.0], array.shape))
