"""What makes a point degenerate: values that coincide or vanish."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from gradcheck.labels import by_label, label
from gradcheck.results.arrays import Floats


@dataclass(frozen=True, slots=True)
class Coincidence:
    """One special relation of a point, in words ("w5 = w6"), and the labels of the numbers that take part in it."""

    words: str
    labels: tuple[str, ...]


# More members than this are counted, not listed.
LISTED = 8


def find_coincidences(point: Mapping[str, Floats]) -> tuple[Coincidence, ...]:
    """Every coincidence of a point: equal numbers, zeros, equal rows, symmetric and identity matrices, scales of 1."""
    found = [*_equal_scalars(point)]
    for name, array in point.items():
        found += _of_array(name, array) if array.ndim else _of_scalar(name, float(array))
    return tuple(found)


def coincide_pairwise(found: tuple[Coincidence, ...], first: str, second: str) -> bool:
    """Do two numbers coincide at the point?"""
    return any(first in one.labels and second in one.labels for one in found)


def _equal_scalars(point: Mapping[str, Floats]) -> Iterator[Coincidence]:
    groups: dict[float, list[str]] = {}
    for name, array in point.items():
        if array.ndim == 0 and float(array) != 0:
            groups.setdefault(float(array), []).append(name)
    for value, names in groups.items():
        if len(names) > 1:
            yield Coincidence(f"{_equation(names)} ({value:g})", tuple(names))


def _equation(names: list[str]) -> str:
    return " = ".join(names) if len(names) <= LISTED else f"{names[0]} = {names[1]} = ... ({len(names)} numbers)"


def _of_scalar(name: str, value: float) -> list[Coincidence]:
    return [Coincidence(f"{name} = 0", (name,))] if value == 0 else []


def _of_array(name: str, array: Floats) -> Iterator[Coincidence]:
    labels = tuple(by_label({name: array}))
    if array.size and not array.any():
        yield Coincidence(f"{name} is all zeros", labels)
    elif array.size > 1 and np.all(array == array.flat[0]):
        yield Coincidence(f"all entries of {name} are {array.flat[0]:g}", labels)
    elif array.ndim == 2:
        yield from _of_matrix(name, array, labels)
    elif (array == 0).any():
        yield Coincidence(
            f"{name} has zeros", tuple(label(name, tuple(map(int, at))) for at in np.argwhere(array == 0))
        )


def _of_matrix(name: str, array: Floats, labels: tuple[str, ...]) -> Iterator[Coincidence]:
    if array.shape[0] == array.shape[1] and array.shape[0] > 1:
        if np.array_equal(array, np.eye(len(array))):
            yield Coincidence(f"{name} is the identity matrix", labels)
            return
        if np.array_equal(array, array.T):
            yield Coincidence(f"{name} is symmetric", labels)
    for rows, word in ((array, "rows"), (array.T, "columns")):
        if len(rows) > 1 and len(np.unique(rows, axis=0)) < len(rows):
            yield Coincidence(f"{name} has equal {word}", labels)
