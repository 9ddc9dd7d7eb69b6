"""Which coincidence of a point hides a fault: break each one alone, and see whether the fault comes to light."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TypeVar

import numpy as np

from gradcheck.audit.coincidences import Coincidence, Tie
from gradcheck.labels import entries
from gradcheck.results.arrays import Floats

Point = dict[str, Floats]
T = TypeVar("T")
# Each member of a coincidence costs a look of its own; beyond this many, all members move together.
MEMBERS = 24


def find_hiding(
    given: Mapping[str, Floats],
    generic: Mapping[str, Floats],
    coincidences: tuple[Coincidence, ...],
    shows_fault: Callable[[Point], bool],
) -> Coincidence | None:
    """The coincidence that hides the fault, narrowed to the members that each bring it to light alone.

    Where no single one does, the fewest of them that do together; where all of them do not, the fewest parameters;
    None where not even these do. shows_fault: does the gradient disagree at this point?
    """

    def shows(labels: Collection[str]) -> bool:
        return shows_fault(moved_to(given, generic, labels))

    for one in coincidences:
        telling = _telling(one, shows)
        if telling or shows(one.labels):
            return _narrowed(one, telling)
    if len(coincidences) > 1 and shows([text for one in coincidences for text in one.labels]):
        return _together(_fewest(coincidences, lambda some: shows([text for one in some for text in one.labels])))
    if not shows(list(given)):
        return None
    names = _fewest(tuple(given), shows)
    return Coincidence(f"the values of {' and '.join(names)}", names)


def moved_to(given: Mapping[str, Floats], generic: Mapping[str, Floats], labels: Collection[str]) -> Point:
    """The given point with some numbers taken from the generic one: entries by label, or arrays by name."""
    chosen, moved = set(labels), {}
    for name, array in given.items():
        moved[name] = np.array(generic[name] if name in chosen else array)
        if array.ndim and name not in chosen and any(text.startswith(f"{name}[") for text in chosen):
            for text, index in entries(name, array.shape):
                if text in chosen:
                    moved[name][index] = generic[name][index]
    return moved


def _telling(one: Coincidence, shows: Callable[[Collection[str]], bool]) -> tuple[str, ...]:
    """The members that bring the fault to light each alone."""
    if one.tie is Tie.WHOLE or len(one.labels) > MEMBERS:
        return ()
    return tuple(text for text in one.labels if shows((text,)))


def _narrowed(one: Coincidence, telling: tuple[str, ...]) -> Coincidence:
    if not telling or len(telling) == len(one.labels):
        return one
    if one.tie is Tie.FIXED:
        return Coincidence(f"{' = '.join(telling)} = 0", telling, one.tie)
    return Coincidence(" = ".join(telling), telling, one.tie) if len(telling) > 1 else one


def _together(some: Sequence[Coincidence]) -> Coincidence:
    labels = tuple(dict.fromkeys(text for one in some for text in one.labels))
    return Coincidence(" and ".join(one.words for one in some), labels)


def _fewest(all_of: Sequence[T], shows: Callable[[Sequence[T]], bool]) -> tuple[T, ...]:
    """What is left of a sequence that shows the fault when everything that is not needed for that is taken out."""
    kept = list(all_of)
    for one in all_of:
        rest = [other for other in kept if other is not one]
        if rest and shows(rest):
            kept = rest
    return tuple(kept)
