"""What a site's value consists of: its numbers as one vector, and back."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from gradcheck.results.arrays import Floats

NUMBERS = (int, float, np.integer, np.floating)


def numbers_in(value: Any) -> list[Floats]:
    """The real arrays and numbers of a value, as copies in float64, in order; none where it holds no such.

    Tuples, lists and dicts are looked into; a whole number may be meant as a real one (`d[i] -= 1`). Arrays of whole
    numbers, booleans and all other objects are left alone.
    """
    return [np.array(leaf, dtype=np.float64) for leaf in _leaves(value)]


def with_numbers(value: Any, numbers: list[Floats]) -> Any:
    """The value with these arrays in the place of its real numbers, each of its own or a wider shape.

    What is no other than before stays the object it was: an index stays a whole number.
    """
    return _rebuilt(value, iter(numbers))


def largest(values: Floats) -> float:
    """The largest magnitude of an array; 0 where it is empty."""
    return float(np.nanmax(np.abs(values), initial=0.0))


def is_array(value: Any) -> bool:
    """Is it an array of real numbers?"""
    return isinstance(value, np.ndarray) and value.dtype.kind == "f"


def is_number(value: Any) -> bool:
    """Is it a number, and no truth value?"""
    return isinstance(value, NUMBERS) and not isinstance(value, bool)


def is_mask(value: Any) -> bool:
    """Is it true or false, or an array of such?"""
    return isinstance(value, bool | np.bool_) or (isinstance(value, np.ndarray) and value.dtype == bool)


def _leaves(value: Any) -> Iterator[Any]:
    if is_array(value) or is_number(value):
        yield value
    elif type(value) in (list, tuple):
        for one in value:
            yield from _leaves(one)
    elif type(value) is dict:
        for one in value.values():
            yield from _leaves(one)


def _rebuilt(value: Any, numbers: Iterator[Floats]) -> Any:
    if is_array(value) or is_number(value):
        new = next(numbers)
        if not is_array(value) and new.ndim == 0 and new == value:
            return value
        return float(new) if type(value) is float and new.ndim == 0 else new[()] if new.ndim == 0 else new.copy()
    if type(value) in (list, tuple):
        return type(value)([_rebuilt(one, numbers) for one in value])
    return {key: _rebuilt(one, numbers) for key, one in value.items()} if type(value) is dict else value
