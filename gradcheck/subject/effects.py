"""What a call did beside returning a value: inputs that it changed, global random states that it moved."""

import pickle
import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradcheck.errors import UsageError
from gradcheck.subject.structures import flatten

GLOBAL = ("np.random", "random")


@dataclass(frozen=True, slots=True)
class Effects:
    """changed: parameters and data with other numbers after the call. moved: global random states that moved on."""

    changed: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()


def random_states() -> tuple[bytes, bytes]:
    """The global states of NumPy's and Python's generators, as values to compare."""
    return pickle.dumps(np.random.get_state()), pickle.dumps(random.getstate())  # noqa: NPY002


def shielded(data: Any) -> Any:
    """Data that is passed along, its arrays copied, so that the user's own are never changed; other objects stay."""
    if isinstance(data, np.ndarray):
        return data.copy()
    if type(data) in (list, tuple):
        return type(data)(map(shielded, data))
    return {key: shielded(value) for key, value in data.items()} if type(data) is dict else data


def arrays_of(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, NDArray[Any]]:
    """Copies of the arrays among the data passed along, by name."""
    named = {**{f"args[{place}]": value for place, value in enumerate(args)}, **kwargs}
    return {name: value.copy() for name, value in named.items() if isinstance(value, np.ndarray)}


def remember_random_states() -> Callable[[], None]:
    """A function that puts both global generators back to how they stand now."""
    numpys, pythons = np.random.get_state(), random.getstate()  # noqa: NPY002

    def put_back() -> None:
        np.random.set_state(numpys)  # noqa: NPY002
        random.setstate(pythons)

    return put_back


@contextmanager
def kept_random_states() -> Iterator[None]:
    """After the block both global generators stand where they stood before it."""
    put_back = remember_random_states()
    try:
        yield
    finally:
        put_back()


def effects_of(
    moved_from: tuple[bytes, bytes],
    handed: Any,
    numbers: Mapping[str, NDArray[Any]],
    name: str,
    data: tuple[Mapping[str, NDArray[Any]], Mapping[str, NDArray[Any]]],
) -> Effects:
    """What a call did to the random states and to a structure that was handed out with these numbers.

    data: the arrays passed along, before and after.
    """
    moved = tuple(g for g, old, new in zip(GLOBAL, moved_from, random_states(), strict=True) if old != new)
    try:
        now = flatten(handed, name).arrays
    except (UsageError, ValueError):  # no longer numbers at all
        now = {}
    return Effects((*_changed(numbers, now), *_changed(*data)), moved)


def _changed(before: Mapping[str, NDArray[Any]], after: Mapping[str, NDArray[Any]]) -> list[str]:
    return [name for name, array in before.items() if not (name in after and _is_same(after[name], array))]


def _is_same(first: NDArray[Any], second: NDArray[Any]) -> bool:
    return np.array_equal(first, second, equal_nan=first.dtype.kind in "fc")
