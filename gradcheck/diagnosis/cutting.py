"""Where a backward pass is cut: one site after another is put right, until every gradient is.

So several faults are as many single ones.
"""

import time
from collections.abc import Iterator, Sequence
from itertools import chain

import numpy as np

from gradcheck.diagnosis.benches import UNFIT, moments_of
from gradcheck.diagnosis.cuts import Cut, cuts_at, forcing, hear_with, names_with, row_with
from gradcheck.diagnosis.in_question import in_question, sites_read_by, without_purpose
from gradcheck.diagnosis.recognition import are_final
from gradcheck.diagnosis.sites import Site
from gradcheck.diagnosis.witnesses import SAME, Court, Hearing, right_names

# More sites than these are not cut.
MOST = 6
# A derivative by something on the way; carried on to a parameter at the end; a gradient itself, which says nothing of
# what comes before it.
KINDS = ("inner", "ending", "final")
# So much more has to be right for a site above another.
CLEARLY = 0.01


def cuts_in(court: Court, base: Hearing, deadline: float) -> tuple[list[Cut], Hearing]:
    """The sites that are cut, as they go wrong, and what shows when all of them are right."""
    cuts, heard = list[Cut](), base
    while len(cuts) < MOST and len(heard.names) < len(court.outputs.names) and time.process_time() < deadline:
        sites = in_question(court, cuts, heard)
        ways = (_telling(court, cuts, heard, sites, deadline, kind) for kind in KINDS)
        found = next(chain.from_iterable(ways), None)
        if found is None:
            break
        cut, heard = _climbed(court, cuts, *found, found[1].names - heard.names, deadline)
        cuts.append(cut)
    return needed(court, cuts), heard


def others_for(court: Court, cuts: Sequence[Cut], cut: Cut, heard: Hearing, deadline: float) -> Iterator[Cut]:
    """Other sites that do as much as one of the cuts beside the rest of them: what it reads first.

    heard: with all cuts.
    """
    rest = [one for one in cuts if one is not cut]
    taken, bench = {one.site.number for one in cuts}, court.bench
    lost = (bench.sites[number] for number in sorted(without_purpose(court, rest)))
    for site in dict.fromkeys((*sites_read_by(court, cut.site), *lost)):
        if site.number not in taken and site.kind != "return" and site.number not in heard.copied:
            for one in cuts_at(court, site):
                if time.process_time() > deadline:
                    return
                if heard.names <= names_with(court, [*rest, one]):
                    yield one


def _telling(
    court: Court, cuts: Sequence[Cut], heard: Hearing, sites: Sequence[Site], deadline: float, kind: str
) -> Iterator[tuple[Cut, Hearing]]:
    """For each of the sites the purpose of a kind that brings most right, where that is any gradient."""
    for site in sites:
        best, most = None, (len(heard.names), heard.score)
        for cut in cuts_at(court, site, ends=kind == "ending"):
            if time.process_time() > deadline:
                break
            if (kind == "final") is not are_final(cut.values, court.outputs.truth):
                continue
            row = row_with(court, [*cuts, cut])
            if row is None or np.array_equal(row, heard.row):
                break  # it moves nothing
            hearing = hear_with(court, [*cuts, cut]) if heard.names < right_names(court.outputs, row) else None
            if hearing is not None and (len(hearing.names), hearing.score) > most:
                best, most = (cut, hearing), (len(hearing.names), hearing.score)
        if best is not None:
            yield best


def _climbed(
    court: Court, cuts: Sequence[Cut], cut: Cut, heard: Hearing, gained: frozenset[str], deadline: float
) -> tuple[Cut, Hearing]:
    """The cut, or one above it with which more is right: at what it reads, at what that reads, and so on.

    gained: the gradients that the cut brings right; others may be right by chance before.
    """
    seen = {one.site.number for one in (*cuts, cut)}
    while time.process_time() < deadline:
        best = None
        for site in (one for one in sites_read_by(court, cut.site) if one.number not in seen):
            seen.add(site.number)
            for one in cuts_at(court, site):
                names = names_with(court, [*cuts, one])
                if len(names) < len(heard.names) or not gained <= names:
                    continue
                hearing = hear_with(court, [*cuts, one])
                if hearing is None:
                    continue
                more = _beside(hearing, site) - _beside(heard, site)
                if more > (CLEARLY if best is None else best[2]):
                    best = one, hearing, more
        if best is None:
            break
        cut, heard, _ = best
    return cut, heard


def _beside(hearing: Hearing, site: Site) -> float:
    """How much is right beside a site."""
    return hearing.score - hearing.shares.get(site.number, 0.0)


def needed(court: Court, cuts: list[Cut]) -> list[Cut]:
    """The cuts without those that are right by themselves when the others are."""
    for cut in tuple(cuts):
        rest = [one for one in cuts if one is not cut]
        if _is_kept(court, cut, rest):
            cuts = rest
    return cuts


def _is_kept(court: Court, cut: Cut, rest: Sequence[Cut]) -> bool:
    """Does a cut's site give what it should where these are right?"""
    try:
        moments = moments_of(court.bench, court.outputs.truth.point, cut.site.number, forcing(rest))
    except UNFIT:
        return False
    pairs = [(np.asarray(moment.value, dtype=float), one) for moment, one in zip(moments, cut.values, strict=False)]
    return len(moments) >= len(cut.values) and all(
        have.shape == one.shape and bool(np.all(np.abs(have - one) <= SAME * np.abs(one).max())) for have, one in pairs
    )
