"""What a turn of a training changes, put back before every call, with the parameters in their places."""

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from gradcheck.subject.leaves import Path, put

Kept = Callable[[Mapping[str, Any]], tuple[Any, ...]]


def keeping(names: Mapping[str, Any], kept: Sequence[str], places: Mapping[str, Sequence[Path]]) -> Kept:
    """A function of parameters that gives fresh copies of the variables `kept`, the parameters put in their places.

    names: the variables of a module as they stand now; places: where each parameter is kept, all places of one array.
    """
    then = copied({name: names[name] for name in kept})

    def state(parameters: Mapping[str, Any]) -> tuple[Any, ...]:
        now = copied(then)
        for name, paths in places.items():
            value = parameters[name]
            fresh = value.copy() if isinstance(value, np.ndarray) else value
            for path in paths:
                put(now, tuple(path), fresh)
        return tuple(now[name] for name in kept)

    return state


def copied(names: Mapping[str, Any]) -> dict[str, Any]:
    """Copies that share among themselves what the originals share; what cannot be copied stays as it is."""
    try:
        return copy.deepcopy(dict(names))
    except Exception:  # an open file, a generator: whatever user code keeps
        memo: dict[int, Any] = {}
        return {name: _copy(value, memo) for name, value in names.items()}


def _copy(value: Any, memo: dict[int, Any]) -> Any:
    try:
        return copy.deepcopy(value, memo)
    except Exception:
        return value
