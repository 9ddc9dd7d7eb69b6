"""Is a user's own layer a function of each sample, and is its gradient right? Both are tried on numbers."""

from collections.abc import Callable, Mapping
from math import prod
from typing import Any, TypeVar

import numpy as np

from gradcheck.backprop.readings.own import computed_by, pulled_back
from gradcheck.backprop.transforms import vjp
from gradcheck.errors import GradcheckError, GradientInconclusive, GradientMismatch, NetworkError, TooLarge, UsageError
from gradcheck.labels import from_labels, label
from gradcheck.network.dense import Shape
from gradcheck.network.own import Own
from gradcheck.registration.judging import is_wrong
from gradcheck.results.arrays import Floats
from gradcheck.results.outcomes import Outcome
from gradcheck.results.verdicts import Verdict
from gradcheck.strategies.points import numbers_at
from gradcheck.symbolic.numbers import evaluate
from gradcheck.symbolic.partials import differentiate
from gradcheck.symbolic.readings.own import system_of_layer
from gradcheck.verification import verify

T = TypeVar("T")
Arrays = dict[str, Floats]
SAMPLES = 2
SEEDS = (0, 1, 2)
# One sample alone and among others is summed in another order at most.
SAME = 1e-12


def ensure_values(layer: Own, shape: Shape) -> None:
    """Raises UsageError unless the formula gives finite numbers, the same for a sample alone, and changes nothing."""
    name = layer.recipe.name
    for seed in SEEDS:
        point = _point(layer, shape, seed)
        copies = {key: np.array(array) for key, array in point.items()}
        y = _run(layer, copies)
        for key, array in point.items():
            if not np.array_equal(array, copies[key]):
                raise UsageError(f"the formula of {name!r} changes {key} in place: write x = x * 2 for x *= 2")
        if not np.isfinite(y).all():
            place = label("y", tuple(int(i) for i in np.argwhere(~np.isfinite(y))[0]))
            told = f"the formula of {name!r} makes {place} {y[~np.isfinite(y)][0]} at {_told(point)}"
            raise UsageError(f"{told}: a layer is finite for all numbers, use np.abs, np.maximum or np.where")
        if not np.array_equal(y, _run(layer, point)):
            raise UsageError(f"the formula of {name!r} gives two values at one point: take out what is random in it")
        for k in range(SAMPLES):
            alone = _run(layer, point | {"x": point["x"][k : k + 1]})
            if alone.shape != y[k : k + 1].shape or not np.allclose(alone, y[k : k + 1], SAME, SAME):
                told = f"the formula of {name!r} gives a sample another value among others than alone"
                raise UsageError(f"{told}: compute along the axes behind the first, axis=-1 or axis=(1, 2)")


def ensure_gradient(layer: Own, shape: Shape, all_points: bool = True) -> None:
    """Raises GradientMismatch where a slope is neither the exact one nor that of the differences of the formula.

    all_points: looks at every seed; else it ends with the first one that decides.
    """
    decided = False
    for seed in SEEDS:
        if decided and not all_points:
            return
        verdicts = _verdicts(layer, shape, seed)
        for verdict in verdicts:
            if is_wrong(verdict):
                raise GradientMismatch(_wrong(layer, verdict, _point(layer, shape, seed), _weights(layer, shape, seed)))
        decided |= all(verdict.outcome is Outcome.AGREE for verdict in verdicts)
    if not decided:
        told = f"the gradient of {layer.recipe.name!r} can be decided at no point of samples of shape {shape}"
        raise GradientInconclusive(f"{told}: make the formula smooth")


def is_same_formula(one: Own, other: Own, shape: Shape) -> bool:
    """Do two kinds have the same settings and parameters, and come to the same expressions?"""
    try:
        if one.settings != other.settings or one.parameters(shape) != other.parameters(shape):
            return False
        if one.leaving(shape) != other.leaving(shape):
            return False
    except NetworkError:
        return False
    point = _point(one, shape, 0)
    first, second = (system_of_layer(layer, point, _weights(layer, shape, 0)) for layer in (one, other))
    return first.definitions == second.definitions


def _verdicts(layer: Own, shape: Shape, seed: int) -> tuple[Verdict, ...]:
    """On Σ weights·y in x and every parameter: the user's own backward pass, else the engine's."""
    point, weights = _point(layer, shape, seed), _weights(layer, shape, seed)
    shapes = {key: array.shape for key, array in point.items()}
    try:
        partials = differentiate(_called(layer, lambda: system_of_layer(layer, point, weights)))
        exact = from_labels(evaluate(partials).gradient, shapes)
    except TooLarge:
        exact = None
    yours = _engines(layer, point, weights) if layer.recipe.backward is None else _users(layer, point, weights)
    return verify(lambda at: float(np.sum(weights * _run(layer, at))), yours, point, exact)


def _engines(layer: Own, point: Arrays, weights: Floats) -> Arrays:
    function = computed_by(type(layer))

    def pulled() -> Arrays:
        return dict(vjp(lambda **at: function(layer, at["x"], _params(at)), point)[1](weights))

    return _called(layer, pulled)


def _users(layer: Own, point: Arrays, weights: Floats) -> Arrays:
    """What the user's backward pass gives; raises UsageError where it changes what it is given."""
    copies = {key: np.array(array) for key, array in {"dy": weights, **point}.items()}
    what = "the backward pass"
    bars = _called(layer, lambda: pulled_back(layer, copies["dy"], copies["x"], _params(point)), what)
    for key, array in {"dy": weights, "x": point["x"]}.items():
        if not np.array_equal(array, copies[key]):
            raise UsageError(f"{what} of {layer.recipe.name!r} changes {key} in place: work on a copy")
    return dict(zip(point, bars, strict=True))


def _wrong(layer: Own, verdict: Verdict, point: Arrays, weights: Floats) -> str:
    name = layer.recipe.name
    if verdict.remark:
        return f"the backward pass of {name!r}: {verdict.remark}"
    entry = verdict.entry(verdict.worst_index or ())
    true = f"the true one {entry.exact!r}, " if entry.exact is not None else ""
    whose = "yours is" if layer.recipe.backward else "the engine's is"
    return (
        f"the gradient of {name!r} by {entry.label}: {whose} {entry.yours!r}, {true}by differences {entry.numeric!r}, "
        f"for dy = {weights.tolist()} at {_told(point)}: mend backward, or leave it out and it is derived"
    )


def _run(layer: Own, arrays: Mapping[str, Any]) -> Floats:
    with np.errstate(all="ignore"):
        return np.asarray(_called(layer, lambda: layer.computed(arrays["x"], _params(arrays))), dtype=np.float64)


def _params(arrays: Mapping[str, Any]) -> dict[str, Any]:
    return {key: array for key, array in arrays.items() if key != "x"}


def _point(layer: Own, shape: Shape, seed: int) -> Arrays:
    """x and the parameters by name: numbers in (-2, 2) without 0, all different within an array."""
    shapes = {"x": (SAMPLES, *shape), **layer.parameters(shape)}
    return {key: numbers_at(seed, f"own {key}", 1, prod(one)).reshape(one) for key, one in shapes.items()}


def _weights(layer: Own, shape: Shape, seed: int) -> Floats:
    """What the outputs are multiplied by, so that one number is differentiated."""
    leaving = (SAMPLES, *layer.leaving(shape))
    return numbers_at(seed, "own dy", 1, prod(leaving)).reshape(leaving)


def _told(point: Arrays) -> str:
    return ", ".join(f"{key} = {array.tolist()}" for key, array in point.items())


def _called(layer: Own, function: Callable[[], T], what: str = "the formula") -> T:
    """The value; raises UsageError where the user's code raises."""
    try:
        return function()
    except GradcheckError:
        raise
    except Exception as error:
        raise UsageError(f"{what} of {layer.recipe.name!r} raises {type(error).__name__}: {error}") from error
