"""Changes at cuts: what a right-hand side lacks is known where all other cuts are right, and nothing has to be run."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

from gradcheck.diagnosis.adjoints import Adjoints
from gradcheck.diagnosis.angels import Angel
from gradcheck.diagnosis.benches import UNFIT, Bench, moments_of
from gradcheck.diagnosis.candidates.places import Candidate
from gradcheck.diagnosis.cuts import Cut, elsewhere, forcing
from gradcheck.diagnosis.cutting import others_for
from gradcheck.diagnosis.levers import Lever
from gradcheck.diagnosis.offers import Way, derived, fitted, rewritten
from gradcheck.diagnosis.remedies import knowing_lever, remedies
from gradcheck.diagnosis.severing import Matter, Severed
from gradcheck.diagnosis.truths import Truth
from gradcheck.diagnosis.workplaces import Workplace, workplace_with

# What is looked for at a cut, and at sites that would do as well; so many of these.
WAYS: tuple[Way, ...] = (rewritten, fitted, derived)
OTHERS = 8
# A change at another site has to be so much nearer; all is tried again where others were mended meanwhile.
ELSEWHERE, AGAIN = 0.2, 2
# So many changes of each statement are kept; for one of them so much of the time that is left.
KEPT, FOR_ONE = 4, 0.3


def changes_at(
    matter: Matter, severed: Severed, deadline: float, ways: Sequence[Way] = WAYS
) -> list[tuple[Cut, list[Candidate]]]:
    """The cuts, or others that do as much, for which there are changes that make them needless; with these."""
    cuts, found = list(severed.cuts), dict[Cut, list[Candidate]]()
    part = FOR_ONE if len(cuts) > 1 else 1.0
    for _ in range(AGAIN):
        before = len(found)
        for cut in tuple(one for one in cuts if one not in found):
            now = time.process_time()
            best = _remedied(matter, severed, cuts, cut, ways, now + part * (deadline - now))
            if best is not None:
                cuts = [best[0] if one is cut else one for one in cuts]
                found[best[0]] = best[1]
        if len(found) in (before, len(cuts)):
            break
    return list(found.items())


def _remedied(
    matter: Matter, severed: Severed, cuts: Sequence[Cut], cut: Cut, ways: Sequence[Way], until: float
) -> tuple[Cut, list[Candidate]] | None:
    """The cut, or another that does as much, with changes that make it needless; the nearest ones first."""
    search = replace(severed.search, deadline=until)
    own = _place(matter, severed, cuts, cut)
    others = others_for(severed.court, cuts, cut, severed.heard, until)
    rest = [] if own is None else [(cut, own)]
    for way in ways:
        if way in ways[1:2]:
            for other in islice(others, OTHERS):
                changed = [other if one is cut else one for one in cuts]
                place = _place(matter, severed, changed, other)
                rest += [] if place is None else [(other, place)]
                some = [] if place is None else remedies(search, place, ways[0], KEPT)
                if some:
                    return other, some
        found = [(one, some) for one, place in rest if (some := remedies(search, place, way, KEPT))]
        if found:
            return min(found, key=lambda one: one[1][0].cost + ELSEWHERE * (one[0] is not cut))
    return None


def _place(matter: Matter, severed: Severed, cuts: Sequence[Cut], cut: Cut) -> Workplace | None:
    """The cut's right-hand side where the others are right; None where it lacks nothing then, or has no numbers."""
    levers = tuple(_levers(matter, severed, cuts, cut))
    if not levers or not all(lever.lacks.any() for lever in levers):
        return None
    return workplace_with(severed.search.bench, severed.search.source, Angel(cut.site, "possible"), levers)


def _levers(matter: Matter, severed: Severed, cuts: Sequence[Cut], cut: Cut) -> Iterator[Lever]:
    """What the cut's site lacks at each point, where all cuts are right."""
    bench = severed.search.bench
    for place, (truth, known) in enumerate(matter.truths):
        here = at_point(cuts, bench, truth, known) if place else cuts
        own = next((one for one in here or () if one.site is cut.site), None)
        if here is None or own is None:
            continue
        try:
            moments = moments_of(bench, truth.point, cut.site.number, forcing(here))
        except UNFIT:
            continue
        lever = knowing_lever(moments[: len(own.values)], own.values)
        if lever is not None:
            yield lever


def at_point(cuts: Sequence[Cut], bench: Bench, truth: Truth, known: Adjoints) -> list[Cut] | None:
    """The cuts at a point; None where one of them does not fit there."""
    found = [elsewhere(one, bench, truth, known) for one in cuts]
    kept = [one for one in found if one is not None]
    return kept if len(kept) == len(found) else None
