"""The way back through what was normalised (softmax, unit length, root mean square, layer norm) in one formula.

An array that sums to 1, has length 1 or variance 1 along an axis tells by its numbers what made it. Its own adjoint g
comes back less the part that the norm takes away: p (g - sum g p), (g - u sum g u)/|x|, (g - mean g - u mean g u)/std
(Ioffe and Szegedy 2015; Ba, Kiros and Hinton 2016), the scale being found beside it.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from gradcheck.diagnosis.pools import Named
from gradcheck.results.arrays import Floats

# What is told of a norm by its numbers is blurred by the eps under its root: 1e-3 beside variances near 1 at most.
BLURRED = 0.02
# Softmax adds up to 1 but for rounding.
SAME = 1e-9
FORMULAS = {
    "softmax": "{u} * ({g} - np.sum({g} * {u}, axis={a}, keepdims=True))",
    "unit": "{g} - {u} * np.sum({g} * {u}, axis={a}, keepdims=True)",
    "rms": "{g} - {u} * np.mean({g} * {u}, axis={a}, keepdims=True)",
    "norm": "{g} - np.mean({g}, axis={a}, keepdims=True) - {u} * np.mean({g} * {u}, axis={a}, keepdims=True)",
}


def projections(pool: Sequence[Named]) -> Iterator[str]:
    """The formulas that may hold among these values, by what their numbers say."""
    arrays = [named for named in pool if all(np.ndim(value) >= 1 and np.size(value) > 1 for value in named.values)]
    for made in arrays:
        for axis in range(-1, -1 - min(np.ndim(value) for value in made.values), -1):
            kind = kind_of([np.asarray(value, dtype=float) for value in made.values], axis)
            if kind is None:
                continue
            for other in arrays:
                if other is not made and all(map(_same_shape, made.values, other.values)):
                    yield FORMULAS[kind].format(u=made.text, g=other.text, a=axis)


def kind_of(values: Sequence[Floats], axis: int) -> str | None:
    """What the numbers along an axis were normalised to, at every moment; None where they were not."""
    if any(value.shape[axis] < 2 for value in values):
        return None
    if all((value > 0).all() and _is(value.sum(axis=axis), SAME) for value in values):
        return "softmax"
    if all(_is((value**2).sum(axis=axis), SAME) for value in values):
        return "unit"
    if not all(_is((value**2).mean(axis=axis), BLURRED) for value in values):
        return None
    return "norm" if all(np.abs(value.mean(axis=axis)).max() < SAME for value in values) else "rms"


def _is(value: Floats, near: float) -> bool:
    """Is it 1 everywhere?"""
    return bool(np.abs(value - 1).max() <= near)


def _same_shape(one: Floats, other: Floats) -> bool:
    return bool(np.shape(one) == np.shape(other))
