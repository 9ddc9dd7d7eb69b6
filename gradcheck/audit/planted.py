"""Faults planted on a gradient as a black box: which of them would the check have seen?"""

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
from numpy.typing import NDArray

from gradcheck.audit.coincidences import SMALL
from gradcheck.judgement.comparison import own_rounding
from gradcheck.labels import entries, label
from gradcheck.numeric.pieces import pieces_of
from gradcheck.results.arrays import Floats
from gradcheck.results.result import Audit, CheckedPoint, PlantedKind
from gradcheck.results.verdicts import Verdict

KINDS = ("sign flipped", "factor 2", "left out", "a neighbour's value")
# All pairs of entries up to here; in longer gradients each entry is planted with its nearest two only.
ALL_PAIRS = 12
# So many missed faults are named; the rest is in the counts.
NAMED = 20


def audit_points(given: CheckedPoint, deciding: CheckedPoint) -> Audit:
    """How many planted faults each of two points shows, kind by kind; the loss is not evaluated again.

    Counted as planted is what differs from the true partial by more than rounding at the deciding (generic) point,
    as caught what lies outside the error bar and the rounding of the check.
    """
    counts: dict[str, list[int]] = {kind: [0, 0, 0] for kind in KINDS}
    missed: list[str] = []
    for names, here, there in _rows(given, deciding):
        for (kind, planted), (_, planted_there) in zip(_faults(here[0]), _faults(there[0]), strict=True):
            real = np.abs(planted - here[0]) > own_rounding(planted, np.float64)
            caught = real & _is_caught(planted, *here)
            shown = caught if given is deciding else real & _is_caught(planted_there, *there)
            numbers = (real.sum(), caught.sum(), shown.sum())
            counts[kind] = [int(old + new) for old, new in zip(counts[kind], numbers, strict=True)]
            if len(missed) < NAMED and numbers[1] < numbers[0]:
                missed += [f"{names(place)}: {kind}" for place in np.flatnonzero(real & ~caught)[:NAMED].tolist()]
    kinds = tuple(PlantedKind(kind, *numbers) for kind, numbers in counts.items() if numbers[0])
    return Audit(kinds, tuple(missed[:NAMED]))


Row = tuple[Floats, Floats]


def _rows(given: CheckedPoint, deciding: CheckedPoint) -> Iterator[tuple[Callable[[int], str], Row, Row]]:
    """(labels by place, true partials and error bars at the deciding point, and at the given one) of all entries.

    Up to SMALL in one row; else piece by piece of each parameter, an entry's neighbours being those in its piece.
    """
    here, there = ([_row(verdict) for verdict in point.verdicts] for point in (deciding, given))
    names = [(verdict.name, verdict.shape) for verdict in deciding.verdicts]
    if sum(true.size for true, _ in here) <= SMALL:
        labels = [text for one in names for text, _ in entries(*one)]
        yield labels.__getitem__, _joined(here), _joined(there)
        return
    for (name, shape), ours, theirs in zip(names, here, there, strict=True):
        for piece in pieces_of(ours[0].size):
            yield partial(_label, name, shape, piece.start), _part(ours, piece), _part(theirs, piece)


def _row(verdict: Verdict) -> Row:
    """The true partials of a parameter in a row, and their error bars."""
    return np.ravel(verdict.truth), np.ravel(verdict.bar)


def _joined(rows: list[Row]) -> Row:
    return np.concatenate([true for true, _ in rows]), np.concatenate([bars for _, bars in rows])


def _part(row: Row, piece: slice) -> Row:
    return row[0][piece], row[1][piece]


def _label(name: str, shape: tuple[int, ...], first: int, place: int) -> str:
    return label(name, tuple(int(i) for i in np.unravel_index(first + place, shape)))


def _faults(true: Floats) -> Iterator[tuple[str, Floats]]:
    """(kind, planted values): every entry at once holds its own fault."""
    yield KINDS[0], -true
    yield KINDS[1], 2 * true
    yield KINDS[2], np.zeros_like(true)
    count = true.size
    for offset in range(1, count) if count <= ALL_PAIRS else (1, count - 1):
        yield KINDS[3], np.roll(true, offset)


def _is_caught(planted: Floats, true: Floats, bars: Floats) -> NDArray[np.bool_]:
    return np.asarray(np.abs(planted - true) > bars + own_rounding(planted, np.float64))
