"""A gradient as one vector of numbers beside the truth."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradcheck.diagnosis.truths import Truth
from gradcheck.judgement.readings import read
from gradcheck.results.arrays import Floats

# What may be left of a discrepancy, relative to it: differences and least squares are good to more than that.
LEFT = 1e-4
# Small entries of an array come from sums as large as its large ones: they are weighed as if they were so large.
SMALLEST = 1e-3
# Picks every entry of an array.
ALL = ...
# No gradient is better than a few hundred roundings.
ROUNDING = 1e-11


@dataclass(frozen=True, eq=False)
class Outputs:
    """The numbers of a gradient that are known to be true or false, in one order.

    truth: at which point. names: the parameters that are compared (the others have a wrong shape or no numbers).
    true, bars: of each number. weights: 1 / size of each. yours: what the user's code gives. allowed: how much of each
    may stay wrong, weighted, before it counts as wrong.
    """

    truth: Truth
    names: tuple[str, ...]
    masks: Mapping[str, Any]
    true: Floats
    bars: Floats
    weights: Floats
    yours: Floats
    allowed: Floats

    @property
    def residual(self) -> Floats:
        """Truth minus yours."""
        return self.true - self.yours

    def row(self, gradient: Mapping[str, Any]) -> Floats | None:
        """Another gradient's numbers in the same order; None where its arrays are none or of another shape."""
        return _row(self.names, self.masks, self.truth, gradient)

    def are_right(self, row: Floats) -> bool:
        """Are all of them right, as far as what was wrong and the truth's own bars allow to say?"""
        with np.errstate(all="ignore"):
            return bool((self.weights * np.abs(self.true - row) <= self.allowed).all())

    @property
    def wrong(self) -> Any:
        """Mask of the numbers that are wrong."""
        with np.errstate(all="ignore"):
            return ~(self.weights * np.abs(self.residual) <= self.allowed)


def outputs_of(truth: Truth, gradient: Mapping[str, Any]) -> Outputs:
    """A user's gradient beside the truth at the same point."""
    names = tuple(name for name, values in truth.values.items() if read(name, gradient, values.shape).reason is None)
    masks = {name: _mask(np.isfinite(truth.values[name])) for name in names}
    yours = _row(names, masks, truth, gradient)
    true, bars, sizes = (_joined([one[name][masks[name]] for name in names]) for one in _parts(truth, names))
    mine = np.zeros(0) if yours is None else yours
    with np.errstate(all="ignore"):
        floor = np.nanmax(np.abs(np.where(np.isfinite(mine), mine, 0.0)), initial=0.0) or 1.0
        weights = 1 / np.where(sizes > 0, sizes, floor)
        off = weights * np.abs(true - mine)
        worst = float(np.max(off[np.isfinite(off)], initial=0.0)) or 1.0
    return Outputs(truth, names, masks, true, bars, weights, mine, LEFT * worst + 3 * weights * bars + ROUNDING)


def _mask(known: Any) -> Any:
    """What picks the numbers that are known; thousands of rows are read, and of most arrays all are."""
    return ALL if known.all() else known


def _parts(truth: Truth, names: tuple[str, ...]) -> tuple[Mapping[str, Floats], ...]:
    """Values, bars and the size that each entry is weighed by."""
    sizes = {}
    for name in names:
        values = np.abs(truth.values[name]) * (name not in truth.vanishing)
        sizes[name] = np.maximum(values, SMALLEST * np.nanmax(values, initial=0.0))
    return truth.values, truth.bars, sizes


def _row(names: tuple[str, ...], masks: Mapping[str, Any], truth: Truth, gradient: Mapping[str, Any]) -> Floats | None:
    found = []
    for name in names:
        array = _array(name, gradient, truth.values[name].shape)
        if array is None:
            return None
        found.append(array[masks[name]])
    return _joined(found)


def _array(name: str, gradient: Mapping[str, Any], shape: tuple[int, ...]) -> Floats | None:
    """A parameter's gradient, where it has its shape and any numbers."""
    array = gradient.get(name)
    if type(array) is np.ndarray and array.dtype == np.float64 and array.shape == shape:
        return array
    reading = read(name, gradient, shape)
    return None if reading.reason is not None else np.asarray(reading.values, dtype=np.float64)


def _joined(arrays: list[Floats]) -> Floats:
    return np.concatenate([np.ravel(array) for array in arrays]) if arrays else np.zeros(0)
