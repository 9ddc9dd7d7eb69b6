"""What a loss reads beside its parameters: arguments passed along, and the globals that it and its helpers use."""

from collections.abc import Iterator
from types import FunctionType
from typing import Any

import numpy as np

from gradcheck.results.arrays import Floats
from gradcheck.subject.cases import Case

# The place of an axis in words.
AXES = ("the length of {}", "the number of columns of {}")


def data_of(case: Case) -> dict[str, Floats]:
    """The numbers and arrays of numbers that the loss reads beside its parameters, by name."""
    named: dict[str, Any] = {f"argument {place}": value for place, value in enumerate(case.functions.args)}
    named |= case.functions.kwargs or {}
    named |= dict(_globals_of(getattr(case.functions.loss, "__func__", case.functions.loss), set()))
    arrays = ((name, _as_numbers(value)) for name, value in named.items())
    return {name: array for name, array in arrays if array is not None}


def sizes_of(case: Case) -> dict[int, str]:
    """Size -> words ("the length of X"), of the data and then of the parameters: a factor that tells sum from mean."""
    sizes: dict[int, str] = {}
    for name, array in [*data_of(case).items(), *case.at.arrays.items()]:
        for axis, side in enumerate(array.shape[:2]):
            sizes.setdefault(side, AXES[axis].format(name))
        if array.ndim > 1:
            sizes.setdefault(array.size, f"the number of entries of {name}")
    return {size: words for size, words in sizes.items() if size > 1}


def _globals_of(function: Any, seen: set[int]) -> Iterator[tuple[str, Any]]:
    """Name and value of every global that the code of a function names, and the functions among them in turn."""
    if not isinstance(function, FunctionType) or id(function) in seen:
        return
    seen.add(id(function))
    for name in function.__code__.co_names:
        if name in function.__globals__:
            value = function.__globals__[name]
            yield name, value
            if getattr(value, "__module__", None) == function.__module__:
                yield from _globals_of(value, seen)


def _as_numbers(value: Any) -> Floats | None:
    """The value as float64, None where it is no number and no array or list of numbers."""
    if not isinstance(value, int | float | list | tuple | np.ndarray) or isinstance(value, bool):
        return None
    try:
        array = np.asarray(value)
    except ValueError:
        return None
    return array.astype(np.float64) if array.dtype.kind in "fiu" else None
