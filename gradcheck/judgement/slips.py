"""Every known slip, as the gradient that it would give: doubled, transposed, summed, a neighbour's."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from gradcheck.results.arrays import Floats

# Ratios that a slip produces; more would make coincidences look like findings.
RATIOS = {
    -1.0: "minus the true value",
    2.0: "twice the true value",
    0.5: "half the true value",
    -2.0: "minus twice the true value",
    -0.5: "minus half the true value",
    3.0: "three times the true value",
    4.0: "four times the true value",
    1 / 3: "a third of the true value",
    0.25: "a quarter of the true value",
}


@dataclass(frozen=True, slots=True)
class Setting:
    """What a pattern may speak of beside the two gradients.

    at: the parameter's own value. others: the true gradients of the other parameters by name. sizes: numbers that the
    data's shapes give, with their words (10 -> "the length of X").
    """

    at: Floats | None = None
    others: Mapping[str, Floats] = field(default_factory=dict)
    sizes: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Alternative:
    """A gradient that a known slip would give, how far the truth's error bar reaches in it, and its words.

    fitted: how many numbers were taken from the data to make it.
    """

    words: str
    values: Floats
    bar: Floats
    fitted: int = 0


def alternatives_to(
    yours: Floats, truth: Floats, bar: Floats, wrong: NDArray[np.bool_], setting: Setting
) -> Iterator[Alternative]:
    """Every known slip, the plainest first."""
    yield from _zeros(truth, bar, wrong)
    for ratio, words in RATIOS.items():
        yield _times(ratio, words, truth, bar, wrong)
    for size, words in setting.sizes.items():
        yield _times(size, f"{size} times the true value ({size} is {words}): a sum for a mean", truth, bar, wrong)
        yield _times(1 / size, f"1/{size} of the true value ({size} is {words}): a mean for a sum", truth, bar, wrong)
    yield from _cut_off(yours, truth, bar, wrong)
    yield from _rearranged(truth, bar)
    yield from _summed(truth, bar)
    if setting.at is not None and setting.at.shape == truth.shape:
        yield from _of_other_scale(setting.at, truth, bar)
        yield from _with_penalty(setting.at, yours, truth, bar)
    yield from _shifted(yours, truth, bar)
    yield from _scaled(yours, truth, bar, wrong)
    for name, other in setting.others.items():
        if other.shape == truth.shape:
            yield Alternative(f"the true gradient of {name}", other, bar)


def _times(ratio: float, words: str, truth: Floats, bar: Floats, wrong: NDArray[np.bool_]) -> Alternative:
    """The truth with its wrong entries scaled."""
    return Alternative(words, np.where(wrong, ratio * truth, truth), max(1.0, abs(ratio)) * bar)


def _cut_off(yours: Floats, truth: Floats, bar: Floats, wrong: NDArray[np.bool_]) -> Iterator[Alternative]:
    """The truth between two bounds of one size: a step may be clipped, a gradient is then none."""
    bounds = np.unique(np.abs(yours[wrong]))
    if bounds.size == 1 and bounds[0]:
        bound = float(bounds[0])
        words = f"the true value cut off at ±{bound:g}: clip a copy, when the step is taken"
        yield Alternative(words, np.clip(truth, -bound, bound), bar, fitted=1)


def _zeros(truth: Floats, bar: Floats, wrong: NDArray[np.bool_]) -> Iterator[Alternative]:
    """The truth with its wrong entries left out; a matrix' whole rows or columns by their numbers."""
    for axis, word in enumerate(("row", "column") if truth.ndim == 2 else ()):
        lines = np.flatnonzero(wrong.any(axis=1 - axis))
        whole = np.zeros(truth.shape, dtype=bool)
        whole[(slice(None),) * axis + (lines,)] = True
        if 0 < len(lines) <= truth.shape[axis] // 2 and (wrong | (np.abs(truth) <= bar))[whole].all():
            yield Alternative(f"zero in {word}{_numbered(lines)}", np.where(whole, 0.0, truth), bar)
    yield Alternative("zero", np.where(wrong, 0.0, truth), bar)


def _numbered(lines: NDArray[np.intp]) -> str:
    """` 2`, `s 0, 3 and 1 more`: lines of a matrix by number."""
    told = ", ".join(str(int(line)) for line in lines[:3])
    more = f" and {len(lines) - 3} more" if len(lines) > 3 else ""
    return f"s {told}{more}" if len(lines) > 1 else f" {told}"


def _rearranged(truth: Floats, bar: Floats) -> Iterator[Alternative]:
    """The right numbers in the wrong places."""
    if truth.ndim == 2 and truth.shape[0] == truth.shape[1]:
        yield Alternative("the transpose of the true gradient", truth.T, np.maximum(bar, bar.T))
    for axis in range(truth.ndim):
        flipped = np.flip(truth, axis)
        where = f" along axis {axis}" if truth.ndim > 1 else ""
        yield Alternative(f"the true gradient in reverse order{where}", flipped, np.maximum(bar, np.flip(bar, axis)))
        for step, word in ((1, "late"), (-1, "early")):
            rolled = np.roll(truth, step, axis)
            reach = np.maximum(bar, np.roll(bar, step, axis))
            yield Alternative(f"the true gradient one place too {word}{where}", rolled, reach)
    if truth.ndim >= 2:
        turned = np.flip(truth, (-2, -1))
        yield Alternative("the true gradient turned by 180°", turned, np.maximum(bar, np.flip(bar, (-2, -1))))


def _summed(truth: Floats, bar: Floats) -> Iterator[Alternative]:
    """Sums and means of the truth, repeated in every entry over which they were taken."""
    axes: list[int | None] = [None, *(range(truth.ndim) if truth.ndim > 1 else ())]
    for axis in axes:
        along = "all its entries" if axis is None else f"its entries along axis {axis}"
        count = truth.size if axis is None else truth.shape[axis]
        total = np.broadcast_to(truth.sum(axis=axis, keepdims=True), truth.shape)
        reach = np.broadcast_to(bar.sum(axis=axis, keepdims=True), truth.shape)
        yield Alternative(f"the sum of the true gradient over {along}: a sum too many", total, reach)
        yield Alternative(f"the mean of the true gradient over {along}: a mean too many", total / count, reach / count)


def _of_other_scale(at: Floats, truth: Floats, bar: Floats) -> Iterator[Alternative]:
    """The gradient with respect to another scale of the same parameter."""
    for words, slope in (
        ("the true value times the parameter: a gradient with respect to its logarithm", at),
        ("the true value over exp(parameter): a gradient with respect to its exponential", np.exp(-at)),
    ):
        yield Alternative(words, truth * slope, bar * np.abs(slope))


def _with_penalty(at: Floats, yours: Floats, truth: Floats, bar: Floats) -> Iterator[Alternative]:
    """The truth and a multiple of the parameter or of its signs: a penalty left out, doubled, or not there."""
    for words, shape in (("parameter", at), ("sign of the parameter", np.sign(at))):
        if (shape != shape.flat[0]).any():
            factor = _fitted(yours - truth, shape)
            relation = f"the true value {'+' if factor > 0 else '−'} {abs(factor):g} · {words}"
            yield Alternative(f"{relation}: look at the penalty", truth + factor * shape, bar + bar.max(), fitted=1)


def _shifted(yours: Floats, truth: Floats, bar: Floats) -> Iterator[Alternative]:
    """The truth and one number."""
    shift = _fitted(yours - truth, np.ones(truth.shape))
    words = f"the true value {'+' if shift > 0 else '−'} {abs(shift):g} in every entry"
    yield Alternative(words, truth + shift, bar + bar.max(initial=0.0), fitted=1)


def _scaled(yours: Floats, truth: Floats, bar: Floats, wrong: NDArray[np.bool_]) -> Iterator[Alternative]:
    """The truth and one factor."""
    ratio = _fitted(np.where(wrong, yours, 0.0), np.where(wrong, truth, 0.0))
    yield replace(_times(ratio, f"{ratio:g} times the true value", truth, bar, wrong), fitted=1)


def _fitted(difference: Floats, shape: Floats) -> float:
    """The factor that the entry with the largest shape gives, as a number that someone would type: four digits."""
    at = np.unravel_index(int(np.abs(shape).argmax()), shape.shape)
    return float(f"{difference[at] / shape[at]:.4g}")
