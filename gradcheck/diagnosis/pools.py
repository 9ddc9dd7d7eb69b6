"""What a right-hand side could have been made of: every value that the file's own expressions have at that moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import isfinite
from types import CodeType
from typing import Any

import numpy as np

from gradcheck.diagnosis.benches import Moment
from gradcheck.results.arrays import Floats


@dataclass(frozen=True, eq=False)
class Named:
    """An expression of the file and its value at every moment; cost: 0 for a name, more for what is longer or far."""

    text: str
    values: tuple[Any, ...]
    cost: float


def pool_at(moments: Sequence[Moment], texts: Mapping[str, float]) -> list[Named]:
    """Those of the expressions that have a number or an array as value at every moment; cheapest first.

    Of lists, tuples and texts that have a name the lengths.
    """
    found = []
    for text, cost in sorted(texts.items(), key=lambda one: (one[1], len(one[0]))):
        values = values_at(moments, text)
        if values is not None:
            found.append(Named(text, values, cost))
        elif text.isidentifier() and all(isinstance(_held(moment, text), list | tuple | str) for moment in moments):
            lengths = values_at(moments, f"len({text})")
            found += [] if lengths is None else [Named(f"len({text})", lengths, cost)]
    return found


def _held(moment: Moment, name: str) -> Any:
    return moment.names.get(name, moment.scope.get(name))


def values_at(moments: Sequence[Moment], text: str) -> tuple[Any, ...] | None:
    """The value of an expression at every moment; None where one is no number, not finite, or cannot be had."""
    code = _compiled(text)
    if code is None:
        return None
    values = []
    with np.errstate(all="ignore"):
        for moment in moments:
            try:
                value = eval(code, moment.whole)
            except Exception:
                return None
            if not is_number(value):
                return None
            values.append(value)
    return tuple(values)


@lru_cache(maxsize=2**12)  # the expressions of a file are looked at from every place
def _compiled(text: str) -> CodeType | None:
    try:
        return compile(text, "<pool>", "eval")
    except (SyntaxError, ValueError):
        return None


def evaluate(moment: Moment, code: CodeType) -> Any:
    """The value at a moment, where names inside comprehensions are known, too."""
    with np.errstate(all="ignore"):
        return eval(code, moment.whole)


def is_number(value: Any) -> bool:
    """True for finite real numbers, alone or as an array."""
    if type(value) is float or type(value) is np.float64:
        return isfinite(value)
    if not isinstance(value, bool | int | float | np.ndarray | np.generic):
        return False
    array = np.asarray(value)
    return array.dtype.kind in "fiub" and 0 < array.size < 100_000 and bool(np.isfinite(array).all())


def fingerprint(values: Sequence[Any]) -> tuple[Any, ...]:
    """Equal for values that are equal but for rounding, shapes included; plain numbers have to be equal."""
    if all(type(value) is float or type(value) is np.float64 for value in values):
        return (), (np.array(values, dtype=float) + 0.0).tobytes()
    arrays = [np.asarray(value, dtype=float) for value in values]
    if len({array.shape for array in arrays}) == 1:
        return arrays[0].shape, rounded(np.stack(arrays)).tobytes()
    return tuple((array.shape, rounded(array[None]).tobytes()) for array in arrays)


def rounded(arrays: Floats) -> Floats:
    """Each of the arrays in a stack to ten digits of its largest entry."""
    flat = arrays.reshape(len(arrays), -1)
    scale = np.abs(flat).max(axis=1, initial=0.0)[:, None]
    scale[scale == 0] = 1.0
    return np.asarray(np.round(flat / scale, 10) * scale + 0.0)
