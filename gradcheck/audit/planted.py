"""Faults planted on a gradient as a black box: which of them would the check have seen?"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from gradcheck.judgement.comparison import own_rounding
from gradcheck.labels import entries
from gradcheck.results.arrays import Floats
from gradcheck.results.result import Audit, CheckedPoint, PlantedKind

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
    here, there = _row(deciding), _row(given)
    counts: dict[str, list[int]] = {kind: [0, 0, 0] for kind in KINDS}
    missed: list[str] = []
    labels = [text for verdict in deciding.verdicts for text, _ in entries(verdict.name, verdict.shape)]
    for (kind, planted), (_, planted_there) in zip(_faults(here[0]), _faults(there[0]), strict=True):
        real = np.abs(planted - here[0]) > own_rounding(planted, np.float64)
        caught = real & _is_caught(planted, *here)
        numbers = (real.sum(), caught.sum(), (real & _is_caught(planted_there, *there)).sum())
        counts[kind] = [int(old + new) for old, new in zip(counts[kind], numbers, strict=True)]
        missed += [f"{labels[place]}: {kind}" for place in np.flatnonzero(real & ~caught)]
    kinds = tuple(PlantedKind(kind, *numbers) for kind, numbers in counts.items() if numbers[0])
    return Audit(kinds, tuple(missed[:NAMED]))


def _row(point: CheckedPoint) -> tuple[Floats, Floats]:
    """All true partials of a point (exact where there are such, else numeric) in one row, and their error bars."""
    true = [np.ravel(v.numeric if v.exact is None else v.exact) for v in point.verdicts]
    bars = [np.ravel(v.bar) for v in point.verdicts]
    return np.concatenate(true), np.concatenate(bars)


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
