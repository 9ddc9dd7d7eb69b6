"""Casts of traced numbers: to float64 they pass, whatever else rounds them."""

from collections.abc import Callable
from typing import Any

import numpy as np

from gradcheck.program.scalars import Traced, is_traced, lift
from gradcheck.program.tape import Tape


def cast(tape: Tape) -> Callable[..., Any]:
    """float(x), np.float64(x) and x.astype(float), which let traced numbers through; other casts are refused."""

    def apply(function: Any, *args: Any, **kwargs: Any) -> Any:
        method = getattr(function, "__name__", "") == "astype"
        subject: Any = function.__self__ if method else (args[0] if args else None)
        if not is_traced(subject) or not _varies(tape, subject):
            return function(*args, **kwargs)
        wanted = (args[0] if args else kwargs.get("dtype")) if method else function
        if wanted is object or np.dtype(wanted) != np.float64:
            raise tape.refuse(f"a number that depends on a parameter becomes {np.dtype(wanted).name}, which rounds it")
        return subject.copy() if method else lift(tape, subject)

    return apply


def _varies(tape: Tape, value: Any) -> bool:
    if isinstance(value, (list, tuple, np.ndarray)):
        return any(_varies(tape, part) for part in (value.flat if isinstance(value, np.ndarray) else value))
    return isinstance(value, Traced) and tape.varies[value.node]
