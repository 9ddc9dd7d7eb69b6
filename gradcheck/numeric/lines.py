"""f along a line through all parameters at once, at a point that is moved in place."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from gradcheck.numeric.loans import Arrays, Function, Loan, lending
from gradcheck.numeric.pieces import add_multiple, dot
from gradcheck.numeric.sampling import value_at
from gradcheck.results.arrays import Floats

# A row of slices (name, first, end) of flattened parameters.
Block = tuple[tuple[str, int, int], ...]


@dataclass(slots=True)
class Line:
    """f, the point, and a loan to move it in; once f has changed what it was lent, `loan` is None: copies from then."""

    f: Function
    point: Arrays
    loan: Loan | None
    is_new: bool = True


@contextmanager
def lines_from(f: Function, point: Arrays) -> Iterator[Line]:
    """A place to walk from along any number of lines."""
    with lending(f, point) as loan:
        yield Line(f, point, loan)


def values_along(line: Line, along: Arrays, steps: Sequence[float]) -> list[float]:
    """f at point + step · along for every step; what `along` lacks stays where it is."""
    values = None if line.loan is None else _walk(line.loan, line.point, along, steps, line.is_new)
    line.is_new = False
    if values is None:
        line.loan = None
        values = [value_at(line.f, {**line.point, **_moved(line.point, along, step)}) for step in steps]
    return values


def values_in(line: Line, along: Arrays, block: Block, steps: Sequence[float]) -> list[float]:
    """f where only the entries of a block are moved; `put_back` comes before the first block."""
    if line.loan is None:
        part = {name: np.zeros_like(along[name]) for name, _, _ in block}
        for name, first, end in block:
            part[name].reshape(-1)[first:end] = along[name].reshape(-1)[first:end]
        return values_along(line, part, steps)
    values = []
    for step in (*steps, 0.0):
        for name, first, end in block:
            target = line.loan.arrays[name].reshape(-1)[first:end]
            np.copyto(target, line.point[name].reshape(-1)[first:end])
            if step:
                add_multiple(target, along[name].reshape(-1)[first:end], step)
        if step:
            values.append(line.loan.value())
    return values


def put_back(line: Line) -> None:
    """Makes the loan hold the point itself."""
    if line.loan is not None:
        for name in line.loan.arrays:
            np.copyto(line.loan.arrays[name], line.point[name])


def _walk(loan: Loan, point: Arrays, along: Arrays, steps: Sequence[float], is_first: bool) -> list[float] | None:
    """f step after step, each from where the last one ended; None where f has changed or kept what it was lent.

    Looked at after the last call, and once after the first: an even number of calls may undo what each has done.
    """
    values: list[float] = []
    for name in loan.arrays:
        np.copyto(loan.arrays[name], point[name])
    for before, step in zip((0.0, *steps), steps, strict=False):
        for name, direction in along.items():
            add_multiple(loan.arrays[name].reshape(-1), direction.reshape(-1), step - before)
        is_looked_at = len(values) == len(steps) - 1 or (is_first and not values)
        told = _sums(loan, point) if is_looked_at else None
        values.append(loan.value())
        if is_looked_at and (told != _sums(loan, point) or not loan.is_whole()):
            return None
    return values


def _sums(loan: Loan, point: Arrays) -> list[float]:
    """A number per array that changes where any of its entries does, or changes its place."""
    return [dot(loan.arrays[name], array) for name, array in point.items()]


def _moved(point: Arrays, along: Arrays, step: float) -> dict[str, Floats]:
    return {name: point[name] + step * direction for name, direction in along.items()}
