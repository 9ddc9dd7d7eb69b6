"""Stand-ins for what makes arrays: traced numbers can be stored in what they make."""

from collections.abc import Callable
from typing import Any

import numpy as np

from gradcheck.program.scalars import is_traced, literal
from gradcheck.program.tape import Tape


def buffer(tape: Tape, name: str) -> Callable[..., Any]:
    """np.zeros, np.ones, np.empty or np.full."""
    real = getattr(np, name)

    def shim(shape: Any, *args: Any, **kwargs: Any) -> Any:
        return _open(tape, real(shape, *args, **kwargs))

    return shim


def like(tape: Tape, name: str) -> Callable[..., Any]:
    """np.zeros_like and its kin."""
    real = getattr(np, name)

    def shim(prototype: Any, *args: Any, **kwargs: Any) -> Any:
        if is_traced(prototype):
            prototype = np.zeros(np.shape(prototype))
        return _open(tape, real(prototype, *args, **kwargs))

    return shim


def _open(tape: Tape, made: Any) -> Any:
    """A fresh array of floats as one of traced numbers, so that traced numbers can be stored in it."""
    if made.dtype != np.float64:
        return made
    opened = np.empty(made.shape, dtype=object)
    for index in np.ndindex(*made.shape):
        opened[index] = literal(tape, float(made[index]))
    return opened


def array(name: str) -> Callable[..., Any]:
    """np.array and its kin: float64 is what traced numbers are already."""
    real = getattr(np, name)

    def shim(value: Any, dtype: Any = None, *args: Any, **kwargs: Any) -> Any:
        if dtype is not None and is_traced(value) and np.dtype(dtype) == np.float64:
            dtype = None
        return real(value, dtype, *args, **kwargs)

    return shim
