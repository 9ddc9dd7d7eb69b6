"""The true gradient at a point with its error bars, and which numbers of a gradient it refutes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradcheck.diagnosis.roundings import vanishing
from gradcheck.diagnosis.values import largest
from gradcheck.judgement.readings import read
from gradcheck.precision import unit_roundoff
from gradcheck.results.arrays import Floats

Arrays = dict[str, Floats]
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


def _one_after_another(arrays: Iterable[Floats]) -> Floats:
    return np.concatenate([np.empty(0), *(np.ravel(array) for array in arrays)])


def _allowed(values: Floats, bars: Floats, roundoff: float) -> Floats:
    """How far a gradient may be from its true numbers: their bars, its own roundings, what cancels beside them."""
    own = ROUNDINGS * roundoff * np.abs(values)
    return np.asarray(bars + own + max(CANCELLED, 8 * roundoff) * largest(values))
