"""How the true gradient at a point is found: in reverse mode where a loss is traced or swept, else by differences."""

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from math import inf

import numpy as np
from numpy.typing import NDArray

from gradcheck.backprop.batches import gradients_at
from gradcheck.diagnosis.roundings import lost_digits
from gradcheck.diagnosis.truths import ROUNDINGS, Arrays, Truth
from gradcheck.diagnosis.values import largest
from gradcheck.errors import TooLarge
from gradcheck.evidence.opinions import trace_loss
from gradcheck.evidence.same_losses import is_same
from gradcheck.evidence.sweeps import swept
from gradcheck.evidence.swept_gradients import swept_gradient
from gradcheck.labels import by_label, from_labels
from gradcheck.numeric.agreement import glance
from gradcheck.numeric.estimation import estimate
from gradcheck.program.programs import Program
from gradcheck.results.arrays import Floats
from gradcheck.subject.cases import Case, loss_at

# Of so many numbers each is estimated; of more, a few of every parameter and those that are known to be wrong.
EVERY, FEW = 1000, 32
# What an entry takes of calls of the loss, at a glance.
GLANCE = 7
# A traced gradient is good to the roundings of its sums.
TRACED = 2.0**-36


def truths_at(
    case: Case,
    points: Sequence[Mapping[str, Floats]],
    wrong: Mapping[str, NDArray[np.bool_]] | None = None,
    program: Program | None = None,
    seconds: float = inf,
    known: Truth | None = None,
) -> list[Truth]:
    """The true gradient at each of some points: by reverse mode where it can be traced or swept, else by differences.

    wrong: masks of the entries that matter most, where there are too many for all. program: the loss as it was traced
    at one of the points, if it was; where its branches are not those of another point, it is traced there again.
    seconds: of CPU for the differences; points that it is not enough for are left out, but for the first one, of which
    fewer entries are estimated then. known: the truth at the first point by differences, if it is at hand. Raises
    TooLarge where not even those can be.
    """
    start = time.process_time()
    losses = [loss_at(case, point) for point in points]
    each = (time.process_time() - start) / max(1, len(points))
    size = sum(array.size for array in case.at.arrays.values())
    found = {} if program is None or size > EVERY else _traced(program, points, losses)
    traceable, is_sweepable = size <= EVERY, True
    for place, point in enumerate(points):
        if traceable and place not in found:
            traced = trace_loss(case, point)
            traceable = traced is not None
            found = (_traced(traced, points, losses) if traced is not None else {}) | found
        if place not in found and is_sweepable:
            gradient = swept_gradient(case, point, losses[place])
            is_sweepable = gradient is not None
            if gradient is not None:
                found[place] = _exact(point, losses[place], gradient, partial(_swept_near, case))
        if place == 0 and place not in found and known is not None and known.loss == losses[0]:
            found[place] = known
        if place not in found and (place == 0 or _has_time(len(point), size, each, seconds, start)):
            few = FEW if _has_time(len(point), size, each, seconds, start) else _affordable(len(point), seconds, each)
            masks = _chosen(point, wrong or {}, few) if few < FEW or size > EVERY else None
            found[place] = _by_differences(case, point, losses[place], masks)
    return [found[place] for place in sorted(found)]


def truth_at(case: Case, point: Mapping[str, Floats], wrong: Mapping[str, NDArray[np.bool_]] | None = None) -> Truth:
    """The same at one point."""
    return truths_at(case, [point], wrong)[0]


def _traced(program: Program, points: Sequence[Mapping[str, Floats]], losses: Sequence[float]) -> dict[int, Truth]:
    """By place among the points, the truths where a traced loss takes the branches that the file's own takes."""
    labelled = [by_label(point) for point in points]
    columns = {label: np.array([one[label] for one in labelled]) for label in program.inputs}
    traced, rows = gradients_at(program, columns)
    found = {}
    for place, point in enumerate(points):
        if is_same(float(traced[place]), losses[place]):
            shapes = {name: np.shape(array) for name, array in point.items()}
            values = from_labels({label: row[place] for label, row in rows.items()}, shapes)
            found[place] = _exact(point, losses[place], values, partial(_traced_near, program))
    return found


def _exact(
    point: Mapping[str, Floats], loss: float, values: Arrays, again: Callable[[Mapping[str, Floats]], Arrays | None]
) -> Truth:
    """A truth by reverse mode, good to the roundings of its sums; again: the same at a point beside it."""
    bars = {name: np.full(array.shape, TRACED * largest(array)) for name, array in values.items()}
    for name, lost in lost_digits(point, values, again).items():
        bars[name] = np.full(values[name].shape, ROUNDINGS * lost)
    return Truth(point, loss, values, bars)


def _traced_near(program: Program, point: Mapping[str, Floats]) -> Arrays:
    """The gradient of a traced loss at a point."""
    columns = {label: np.array([number]) for label, number in by_label(point).items()}
    numbers = {label: row[0] for label, row in gradients_at(program, columns)[1].items()}
    return from_labels(numbers, {name: np.shape(array) for name, array in point.items()})


def _swept_near(case: Case, point: Mapping[str, Floats]) -> Arrays | None:
    """The gradient of a loss that can be swept at a point."""
    found = swept(case, point)
    return None if found is None else dict(found.gradient)


def _by_differences(
    case: Case, point: Mapping[str, Floats], loss: float, masks: dict[str, NDArray[np.bool_]] | None
) -> Truth:
    """At a glance where f is smooth, from the full ladder elsewhere; masks: of the entries that are estimated."""
    arrays = {name: np.array(array, dtype=np.float64) for name, array in point.items()}
    places = {n: np.flatnonzero(np.ones(a.shape) if masks is None else masks[n]) for n, a in arrays.items()}
    chosen = {name: array.ravel()[places[name]] for name, array in arrays.items()}

    def f(numbers: Mapping[str, Floats]) -> float:
        moved = {name: array.copy() for name, array in arrays.items()}
        for name, entries in numbers.items():
            moved[name].reshape(-1)[places[name]] = entries
        return loss_at(case, moved)

    seen = glance(f, chosen, list(chosen), loss)
    values, bars = ({name: getattr(one, field).copy() for name, one in seen.items()} for field in ("value", "bar"))
    rough = {name: ~one.smooth for name, one in seen.items() if not one.smooth.all()}
    for name, one in (estimate(f, chosen, list(rough), only=rough) if rough else {}).items():
        values[name][rough[name]], bars[name][rough[name]] = one.value[rough[name]], one.bar[rough[name]]
    return Truth(point, loss, _spread(values, places, arrays), _spread(bars, places, arrays))


def _spread(entries: Arrays, places: Mapping[str, NDArray[np.intp]], shapes: Arrays) -> Arrays:
    """Entries in their places, and what was not estimated as NaN."""
    full = {name: np.full(array.shape, np.nan) for name, array in shapes.items()}
    for name, array in full.items():
        array.reshape(-1)[places[name]] = entries[name]
    return full


def _has_time(parameters: int, size: int, each: float, seconds: float, start: float) -> bool:
    """Is there time for all entries at one more point, a loss taking `each`?"""
    calls = GLANCE * min(size, EVERY if size <= EVERY else 2 * FEW * parameters)
    return time.process_time() - start + calls * each <= seconds


def _affordable(parameters: int, seconds: float, each: float) -> int:
    """How many entries of every parameter can be estimated in time."""
    few = min(FEW, int(seconds / (2 * parameters * GLANCE * each)))
    if few < 1:
        raise TooLarge(f"the loss takes {each:.2g} s, and has to be called some hundred times: give more --timeout")
    return few


def _chosen(
    point: Mapping[str, Floats], wrong: Mapping[str, NDArray[np.bool_]], few: int
) -> dict[str, NDArray[np.bool_]]:
    """A few entries of every array, evenly spread, and a few of the wrong ones."""
    masks = {}
    for name, array in point.items():
        mask = np.zeros(array.size, dtype=bool)
        mask[:: max(1, array.size // few)] = True
        places = np.flatnonzero(wrong.get(name, False))
        mask[places[:: max(1, places.size // few)]] = True
        masks[name] = mask.reshape(array.shape)
    return masks
