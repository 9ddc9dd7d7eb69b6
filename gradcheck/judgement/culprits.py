"""The entries that make a large gradient disagree: found by bisection, each confirmed by ladders of its own."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil, log2

import numpy as np

from gradcheck.judgement.comparison import WRONG, compare
from gradcheck.judgement.probing import PLAIN, Probed
from gradcheck.numeric.bisection import Fault, find_entry
from gradcheck.numeric.counting import ERRORS, count_faults
from gradcheck.numeric.estimation import estimate
from gradcheck.numeric.lines import Line
from gradcheck.numeric.probes import Field
from gradcheck.numeric.short import short_ladder
from gradcheck.results.arrays import Floats
from gradcheck.results.estimates import Estimate

Place = tuple[str, int]
# So many entries of a parameter are named; one of each where that has already taken so many evaluations.
NAMED, FREELY = 8, 1500
# A probe is explained by the named entries where no more than so many of its bars is left.
EXPLAINED = 4.0
# A short ladder is enough where it finds the very lack that the bisection came down to, within this part of it: two
# measurements along different lines, with different steps, of one number that lies PLAIN bars and more from 0.
ALIKE = 1 / 4


@dataclass(slots=True)
class Culprits:
    """Named entries (name, row-major number) with their ladders; parameters that have more; those that showed none.

    own: how far rounding of the gradient may move one entry, by parameter. more: about how many entries of a parameter
    are wrong, in words.
    """

    own: Mapping[str, float]
    named: dict[Place, Estimate] = field(default_factory=dict)
    more: dict[str, str] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)
    calls: int = 0

    def lacks(self, ground: Field) -> dict[Place, float]:
        """What the gradient lacks at each named entry of the field."""
        known = {place: one for place, one in self.named.items() if place[0] in ground.gradient}
        return {(n, i): float(one.value) - float(ground.gradient[n].flat[i]) for (n, i), one in known.items()}


def lack_along(ground: Field, k: int, found: Culprits) -> float:
    """What the named entries add to g · v when they are mended."""
    return sum(lack * ground.entry(k, *place) for place, lack in found.lacks(ground).items())


def mended(ground: Field, one: Probed, found: Culprits) -> float:
    """What a probe still lacks when the named entries are mended; no evaluation of f."""
    return one.excess - lack_along(ground, one.k, found)


def unexplained(ground: Field, probes: Iterable[Probed], found: Culprits) -> list[Probed]:
    """The probes that disagree still when the named entries are mended, the plainest first."""

    def rest(one: Probed) -> float:
        return abs(mended(ground, one, found)) / one.sharp

    return sorted((one for one in probes if one.grade == WRONG and rest(one) > EXPLAINED), key=rest, reverse=True)


def find_culprit(line: Line, ground: Field, one: Probed, found: Culprits, centre: float) -> str | None:
    """Looks for one entry that a probe shows, and notes it; the parameter's name if it is not worth another look.

    centre: f at the point.
    """
    fault = Fault(ground.direction(one.k), mended(ground, one, found), one.step)
    name, flat, excess = find_entry(line, ground, fault, tuple(ground.gradient), found.lacks(ground))
    found.calls += 2 * (1 + (one.step is None)) * ceil(log2(sum(a.size for a in ground.gradient.values()) + 1))
    lack = excess / (ground.entry(one.k, name, flat) or 1.0)
    if (name, flat) in found.named or not _is_wrong(line, ground, (name, flat), lack, found, centre):
        found.lost.add(name)
        return name
    if sum(other == name for other, _ in found.named) < (NAMED if found.calls < FREELY else 1):
        return None
    rest = Fault(fault.along, mended(ground, one, found), one.step)
    found.more[name] = _in_words(count_faults(line, ground, rest, name, found.lacks(ground), one.sharp), ground, name)
    return name


def _in_words(counts: Sequence[float], ground: Field, name: str) -> str:
    """ "about 1,100 of 100,000 entries are wrong (800 to 1,400)": NAMED and what the descents count beside them."""
    size = ground.point[name].size
    middle, off = float(np.mean(counts)), ERRORS * float(np.std(counts, ddof=1)) / len(counts) ** 0.5
    about, low, high = (min(size, max(NAMED + 1, round(NAMED + one))) for one in (middle, middle - off, middle + off))
    spread = f", {_rounded(low)} to {_rounded(high)}" if low < high else ""
    told = f"by {len(counts)} random descents of the bisection{spread}"
    return f"about {_rounded(about)} of {size:,} entries are wrong ({told})"


def _rounded(count: int) -> str:
    """Two digits of a count."""
    unit = 10 ** max(0, len(str(count)) - 2)
    return f"{round(count / unit) * unit:,}"


def _is_wrong(line: Line, ground: Field, place: Place, lack: float, found: Culprits, centre: float) -> bool:
    """Does the entry disagree beyond doubt? Notes its ladder.

    A short ladder is believed where it repeats what the bisection found; else the full one must disagree, and a shifted
    one as well.
    """
    name, flat = place
    yours = ground.gradient[name].reshape(-1)[flat]
    short = short_ladder(line, name, flat, centre)
    found.calls += short.evaluations
    if _is_beyond_doubt(short, float(yours), lack, found.own[name]):
        found.named[place] = short
        return True
    ladders = []
    for shift in (0, 1):
        ladder = _ladder_of(line, name, flat, shift)
        found.calls += ladder.evaluations + 3
        agrees = abs(float(ladder.value) - yours) <= float(ladder.bar) + found.own[name]
        if agrees or float(compare(name, np.array(yours), ladder).grades) != WRONG:
            return False
        ladders.append(ladder)
    found.named[place] = ladders[0]
    return True


def _is_beyond_doubt(short: Estimate, yours: float, lack: float, own: float) -> bool:
    """Is a short ladder many bars off, without a sign of trouble, and just as far as was found before?"""
    off = float(short.value) - yours
    plain = bool(abs(off) > PLAIN * (float(short.bar) + own)) and abs(off - lack) <= ALIKE * abs(off)
    return plain and not short.one_sided and float(compare("", np.array(yours), short).grades) == WRONG


def _ladder_of(line: Line, name: str, flat: int, shift: int) -> Estimate:
    """The full ladder of one entry as a function of that number alone: an estimate of shape ()."""
    mask = np.zeros(line.point[name].shape, dtype=bool)
    mask.reshape(-1)[flat] = True

    def moved(at: dict[str, Floats]) -> float:
        return line.f({**line.point, name: np.where(mask, float(at["x"]), line.point[name])})

    return estimate(moved, {"x": line.point[name].reshape(-1)[flat]}, shift=shift)["x"]
