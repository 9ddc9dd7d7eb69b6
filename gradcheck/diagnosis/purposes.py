"""What a site of a backward pass may be for: derivatives of the loss that have its shapes, one for each execution."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from gradcheck.diagnosis.adjoints import Adjoints
from gradcheck.diagnosis.examples import by_example
from gradcheck.diagnosis.layouts import Layout, Shapes
from gradcheck.diagnosis.truths import Truth
from gradcheck.results.arrays import Floats

# The derivatives of a role, its last execution first -> those of a backward site's executions, as many as these.
Arrangement = Callable[[Sequence[Floats], int], Sequence[Floats]]


def _same(adjoints: Sequence[Floats], _: int) -> Sequence[Floats]:
    return adjoints


def _forwards(adjoints: Sequence[Floats], count: int) -> Sequence[Floats]:
    return adjoints[::-1] if count > 1 else ()


def _carried(adjoints: Sequence[Floats], count: int) -> Sequence[Floats]:
    """What a round hands on to the next one; what the last hands on is something else."""
    return adjoints[1:] if count > 1 and len(adjoints) == count else ()


def _rows(adjoints: Sequence[Floats], count: int) -> Sequence[Floats]:
    """One array of all executions, taken from its end."""
    return list(adjoints[0][::-1]) if len(adjoints) == 1 and _length(adjoints[0]) == count > 1 else ()


def _rows_forwards(adjoints: Sequence[Floats], count: int) -> Sequence[Floats]:
    return list(adjoints[0]) if len(adjoints) == 1 and _length(adjoints[0]) == count > 1 else ()


def _joined(adjoints: Sequence[Floats], count: int) -> Sequence[Floats]:
    """All executions as one array."""
    alike = len({np.shape(one) for one in adjoints}) == 1
    return [np.stack(adjoints[::-1])] if count == 1 and len(adjoints) > 1 and alike else ()


def _turned(adjoints: Sequence[Floats], _: int) -> Sequence[Floats]:
    return [one.T for one in adjoints] if all(np.ndim(one) == 2 for one in adjoints) else ()


def _single(place: int) -> Arrangement:
    return lambda adjoints, count: adjoints[place : place + 1] if count == 1 and place < len(adjoints) > 1 else ()


ARRANGEMENTS: Mapping[str, Arrangement] = {
    "same": _same,
    "forwards": _forwards,
    "carried": _carried,
    "rows": _rows,
    "rows forwards": _rows_forwards,
    "joined": _joined,
    "turned": _turned,
    "last": _single(0),
    "last but one": _single(1),
}


# Of every example its last steps, or its first ones, backwards.
LAST, LATER = "last of each", "first of each"
# The same where a loop runs the other way.
TURNED = {"same": "forwards", "forwards": "same", "rows": "rows forwards", "rows forwards": "rows"}


@dataclass(frozen=True, slots=True)
class Purpose:
    """A role of the loss by its place among all, and how its derivatives are arranged.

    end: the parameter by which the last is, of what is carried on to it. examples: so many, one after the other,
    where their steps are arranged.
    """

    role: int
    arrangement: str
    end: str | None = None
    examples: int = 0


def turned_round(purpose: Purpose) -> Purpose:
    """The same purpose in a loop that runs the other way."""
    return replace(purpose, arrangement=TURNED.get(purpose.arrangement, purpose.arrangement))


def purposes_of(
    layout: Layout, known: Adjoints, truth: Truth, ends: bool = False
) -> Iterator[tuple[Purpose, list[Floats]]]:
    """Those that have the shapes of a site, each with what the site should give; the same once.

    ends: those that are carried on to a parameter, else the others.
    """
    seen: set[bytes] = set()
    for purpose in _ending(known, truth) if ends else _plain(known):
        want = values_for(purpose, layout, known, truth)
        key = b"" if want is None else b"".join(one.tobytes() for one in want)
        if want is not None and any(one.any() for one in want) and key not in seen:
            seen.add(key)
            yield purpose, want


def values_for(purpose: Purpose, layout: Layout, known: Adjoints, truth: Truth) -> list[Floats] | None:
    """What a site should give with a purpose, for all its executions or all but the last; None where none fits."""
    if purpose.role >= len(known.every):
        return None
    adjoints, count = known.every[purpose.role].adjoints, len(layout.values)
    if purpose.examples:
        values: Sequence[Floats] = by_example(adjoints, count, purpose.examples, purpose.arrangement == LATER)
    else:
        values = ARRANGEMENTS[purpose.arrangement](adjoints, count)
    if values and purpose.end is not None:
        values = [*values, truth.values[purpose.end]]
    if not values or not _fits(values, layout.shapes):
        return None
    return [np.asarray(value, dtype=float) for value in values]


def _plain(known: Adjoints) -> Iterator[Purpose]:
    for place in range(len(known.every)):
        yield from (Purpose(place, arrangement) for arrangement in ARRANGEMENTS)
        for examples in known.runs:
            yield from (Purpose(place, steps, examples=examples) for steps in (LAST, LATER))


def _ending(known: Adjoints, truth: Truth) -> Iterator[Purpose]:
    for place, role in enumerate(known.roles):
        for name, value in truth.values.items():
            if len(role.adjoints) > 1 and np.shape(value) == np.shape(role.adjoints[0]):
                yield Purpose(place, "carried", end=name)


def _fits(values: Sequence[Floats], shapes: Sequence[Shapes]) -> bool:
    """Have the first executions, all but one at most, these shapes?"""
    count = len(values)
    return len(shapes) - 1 <= count <= len(shapes) and all(
        shape == (np.shape(value),) for value, shape in zip(values, shapes, strict=False)
    )


def _length(array: Floats) -> int:
    return len(array) if np.ndim(array) else 0
