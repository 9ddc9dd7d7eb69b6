"""What makes a point degenerate: values that coincide or vanish."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from itertools import combinations

import numpy as np

from gradcheck.labels import entries, label
from gradcheck.results.arrays import Floats


class Tie(Enum):
    """How the members of a coincidence hang together, and so how the part of them that matters is told."""

    EQUAL = "equal"  # any of them may matter: "w5 = w6"
    FIXED = "fixed"  # each has the same special value: "v[0], v[2] = 0"
    WHOLE = "whole"  # a property of whole arrays: "A is symmetric"


@dataclass(frozen=True, slots=True)
class Coincidence:
    """One special relation of a point, in words ("w5 = w6"), and the labels of the numbers that take part in it."""

    words: str
    labels: tuple[str, ...]
    tie: Tie = Tie.WHOLE


# More members than this are counted, not listed.
LISTED = 8
# Above so many entries an array is looked at as a whole only, and its relations to others not at all.
SMALL = 2500
# A product of rounded numbers that should be 1 or 0 is so only up to rounding.
ROUNDED = 1e-12


def find_coincidences(point: Mapping[str, Floats], data: Mapping[str, Floats] | None = None) -> tuple[Coincidence, ...]:
    """Every coincidence of a point: equal numbers, zeros, equal rows, symmetric and identity matrices, scales of 1.

    data: what the loss reads beside its parameters; a parameter that equals it coincides too ("w = x").
    """
    special = {
        name: tuple(_of_array(name, array) if array.ndim else _of_scalar(name, array)) for name, array in point.items()
    }
    small = {name: array for name, array in point.items() if 0 < array.size <= SMALL}
    plain = {name: array for name, array in small.items() if not array.ndim or not special[name]}
    return (
        *_equal_numbers(plain),
        *(one for found in special.values() for one in found),
        *_equal_arrays({name: array for name, array in small.items() if array.any() and array.size > 1}),
        *_equal_to_data(small, data or {}),
    )


def _equal_numbers(point: Mapping[str, Floats]) -> Iterator[Coincidence]:
    """Numbers that are equal, or opposite, though nothing makes their arrays special as a whole."""
    groups: dict[float, list[str]] = {}
    for name, array in point.items():
        for text, index in entries(name, array.shape):
            groups.setdefault(float(array[index]), []).append(text)
    for value, names in groups.items():
        if len(names) > 1 and value != 0:
            yield Coincidence(f"{_equation(names)} ({value:g})", tuple(names), Tie.EQUAL)
        if value > 0 and -value in groups:
            opposite = [f"-{name}" for name in groups[-value]]
            yield Coincidence(f"{_equation(names[:1] + opposite)} ({value:g})", (*names, *groups[-value]))


def _equation(names: list[str]) -> str:
    return " = ".join(names) if len(names) <= LISTED else f"{names[0]} = {names[1]} = ... ({len(names)} numbers)"


def _equal_arrays(point: Mapping[str, Floats]) -> Iterator[Coincidence]:
    """Arrays that are equal, opposite, or one another's transpose."""
    for (first, a), (second, b) in combinations(point.items(), 2):
        if a.shape == b.shape and np.array_equal(a, b):
            yield Coincidence(f"{first} = {second}", (first, second))
        elif a.shape == b.shape and np.array_equal(a, -b):
            yield Coincidence(f"{first} = -{second}", (first, second))
        elif a.ndim == b.ndim == 2 and np.array_equal(a, b.T):
            yield Coincidence(f"{first} = {second}.T", (first, second))


def _equal_to_data(point: Mapping[str, Floats], data: Mapping[str, Floats]) -> Iterator[Coincidence]:
    for name, array in point.items():
        for other, values in data.items():
            if array.any() and array.shape == values.shape and np.array_equal(array, values):
                yield Coincidence(f"{name} = {other}", (name,))


def _of_scalar(name: str, array: Floats) -> Iterator[Coincidence]:
    if float(array) in (0.0, 1.0, -1.0):
        yield Coincidence(f"{name} = {float(array):g}", (name,), Tie.FIXED)


def _of_array(name: str, array: Floats) -> Iterator[Coincidence]:
    if array.size and not array.any():
        yield Coincidence(f"{name} is all zeros", (name,))
    elif array.size > 1 and np.all(array == array.flat[0]):
        yield Coincidence(f"all entries of {name} are {array.flat[0]:g}", (name,))
    else:
        relations = [*_of_matrix(name, array), *_of_lines(name, array)] if array.ndim == 2 else []
        yield from relations
        if not relations:
            yield from _zeros(name, array)


def _zeros(name: str, array: Floats) -> Iterator[Coincidence]:
    places = np.argwhere(array == 0)
    if len(places):
        members = tuple(label(name, tuple(map(int, at))) for at in places[:SMALL])
        yield Coincidence(f"{name} has zeros", members, Tie.FIXED)


def _of_matrix(name: str, array: Floats) -> Iterator[Coincidence]:
    """The most special of what a square matrix is."""
    if not 1 < len(array) == array.shape[1]:
        return
    kinds = {
        "the identity matrix": np.array_equal(array, np.eye(len(array))),
        "diagonal": np.array_equal(array, np.diag(np.diag(array))),
        "symmetric": np.array_equal(array, array.T),
        "antisymmetric": np.array_equal(array, -array.T),
        "triangular": np.array_equal(array, np.tril(array)) or np.array_equal(array, np.triu(array)),
        "orthogonal": array.size <= SMALL and np.allclose(array @ array.T, np.eye(len(array)), rtol=0, atol=ROUNDED),
    }
    yield from (Coincidence(f"{name} is {kind}", (name,)) for kind in [k for k, holds in kinds.items() if holds][:1])


def _of_lines(name: str, array: Floats) -> Iterator[Coincidence]:
    """Equal rows or columns of a matrix."""
    if np.array_equal(array, np.eye(*array.shape)):
        return
    for rows, word in ((array, "rows"), (array.T, "columns")):
        if len(rows) > 1 and len({row.tobytes() for row in rows + 0.0}) < len(rows):  # -0.0 is 0.0
            yield Coincidence(f"{name} has equal {word}", (name,))
