"""Points in any nesting of dicts, lists and tuples: their arrays in a row, and put back."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np


def leaves_of(structure: Any) -> list[Any]:
    """The arrays and numbers of a structure in a row."""
    leaves: list[Any] = []
    _gather(structure, leaves)
    return leaves


def _gather(structure: Any, leaves: list[Any]) -> None:
    kind = type(structure)
    if kind is np.ndarray or kind is float:
        leaves.append(structure)
    elif kind is list or kind is tuple or isinstance(structure, list | tuple):
        for part in structure:
            _gather(part, leaves)
    elif kind is dict or isinstance(structure, Mapping):
        for part in structure.values():
            _gather(part, leaves)
    else:
        leaves.append(structure)


def rebuilt(structure: Any, leaves: Iterable[Any]) -> Any:
    """The same structure with other leaves."""
    return builder(structure)(iter(leaves))


def mapped(structure: Any, function: Callable[[Any], Any]) -> Any:
    """The same structure with the function of every leaf."""
    return rebuilt(structure, [function(leaf) for leaf in leaves_of(structure)])


def builder(structure: Any) -> Callable[[Iterator[Any]], Any]:
    """What puts leaves into the structure; made once, it is fast."""
    if isinstance(structure, Mapping):
        keys, parts = list(structure), [builder(part) for part in structure.values()]
        return lambda leaves: {key: part(leaves) for key, part in zip(keys, parts, strict=True)}
    if isinstance(structure, list | tuple):
        parts = [builder(part) for part in structure]
        kind = type(structure)
        if hasattr(structure, "_fields"):
            return lambda leaves: kind(*[part(leaves) for part in parts])
        if kind is list:
            return lambda leaves: [part(leaves) for part in parts]
        return lambda leaves: kind([part(leaves) for part in parts])
    return next


def called(f: Callable[..., Any], at: Any) -> Any:
    """f at a point: a tuple are its arguments, a dict its arguments by name, anything else the only one."""
    if isinstance(at, tuple):
        return f(*at)
    return f(**at) if isinstance(at, Mapping) else f(at)
