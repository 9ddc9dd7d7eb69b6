"""The values of f around a point, one number of its parameters moved at a time."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from gradcheck.errors import GradcheckError
from gradcheck.results.arrays import Floats

Arrays = Mapping[str, Floats]
Function = Callable[[dict[str, Floats]], float]
# Entries between two looks at the lent copies: a look costs as much as the copies, 6 evaluations an entry much more.
BLOCK = 256
# Numbers worked on at once in long arrays: three arrays of so many lie in a cache of the second level.
PIECE = 2**14


def value_at(f: Function, arrays: Arrays) -> float:
    """f on fresh copies; NaN where its domain ends, that is where it raises an ArithmeticError or a ValueError."""
    return call_on(f, {name: array.copy() for name, array in arrays.items()})


def values_around(f: Function, arrays: Arrays, name: str, flat: int, steps: Floats) -> tuple[Floats, Floats]:
    """(f(x + h), f(x - h)) for every step of one entry, each (levels,); NaN where the step is NaN.

    flat: the entry's row-major number in its array. f gets copies that are lent for the whole ladder and looked at
    after it; if f changed them, the ladder is walked again with fresh copies for every call.
    """
    x = float(arrays[name].flat[flat])
    places = np.array([x + steps, x - steps])
    values = _walk_on_lent(f, arrays, name, flat, places)
    if values is None:
        values = [call_on(f, _moved(arrays, name, flat, place)) for place in places[~np.isnan(places)].tolist()]
    around = np.full(places.shape, np.nan)
    around[~np.isnan(places)] = values
    return around[0], around[1]


def values_beside(
    f: Function, arrays: Arrays, name: str, places: NDArray[np.intp], steps: Floats
) -> tuple[Floats, Floats]:
    """(f(x + h), f(x - h)) at few steps of many entries, each (levels, entries).

    places: row-major numbers of the entries; steps: (levels, entries). f gets copies that are lent for a block of
    entries and looked at after it; if f changed them, the block is walked again with fresh copies for every call.
    """
    x = arrays[name].reshape(-1)[places]
    around = np.concatenate([x + steps, x - steps])
    values = np.empty((places.size, around.shape[0]))
    for start in range(0, places.size, BLOCK):
        block = slice(start, start + BLOCK)
        columns = around.T[block].tolist()
        walked = _walk_block(f, arrays, name, places[block], columns)
        if walked is None:
            cells = zip(places[block].tolist(), columns, strict=True)
            walked = [[call_on(f, _moved(arrays, name, flat, place)) for place in column] for flat, column in cells]
        values[block] = walked
    plus, minus = np.split(values.T, 2)
    return plus, minus


def _walk_block(
    f: Function, arrays: Arrays, name: str, places: NDArray[np.intp], columns: list[list[float]]
) -> list[list[float]] | None:
    """f at every place of every entry, on copies made once; None where f has changed them."""
    lent = {key: array.copy() for key, array in arrays.items()}
    entry = lent[name].reshape(-1)
    values: list[list[float]] = []
    for flat, column in zip(places.tolist(), columns, strict=True):
        x = entry[flat]
        row = []
        for place in column:
            entry[flat] = place
            row.append(call_on(f, dict(lent)))
            if not values and len(row) == 1 and _differs(lent, arrays, name, flat):
                return None
        entry[flat] = x
        values.append(row)
    return None if _differs(lent, arrays, name, int(places[-1])) else values


def _walk_on_lent(f: Function, arrays: Arrays, name: str, flat: int, places: Floats) -> list[float] | None:
    """f at every place that is a number, on copies made once; None where f has changed them."""
    lent = {key: array.copy() for key, array in arrays.items()}
    entry = lent[name].reshape(-1)
    values: list[float] = []
    for place in places[~np.isnan(places)].tolist():
        entry[flat] = place
        values.append(call_on(f, dict(lent)))
        # Looked at after the first call too: an even number of calls may undo what each has done.
        if len(values) == 1 and _differs(lent, arrays, name, flat):
            return None
    return None if _differs(lent, arrays, name, flat) else values


def lend(buffers: Arrays, arrays: Arrays, along: Arrays, step: float) -> dict[str, Floats]:
    """The arrays moved by step times a direction, written into the buffers; what `along` lacks stays in its place.

    Piece by piece, so that what is between two operations stays in the processor's cache.
    """
    for name, buffer in buffers.items():
        if name not in along:
            np.copyto(buffer, arrays[name])
            continue
        target, start, direction = buffer.reshape(-1), arrays[name].reshape(-1), along[name].reshape(-1)
        for first in range(0, target.size, PIECE):
            piece = slice(first, first + PIECE)
            np.multiply(direction[piece], step, out=target[piece])
            target[piece] += start[piece]
    return dict(buffers)


def _differs(lent: Arrays, arrays: Arrays, name: str, flat: int) -> bool:
    """Has anything changed but the entry that is moved? Puts that one back."""
    lent[name].reshape(-1)[flat] = arrays[name].flat[flat]
    return not all(np.array_equal(lent[key], arrays[key]) for key in arrays)


def _moved(arrays: Arrays, name: str, flat: int, x: float) -> dict[str, Floats]:
    copies = {key: array.copy() for key, array in arrays.items()}
    copies[name].flat[flat] = x
    return copies


def call_on(f: Function, copies: dict[str, Floats]) -> float:
    """f on arrays that it may change; NaN where its domain ends."""
    try:
        value = f(copies)
    except GradcheckError:
        raise
    except (ArithmeticError, ValueError):
        return float("nan")
    return float(value) if isinstance(value, float) else float(np.asarray(value, dtype=np.float64).item())
