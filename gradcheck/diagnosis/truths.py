"""The true gradient at a point, with its error bar, and which numbers of a gradient it refutes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradcheck.backprop.replay import replay
from gradcheck.evidence.opinions import is_same, trace_case
from gradcheck.judgement.readings import read
from gradcheck.labels import from_labels
from gradcheck.numeric.agreement import glance
from gradcheck.numeric.estimation import estimate
from gradcheck.precision import unit_roundoff
from gradcheck.results.arrays import Floats
from gradcheck.subject.cases import Case, loss_at

Arrays = dict[str, Floats]
# Of so many numbers each is estimated; of more, a few of every parameter and those that are known to be wrong.
EVERY, FEW = 1000, 32
# A traced gradient is good to the roundings of its sums.
TRACED = 2.0**-36
# A gradient may be off by so many of its own roundings (products and sums of a few hundred terms), and by so much of
# the largest number beside it, from which it may have come by cancelling.
ROUNDINGS, CANCELLED = 2.0**10, 2.0**-38


@dataclass(frozen=True, eq=False)
class Truth:
    """The gradient at a point: values and error bars by name, NaN where it is not known; loss: the value there."""

    point: Mapping[str, Floats]
    loss: float
    values: Arrays
    bars: Arrays


def truth_at(case: Case, point: Mapping[str, Floats], wrong: Mapping[str, NDArray[np.bool_]] | None = None) -> Truth:
    """The true gradient at a point: by reverse mode where the loss can be traced, else by differences.

    wrong: masks of the entries that matter most, where there are too many for all.
    """
    loss = loss_at(case, point)
    size = sum(array.size for array in point.values())
    traced = _traced(case, point, loss) if size <= EVERY else None
    if traced is not None:
        return Truth(point, loss, traced, {name: TRACED * _largest(array) for name, array in traced.items()})
    masks = None if size <= EVERY else {name: _chosen(array, (wrong or {}).get(name)) for name, array in point.items()}
    return Truth(point, loss, *_by_differences(case, point, loss, masks))


def refuted(truth: Truth, gradient: Mapping[str, Any]) -> dict[str, NDArray[np.bool_]]:
    """By name, which numbers of a gradient the truth refutes; all of a parameter whose array has a wrong shape."""
    found = {}
    for name, values in truth.values.items():
        reading = read(name, gradient, values.shape)
        if reading.reason is not None:
            found[name] = np.ones(values.shape, dtype=bool)
            continue
        own = ROUNDINGS * unit_roundoff(reading.dtype) * np.abs(values)
        bar = truth.bars[name] + own + max(CANCELLED, 8 * unit_roundoff(reading.dtype)) * _largest(values)
        with np.errstate(invalid="ignore"):
            found[name] = np.isfinite(values) & ~(np.abs(reading.values - values) <= bar)
    return found


def wrong_names(truth: Truth, gradient: Mapping[str, Any]) -> frozenset[str]:
    """The parameters of which the truth refutes anything."""
    return frozenset(name for name, mask in refuted(truth, gradient).items() if mask.any())


def _traced(case: Case, point: Mapping[str, Floats], loss: float) -> Arrays | None:
    program = trace_case(case, point)
    if program is None:
        return None
    replayed = replay(program)
    if not is_same(float(replayed.loss), loss):
        return None
    return from_labels(replayed.gradient, {name: np.shape(array) for name, array in point.items()})


def _by_differences(
    case: Case, point: Mapping[str, Floats], loss: float, masks: dict[str, NDArray[np.bool_]] | None
) -> tuple[Arrays, Arrays]:
    """Values and bars: at a glance where f is smooth, from the full ladder elsewhere."""
    arrays = {name: np.array(array, dtype=np.float64) for name, array in point.items()}

    def f(numbers: Mapping[str, Floats]) -> float:
        return loss_at(case, {**arrays, **numbers})

    if masks is not None:
        walked = estimate(f, arrays, only=masks)
        return {n: one.value for n, one in walked.items()}, {n: one.bar for n, one in walked.items()}
    seen = glance(f, arrays, list(arrays), loss)
    values, bars = ({name: getattr(one, field).copy() for name, one in seen.items()} for field in ("value", "bar"))
    rough = {name: ~one.smooth for name, one in seen.items() if not one.smooth.all()}
    for name, one in (estimate(f, arrays, list(rough), only=rough) if rough else {}).items():
        values[name][rough[name]], bars[name][rough[name]] = one.value[rough[name]], one.bar[rough[name]]
    return values, bars


def _chosen(array: Floats, wrong: NDArray[np.bool_] | None) -> NDArray[np.bool_]:
    """A few entries of an array, evenly spread, and a few of the wrong ones."""
    mask = np.zeros(array.size, dtype=bool)
    mask[:: max(1, array.size // FEW)] = True
    if wrong is not None and wrong.any():
        places = np.flatnonzero(wrong)
        mask[places[:: max(1, places.size // FEW)]] = True
    return mask.reshape(array.shape)


def _largest(array: Floats) -> Any:
    """The largest magnitude of an array, in its shape."""
    return np.full(array.shape, np.nanmax(np.abs(array), initial=0.0))
