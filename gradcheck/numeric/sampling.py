"""The values of f around a point, one number of its parameters moved at a time."""

from collections.abc import Sequence

import numpy as np

from gradcheck.numeric.loans import Arrays as Arrays
from gradcheck.numeric.loans import Function as Function
from gradcheck.numeric.loans import Loan, call_on, lending
from gradcheck.numeric.progress import tell
from gradcheck.results.arrays import Floats

# An entry: the name of its array and its row-major number there.
Cell = tuple[str, int]
# Entries between two looks at the lent copies: a look costs as much as the copies, 6 evaluations an entry much more.
BLOCK = 256


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
    known = ~np.isnan(places)
    around = np.full(places.shape, np.nan)
    around[known] = _values_at(f, arrays, [(name, flat)], [places[known].tolist()])[0]
    return around[0], around[1]


def values_beside(
    f: Function, arrays: Arrays, cells: Sequence[Cell], x: Floats, steps: Floats
) -> tuple[Floats, Floats]:
    """(f(x + h), f(x - h)) at few steps of many entries, each (levels, entries).

    x: (entries,) the numbers in the cells; steps: (levels, entries). f gets copies that are lent for a block of entries
    and looked at after it; if f changed them, the block is walked again with fresh copies for every call.
    """
    around = np.concatenate([x + steps, x - steps])
    values = np.empty((x.size, around.shape[0]))
    for start in range(0, x.size, BLOCK):
        block = slice(start, start + BLOCK)
        values[block] = _values_at(f, arrays, cells[block], around.T[block].tolist())
        tell(cells[start][0], min(start + BLOCK, x.size), x.size)
    plus, minus = np.split(values.T, 2)
    return plus, minus


def _values_at(f: Function, arrays: Arrays, cells: Sequence[Cell], columns: list[list[float]]) -> list[list[float]]:
    """f with each entry in turn at every place of its column."""
    walked = _walk_block(f, arrays, cells, columns)
    if walked is not None:
        return walked
    moves = zip(cells, columns, strict=True)
    return [[call_on(f, _moved(arrays, *cell, place)) for place in column] for cell, column in moves]


def _walk_block(
    f: Function, arrays: Arrays, cells: Sequence[Cell], columns: list[list[float]]
) -> list[list[float]] | None:
    """f at every place of every entry, on a loan; None where f has changed what it was lent."""
    values: list[list[float]] = []
    with lending(f, arrays) as loan:
        value, is_new = loan.value, True
        for (name, flat), column in zip(cells, columns, strict=True):
            entry, row = loan.arrays[name].reshape(-1), []
            x = entry[flat]
            for place in column:
                entry[flat] = place
                row.append(value())
                if is_new:
                    # Looked at after the first call too: an even number of calls may undo what each has done.
                    is_new = False
                    del entry
                    if _differs(loan, arrays, name, flat, place):
                        return None
                    entry = loan.arrays[name].reshape(-1)
            if column and entry[flat] != column[-1]:
                return None
            entry[flat] = x
            values.append(row)
        del entry
        return None if _differs(loan, arrays, *cells[-1], float(x)) else values


def _differs(loan: Loan, arrays: Arrays, name: str, flat: int, place: float) -> bool:
    """Has f changed anything, or kept it? The entry that is moved stands at `place`, and does so again afterwards."""
    entry = loan.arrays[name].reshape(-1)
    stood = entry[flat] == place
    entry[flat] = arrays[name].flat[flat]
    same = all(np.array_equal(loan.arrays[key], arrays[key]) for key in arrays)
    entry[flat] = place
    del entry
    return not (stood and same and loan.is_whole())


def _moved(arrays: Arrays, name: str, flat: int, x: float) -> dict[str, Floats]:
    copies = {key: array.copy() for key, array in arrays.items()}
    copies[name].flat[flat] = x
    return copies
