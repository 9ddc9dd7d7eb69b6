"""Which coincidence of a point hides a fault: break each one alone, and see whether the fault comes to light."""

from collections.abc import Callable, Mapping

import numpy as np

from gradcheck.audit.coincidences import Coincidence
from gradcheck.labels import entries
from gradcheck.results.arrays import Floats

Point = dict[str, Floats]
# Each member of a coincidence costs a verification of its own; beyond this many, all members move together.
MEMBERS = 24


def find_hiding(
    given: Mapping[str, Floats],
    generic: Mapping[str, Floats],
    coincidences: tuple[Coincidence, ...],
    shows_fault: Callable[[Point], bool],
) -> Coincidence | None:
    """The coincidence that hides the fault, narrowed to the members that each bring it to light alone.

    None where breaking no single coincidence is enough. shows_fault: does the gradient disagree at this point?
    """
    for one in coincidences:
        telling = (
            tuple(text for text in one.labels if shows_fault(_moved(given, generic, (text,))))
            if (len(one.labels) <= MEMBERS)
            else ()
        )
        if len(telling) > 1 and len(telling) < len(one.labels):
            return Coincidence(" = ".join(telling), telling)
        if telling or shows_fault(_moved(given, generic, one.labels)):
            return one
    return None


def _moved(given: Mapping[str, Floats], generic: Mapping[str, Floats], labels: tuple[str, ...]) -> Point:
    """The given point with some of its numbers taken from the generic one."""
    moved = {name: np.array(array) for name, array in given.items()}
    for name, array in moved.items():
        for text, index in entries(name, array.shape):
            if text in labels:
                array[index] = generic[name][index]
    return moved
