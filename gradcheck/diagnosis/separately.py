"""Several faults, each mended where cuts leave it alone, until everything is right."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice, product

from gradcheck.diagnosis.at_cuts import WAYS, at_point, changes_at
from gradcheck.diagnosis.benches import Bench, restated_case
from gradcheck.diagnosis.candidates.places import Candidate
from gradcheck.diagnosis.cuts import Cut
from gradcheck.diagnosis.edits import apply_swaps
from gradcheck.diagnosis.feigning import feigned, unfeigned
from gradcheck.diagnosis.inquiries import narrowed
from gradcheck.diagnosis.offers import paired
from gradcheck.diagnosis.severing import Matter, Severed, sever
from gradcheck.diagnosis.stepwise import FAULTS, Mended
from gradcheck.subject.cases import Case

# So many ways to choose one change of each cut are tried.
CHOICES = 12
# So much of the time that is left for new cuts, for changes at them, for one change of any kind, and for what comes
# after a step.
FOR_CUTS, FOR_REMEDIES, FOR_SINGLE, FOR_STEP = 0.2, 0.5, 0.4, 0.6


def mend_separately(matter: Matter, case: Case, severed: Severed, deadline: float, most: int = FAULTS) -> Mended | None:
    """Changes at the cuts, and others where these are not all, with which everything is right; None for none."""
    if severed.faults == 1 or most < 2:
        return _last_one(matter, case, severed, deadline)
    for step in _steps(matter, severed, deadline):
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


def _last_one(matter: Matter, case: Case, severed: Severed, deadline: float) -> Mended | None:
    """The one change that is left: at the cut, or any."""
    now, bench = time.process_time(), severed.search.bench
    if severed.cuts:
        until = now + FOR_REMEDIES * (deadline - now)
        for cut, some in changes_at(matter, severed, until, (*WAYS, paired)):
            for one in some:
                text = _with(bench, [one])
                if matter.holds(text):
                    return Mended(text, (cut.site.statement.lineno,), one.cost)
    return matter.finish(case, deadline)


def _steps(matter: Matter, severed: Severed, deadline: float) -> Iterator[Mended]:
    """Texts that bring nearer: with changes at the cuts, where these are known for all of them.

    Else with what mends all that the cuts leave wrong, first, and with one change of whatever kind where all cuts but
    one are right, last.
    """
    cuts, bench = severed.cuts, severed.search.bench
    everything, right = frozenset(severed.court.outputs.names), severed.heard.names
    now = time.process_time()
    found = changes_at(matter, severed, now + FOR_REMEDIES * (deadline - now))
    if not severed.is_whole and len(found) < len(cuts):
        yield from _single(matter, severed, cuts, everything, deadline)
    lines = tuple(cut.site.statement.lineno for cut, _ in found)
    several = CHOICES if severed.is_whole and len(found) == len(cuts) else 1
    for chosen in islice(product(*(some for _, some in found)), several if found else 0):
        yield Mended(_with(bench, chosen), lines, sum(one.cost for one in chosen))
    for names in dict.fromkeys((everything, right)):
        for cut in cuts:
            yield from _single(matter, severed, [one for one in cuts if one is not cut], names, deadline)


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


def _with(bench: Bench, chosen: Sequence[Candidate]) -> str:
    return apply_swaps(bench.text, [swap for one in chosen for swap in one.swaps])
