"""The true gradient at a point, with its error bar, and which numbers of a gradient it refutes."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradcheck.backprop.batches import gradients_at
from gradcheck.diagnosis.roundings import lost_digits, vanishing
from gradcheck.errors import TooLarge
from gradcheck.evidence.opinions import trace_loss
from gradcheck.evidence.same_losses import is_same
from gradcheck.evidence.sweeps import swept
from gradcheck.evidence.swept_gradients import swept_gradient
from gradcheck.judgement.readings import read
from gradcheck.labels import by_label, from_labels
from gradcheck.numeric.agreement import glance
from gradcheck.numeric.estimation import estimate
from gradcheck.precision import unit_roundoff
from gradcheck.program.programs import Program
from gradcheck.results.arrays import Floats
from gradcheck.subject.cases import Case, loss_at

Arrays = dict[str, Floats]
# Of so many numbers each is estimated; of more, a few of every parameter and those that are known to be wrong.
EVERY, FEW = 1000, 32
# What an entry takes of calls of the loss, at a glance.
GLANCE = 7
# A traced gradient is good to the roundings of its sums.
TRACED = 2.0**-36
# A gradient may be off by so many of its own roundings (products and sums of a few hundred terms), and by so much of
# the largest number beside it, from which it may have come by cancelling.
ROUNDINGS, CANCELLED = 2.0**10, 2.0**-38


@dataclass(frozen=True, eq=False)
class Truth:
    """The gradient at a point: values and error bars by name, NaN where it is not known; loss: the value there.

    is_eased: the bars are wider than what is known, so that a judge has to look at what they let pass.
    """

    point: Mapping[str, Floats]
    loss: float
    values: Arrays
    bars: Arrays
    is_eased: bool = False

    @cached_property
    def row(self) -> tuple[Floats, Floats]:
        """All numbers one after another, NaN where they are not known, and how far float64 may be from each."""
        own = unit_roundoff(np.float64)
        allowed = [_allowed(values, self.bars[name], own) for name, values in self.values.items()]
        return _one_after_another(self.values.values()), _one_after_another(allowed)

    @cached_property
    def vanishing(self) -> frozenset[str]:
        """The parameters whose gradient is zero, as far as can be told."""
        return vanishing(self.point, self.values, self.bars)


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


def refuted(truth: Truth, gradient: Mapping[str, Any]) -> dict[str, NDArray[np.bool_]]:
    """By name, which numbers of a gradient the truth refutes; all of a parameter whose array has a wrong shape."""
    found = {}
    for name, values in truth.values.items():
        reading = read(name, gradient, values.shape)
        if reading.reason is not None:
            found[name] = np.ones(values.shape, dtype=bool)
            continue
        bar = _allowed(values, truth.bars[name], unit_roundoff(reading.dtype))
        with np.errstate(invalid="ignore"):
            found[name] = np.isfinite(values) & ~(np.abs(reading.values - values) <= bar)
    return found


def is_refuted(truth: Truth, gradient: Mapping[str, Any]) -> bool:
    """Does the truth refute any number of a gradient? Asked of all candidates: plain numbers are read at once."""
    values, allowed = truth.row
    yours, start = np.empty(values.size), 0
    for name, array in truth.values.items():
        one: Any = gradient.get(name)
        is_plain = type(one) is float or (isinstance(one, np.ndarray | np.float64) and one.dtype == np.float64)
        if not is_plain or np.shape(one) != array.shape:
            return any(mask.any() for mask in refuted(truth, gradient).values())
        yours[start : start + array.size] = np.ravel(one)
        start += array.size
    with np.errstate(invalid="ignore"):
        return bool((~(np.abs(yours - values) <= allowed) & np.isfinite(values)).any())


def wrong_names(truth: Truth, gradient: Mapping[str, Any]) -> frozenset[str]:
    """The parameters of which the truth refutes anything."""
    return frozenset(name for name, mask in refuted(truth, gradient).items() if mask.any())


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
    bars = {name: TRACED * _largest(array) for name, array in values.items()}
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


def _one_after_another(arrays: Iterable[Floats]) -> Floats:
    return np.concatenate([np.empty(0), *(np.ravel(array) for array in arrays)])


def _allowed(values: Floats, bars: Floats, roundoff: float) -> Floats:
    """How far a gradient may be from its true numbers: their bars, its own roundings, what cancels beside them."""
    own = ROUNDINGS * roundoff * np.abs(values)
    return np.asarray(bars + own + max(CANCELLED, 8 * roundoff) * _largest(values))


def _largest(array: Floats) -> Any:
    """The largest magnitude of an array, in its shape."""
    return np.full(array.shape, np.nanmax(np.abs(array), initial=0.0))
