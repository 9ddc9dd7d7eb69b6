"""The values of f around a point, one number of its parameters moved at a time."""

from collections.abc import Callable, Mapping

import numpy as np

from gradcheck.errors import GradcheckError
from gradcheck.results.arrays import Floats

Arrays = Mapping[str, Floats]
Function = Callable[[dict[str, Floats]], float]


def value_at(f: Function, arrays: Arrays) -> float:
    """f on fresh copies; NaN where its domain ends, that is where it raises an ArithmeticError or a ValueError."""
    return _call(f, {name: array.copy() for name, array in arrays.items()})


def values_around(f: Function, arrays: Arrays, name: str, flat: int, steps: Floats) -> tuple[Floats, Floats]:
    """(f(x + h), f(x - h)) for every step of one entry, each (levels,); NaN where the step is NaN.

    flat: the entry's row-major number in its array.
    """
    x = float(arrays[name].flat[flat])
    plus, minus = np.full(steps.shape, np.nan), np.full(steps.shape, np.nan)
    for level in np.flatnonzero(np.isfinite(steps)):
        plus[level] = _call(f, _moved(arrays, name, flat, x + steps[level]))
        minus[level] = _call(f, _moved(arrays, name, flat, x - steps[level]))
    return plus, minus


def _moved(arrays: Arrays, name: str, flat: int, x: float) -> dict[str, Floats]:
    copies = {key: array.copy() for key, array in arrays.items()}
    copies[name].flat[flat] = x
    return copies


def _call(f: Function, copies: dict[str, Floats]) -> float:
    try:
        value = f(copies)
    except GradcheckError:
        raise
    except (ArithmeticError, ValueError):
        return float("nan")
    return float(value) if isinstance(value, float) else float(np.asarray(value, dtype=np.float64).item())
