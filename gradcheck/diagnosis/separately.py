"""Several faults, each mended where cuts leave it alone, until everything is right."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, product

from gradcheck.diagnosis.at_cuts import WAYS, at_point, changes_at
from gradcheck.diagnosis.benches import restated_case
from gradcheck.diagnosis.cuts import Cut
from gradcheck.diagnosis.edits import apply_swaps
from gradcheck.diagnosis.feigning import feigned, unfeigned
from gradcheck.diagnosis.inquiries import narrowed
from gradcheck.diagnosis.leaves import Leaf, changes_of_leaves
from gradcheck.diagnosis.missteps import missteps_above
from gradcheck.diagnosis.offers import Way, paired
from gradcheck.diagnosis.severing import Matter, Severed, sever
from gradcheck.diagnosis.stepwise import FAULTS, Mended
from gradcheck.subject.cases import Case

# So many ways to choose one change of each cut are tried.
CHOICES = 12
# So much of the time that is left for new cuts, for changes at them, for other statements that make cuts needless, for
# one change of any kind, and for what comes after a step.
FOR_CUTS, FOR_REMEDIES, FOR_MISSTEPS, FOR_SINGLE, FOR_STEP = 0.2, 0.5, 0.2, 0.4, 0.6
# So many statements that mend something are followed before anything else is tried.
FOLLOWED = 2


@dataclass(frozen=True, eq=False)
class Changes:
    """At lines, changes of which one each is wanted; left: gradients that stay wrong; are_all: are all right then?"""

    at: tuple[Leaf, ...]
    left: frozenset[str]
    are_all: bool


def mend_separately(matter: Matter, case: Case, severed: Severed, deadline: float, most: int = FAULTS) -> Mended | None:
    """Changes at the cuts, and others where these are not all, with which everything is right; None for none."""
    is_one = severed.faults == 1 and (severed.cuts or len(severed.left) == 1)
    if is_one or most < 2:
        return _last_one(matter, case, severed, deadline, most)
    for step in _steps(matter, severed, deadline, most):
        now, changed = time.process_time(), restated_case(case, step.text)
        if matter.holds(step.text):
            return step
        again = None if changed is None else sever(matter, changed, now + FOR_CUTS * (deadline - now))
        if changed is None or again is None or not again.faults or now > deadline:
            continue
        rest = mend_separately(matter, changed, again, now + FOR_STEP * (deadline - now), most - 1)
        if rest is not None:
            return Mended(rest.text, (*step.lines, *rest.lines), step.cost + rest.cost)
    return None


def _last_one(matter: Matter, case: Case, severed: Severed, deadline: float, most: int) -> Mended | None:
    """What is left: changes at the cut, or of what is wrong beside it, or any one change."""
    now = time.process_time()
    if severed.cuts or most < FAULTS:  # else it was looked for before
        changes = _changes(matter, severed, (*WAYS, paired), now + FOR_REMEDIES * (deadline - now))
        for one in _together(severed, changes):
            if matter.holds(one.text):
                return one
    return matter.finish(case, deadline)


def _steps(matter: Matter, severed: Severed, deadline: float, most: int) -> Iterator[Mended]:
    """Texts that bring nearer: with changes at the cuts, where these are known for all of them.

    Else with what mends all that the cuts leave wrong, with other statements above them, and with one change of any
    kind where all cuts but one are right, last.
    """
    cuts, everything, now = severed.cuts, frozenset(severed.court.outputs.names), time.process_time()
    changes = _changes(matter, severed, WAYS[:1], now + FOR_REMEDIES * (deadline - now))
    if not changes.are_all:
        yield from _first_steps(severed, changes, deadline)
        now = time.process_time()
        changes = _changes(matter, severed, WAYS, now + FOR_REMEDIES * (deadline - now))
    if changes.left:
        yield from _single(matter, severed, cuts, everything, deadline)
    yield from _together(severed, changes)
    if most < FAULTS and len(cuts) > 1:
        yield from _single(matter, severed, (), everything, deadline)
    for names in dict.fromkeys((everything, severed.heard.names)):
        for cut in cuts:
            yield from _single(matter, severed, [one for one in cuts if one is not cut], names, deadline)


def _first_steps(severed: Severed, changes: Changes, deadline: float) -> Iterator[Mended]:
    """What is mended beside a single cut, and statements that make cuts needless."""
    if len(severed.cuts) == 1 and severed.left and not changes.left:
        yield from _together(severed, changes)
    now = time.process_time()
    for one in missteps_above(severed, now + FOR_MISSTEPS * (deadline - now))[:FOLLOWED]:
        yield Mended(apply_swaps(severed.court.bench.text, one.candidate.swaps), (one.line,), one.candidate.cost)


def _changes(matter: Matter, severed: Severed, ways: Sequence[Way], deadline: float) -> Changes:
    """Those at the cuts, and for the gradients that are wrong beside them."""
    found = [(cut.site.statement.lineno, some) for cut, some in changes_at(matter, severed, deadline, ways)]
    leaves = changes_of_leaves(matter, severed, ways, deadline)
    left = severed.left - frozenset().union(*leaves)
    return Changes((*found, *leaves.values()), left, not left and len(found) == len(severed.cuts))


def _together(severed: Severed, changes: Changes) -> Iterator[Mended]:
    """Texts with one change at each of the lines, the likeliest first."""
    lines = tuple(line for line, _ in changes.at)
    several = CHOICES if changes.are_all else bool(lines)
    for chosen in islice(product(*(some for _, some in changes.at)), several):
        text = apply_swaps(severed.court.bench.text, [swap for one in chosen for swap in one.swaps])
        yield Mended(text, lines, sum(one.cost for one in chosen))


def _single(
    matter: Matter, severed: Severed, rest: Sequence[Cut], names: frozenset[str], deadline: float
) -> Iterator[Mended]:
    """One change with which these gradients are right where some cuts are."""
    bench, now = severed.search.bench, time.process_time()
    points = [(truth, at_point(rest, bench, truth, known)) for truth, known in matter.truths]
    told = [(truth, some) for truth, some in points if some is not None]
    case = feigned(bench, [(truth.point, some) for truth, some in told]) if rest else bench.original
    if case is None or not told or now > deadline:
        return
    found = matter.single(case, [narrowed(truth, names) for truth, _ in told], now + FOR_SINGLE * (deadline - now))
    if found is not None:
        yield replace(found, text=unfeigned(found.text))
