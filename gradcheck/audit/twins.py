"""Partials that are equal at every point that was tried, because the data coincide: one taken for the other is hidden.

Other points cannot help there, only other data can: with x1 = x2 the partials of w1 x1 + w2 x2 are one number.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from gradcheck.audit.coincidences import LISTED, SMALL, Tie, find_coincidences
from gradcheck.labels import entries
from gradcheck.results.arrays import Floats
from gradcheck.results.result import CheckedPoint

# Equal partials are computed in two ways and differ by roundings; partials that differ share 12 digits by no chance.
DIGITS = 12
Groups = list[list[str]]


def tell_twins(points: Sequence[CheckedPoint], data: Mapping[str, Floats]) -> str | None:
    """The note that partials coincide at all of these points, and values in the data too; None where not both do."""
    groups = twins(points)
    varied = {name: array for name, array in data.items() if array.any()}
    ties = [one.words for one in find_coincidences(varied) if one.tie is not Tie.FIXED] if groups else []
    if not ties:
        return None
    pairs = ", ".join(" = ".join(group) if len(group) <= LISTED else _counted(group) for group in groups[:LISTED])
    found = f"the partials of {pairs} are equal at every point tried, and in the data {', '.join(ties[:LISTED])}"
    return f"{found}: one taken for the other would not show; give data that differ"


def twins(points: Sequence[CheckedPoint]) -> Groups:
    """Groups of labels whose partials are equal, and not zero, at each of the points; none for many entries."""
    if sum(verdict.yours.size for verdict in points[0].verdicts) > SMALL:
        return []
    rows = [np.concatenate([np.ravel(verdict.yours) for verdict in point.verdicts]) for point in points]
    labels = [text for verdict in points[0].verdicts for text, _ in entries(verdict.name, verdict.shape)]
    groups: dict[tuple[str, ...], list[str]] = {}
    for text, *partials in zip(labels, *rows, strict=True):
        if all(partials):
            groups.setdefault(tuple(f"{partial:.{DIGITS}g}" for partial in partials), []).append(text)
    return [group for group in groups.values() if len(group) > 1]


def _counted(group: list[str]) -> str:
    return f"{group[0]} = {group[1]} = ... ({len(group)} entries)"
