"""The gradient of a large loss by one reverse sweep on whole arrays, believed where differences confirm it."""

from collections.abc import Mapping

import numpy as np

from gradcheck.evidence.same_losses import is_same
from gradcheck.evidence.sweeps import swept
from gradcheck.numeric.agreement import glance
from gradcheck.numeric.estimation import estimate
from gradcheck.numeric.sampling import Function
from gradcheck.results.arrays import Floats
from gradcheck.subject.cases import Case, loss_at

Arrays = dict[str, Floats]
# A random direction weighs every number: a wrong one is missed by a direction with the chance that it is orthogonal.
DIRECTIONS = 2
# Steps of 2^-8 and less of this part of each number: the corners of a large net lie close together.
NEAR = 2.0**-8
# What differences leave open, and the roundings of both, relative to the sum of what all numbers contribute.
OPEN, SAME = 1e-5, 2.0**-32


def swept_gradient(case: Case, point: Mapping[str, Floats], loss: float) -> Arrays | None:
    """The gradient at a point; None where it cannot be swept, or differences along random directions refute it."""
    found = swept(case, point)
    if found is None or not is_same(found.loss, loss):
        return None
    gradient = dict(found.gradient)
    whole = np.concatenate([array.ravel() for array in gradient.values()])
    if not np.isfinite(whole).all():
        return None
    random = np.random.default_rng(0)
    return gradient if all(_is_confirmed(case, point, gradient, loss, random) for _ in range(DIRECTIONS)) else None


def _is_confirmed(
    case: Case, point: Mapping[str, Floats], gradient: Arrays, loss: float, random: np.random.Generator
) -> bool:
    """Is the slope along a random direction what the gradient says?"""
    along = {name: random.normal(size=array.shape) * NEAR * _size(array) for name, array in point.items()}
    parts = [np.sum(gradient[name] * one) for name, one in along.items()]
    size = float(sum(np.sum(np.abs(gradient[name] * one)) for name, one in along.items()))

    def f(numbers: Mapping[str, Floats]) -> float:
        return loss_at(case, {name: array + numbers["t"] * along[name] for name, array in point.items()})

    value, bar = _slope(f, loss)
    return bool(bar <= OPEN * size and abs(value - sum(parts)) <= bar + SAME * size)


def _slope(f: Function, loss: float) -> tuple[float, float]:
    """(the slope of a function of one number at 0, its error bar)."""
    start = {"t": np.zeros(())}
    seen = glance(f, start, ["t"], loss)["t"]
    if bool(seen.smooth):
        return float(seen.value), float(seen.bar)
    closer = estimate(f, start)["t"]
    return float(closer.value), float(closer.bar)


def _size(array: Floats) -> Floats:
    """The magnitude of every number, at least a part of what is usual in its array."""
    usual = float(np.abs(array).mean()) if array.size else 0.0
    return np.maximum(np.abs(array), usual or 1.0)
