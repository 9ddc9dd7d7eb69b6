"""What a user's gradient holds for one parameter: numbers in its shape, or the sentence that says what else."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradcheck.results.arrays import Floats, frozen
from gradcheck.results.outcomes import Reason
from gradcheck.subject.structures import Misfit

Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """The partials of one parameter in float64, and the type they came in; all NaN where there is a `reason`."""

    values: Floats
    dtype: np.dtype[Any]
    reason: Reason | None = None
    remark: str | None = None


def read(name: str, gradient: Mapping[str, Any], shape: Shape) -> Reading:
    """The gradient's entry for one parameter of that shape."""
    if gradient.get(name) is None:
        if 0 in shape:  # nothing can be missing
            return Reading(frozen(np.zeros(shape)), np.dtype(np.float64))
        return _unread(shape, Reason.MISSING, _missing(name, gradient))
    if isinstance(gradient[name], Misfit):
        return _unread(shape, Reason.SHAPE, gradient[name].words)
    array = _to_numbers(gradient[name])
    if array is None:
        kind = type(gradient[name]).__name__
        remark = f"the gradient of {name} ({kind}) holds no real numbers: return an array of floats"
        return _unread(shape, Reason.NOT_NUMBERS, remark)
    if array.shape == shape:
        return Reading(frozen(array), array.dtype)
    remark = f"{name} has shape {shape}, its gradient {array.shape}: {_mend(array.shape, shape)}"
    if array.size == 1 and np.prod(shape) == 1:  # one number is one number: no entry can be mistaken for another
        return Reading(array.astype(np.float64, copy=False).reshape(shape), array.dtype, remark=remark)
    return _unread(shape, Reason.SHAPE, remark)


def _to_numbers(value: Any) -> NDArray[Any] | None:
    """The value as an array of real floats (integers become float64); None where it is none."""
    try:
        array = np.asarray(value)
    except (ValueError, TypeError):
        return None
    if array.dtype.kind == "f":
        return array
    if array.dtype.kind == "c":
        return array.real if not array.imag.any() else None
    try:
        return array.astype(np.float64) if array.dtype.kind in "biuO" else None
    except (ValueError, TypeError):
        return None


def _unread(shape: Shape, reason: Reason, remark: str) -> Reading:
    return Reading(np.full(shape, np.nan), np.dtype(np.float64), reason, remark)


def _missing(name: str, gradient: Mapping[str, Any]) -> str:
    if name in gradient:
        return f"the gradient of {name} is None: return zeros if the loss does not depend on it"
    if not gradient:
        return (
            f"the gradient holds nothing by name: return a dict with an entry {name!r} and one for each other parameter"
        )
    has = ", ".join(sorted(repr(str(key)) for key in gradient))
    return f"the gradient has no entry {name!r}, only {has}: return one under that name"


def _mend(got: Shape, expected: Shape) -> str:
    """What would turn the one shape into the other."""
    if got == expected[::-1]:
        return "transpose it"
    if np.prod(got) == np.prod(expected):
        return "reshape it"
    if got[-len(expected) :] == expected or not expected:
        return "sum it over the axes that the parameter does not have"
    if got == () or expected[-len(got) :] == got:
        return "return one partial per entry; a sum was taken too many"
    return "return one partial per entry of the parameter"
