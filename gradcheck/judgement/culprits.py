"""The entries that make a large gradient disagree: found by bisection, each confirmed by two ladders of its own."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import ceil, log2

import numpy as np

from gradcheck.judgement.comparison import WRONG, compare
from gradcheck.judgement.probing import Probed
from gradcheck.numeric.bisection import Fault, find_entry
from gradcheck.numeric.estimation import estimate
from gradcheck.numeric.probes import Field
from gradcheck.numeric.sampling import Function
from gradcheck.results.arrays import Floats
from gradcheck.results.estimates import Estimate

Place = tuple[str, int]
# So many entries of a parameter are named; one of each where that has already taken so many evaluations.
NAMED, FREELY = 8, 1500
# A probe is explained by the named entries where no more than so many of its bars is left.
EXPLAINED = 4.0


@dataclass(slots=True)
class Culprits:
    """Named entries (name, row-major number) with their ladders; parameters that have more; those that showed none.

    own: how far rounding of the gradient may move one entry, by parameter.
    """

    own: Mapping[str, float]
    named: dict[Place, Estimate] = field(default_factory=dict)
    more: set[str] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)
    calls: int = 0

    def lacks(self, ground: Field) -> dict[Place, float]:
        """What the gradient lacks at each named entry of the field."""
        known = {place: one for place, one in self.named.items() if place[0] in ground.gradient}
        return {(n, i): float(one.value) - float(ground.gradient[n].flat[i]) for (n, i), one in known.items()}


def mended(ground: Field, one: Probed, found: Culprits) -> float:
    """What a probe still lacks when the named entries are mended; no evaluation of f."""
    return one.excess - sum(lack * ground.entry(one.k, *place) for place, lack in found.lacks(ground).items())


def unexplained(ground: Field, probes: Iterable[Probed], found: Culprits) -> list[Probed]:
    """The probes that disagree still when the named entries are mended, the plainest first."""

    def rest(one: Probed) -> float:
        return abs(mended(ground, one, found)) / one.sharp

    return sorted((one for one in probes if one.grade == WRONG and rest(one) > EXPLAINED), key=rest, reverse=True)


def find_culprit(f: Function, ground: Field, one: Probed, found: Culprits) -> str | None:
    """Looks for one entry that a probe shows, and notes it; the parameter's name if it is not worth another look."""
    fault = Fault(ground.direction(one.k), mended(ground, one, found), one.is_fine)
    name, flat = find_entry(f, ground, fault, tuple(ground.gradient), found.lacks(ground))
    found.calls += 2 * (1 + one.is_fine) * ceil(log2(sum(array.size for array in ground.gradient.values()) + 1))
    if (name, flat) in found.named or not _is_wrong(f, ground, name, flat, found):
        found.lost.add(name)
        return name
    if sum(other == name for other, _ in found.named) < (NAMED if found.calls < FREELY else 1):
        return None
    found.more.add(name)
    return name


def _is_wrong(f: Function, ground: Field, name: str, flat: int, found: Culprits) -> bool:
    """Does the ladder of the entry disagree, and a shifted one as well? Notes the first."""
    yours = ground.gradient[name].reshape(-1)[flat]
    ladders = []
    for shift in (0, 1):
        ladder = _ladder_of(f, ground, name, flat, shift)
        found.calls += ladder.evaluations + 3
        agrees = abs(float(ladder.value) - yours) <= float(ladder.bar) + found.own[name]
        if agrees or float(compare(name, np.array(yours), ladder).grades) != WRONG:
            return False
        ladders.append(ladder)
    found.named[name, flat] = ladders[0]
    return True


def _ladder_of(f: Function, ground: Field, name: str, flat: int, shift: int) -> Estimate:
    """The full ladder of one entry as a function of that number alone: an estimate of shape ()."""

    def moved(at: dict[str, Floats]) -> float:
        for key, room in ground.room.items():
            np.copyto(room, ground.point[key])
        ground.room[name].reshape(-1)[flat] = float(at["x"])
        return f(dict(ground.room))

    return estimate(moved, {"x": ground.point[name].reshape(-1)[flat]}, shift=shift)["x"]
