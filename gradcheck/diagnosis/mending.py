"""Verified changes for what an inquiry found wrong: one where one may do, several where that is likelier."""

import ast
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial

from gradcheck.diagnosis.by_cuts import Single, mend_by_cuts, severed_in
from gradcheck.diagnosis.fairness import fair_truths_at
from gradcheck.diagnosis.faults import mend_several
from gradcheck.diagnosis.guards import with_guards
from gradcheck.diagnosis.in_question import hands_on
from gradcheck.diagnosis.inquiries import SEARCHED, Inquiry, Point
from gradcheck.diagnosis.pair_faults import Local, innocent, mend_pairs
from gradcheck.diagnosis.preferences import preferred
from gradcheck.diagnosis.remainders import at_other_shapes
from gradcheck.diagnosis.remarks import has_unused
from gradcheck.diagnosis.repairs import Repair, attempt_at, find_more
from gradcheck.diagnosis.reshaping import reshaped
from gradcheck.diagnosis.severing import Severed
from gradcheck.diagnosis.sites import Site
from gradcheck.diagnosis.standings import AGAIN, STARTING, Standing
from gradcheck.diagnosis.truths import Truth
from gradcheck.errors import GradcheckError, TooLarge, UserCodeError
from gradcheck.subject.cases import Case
from gradcheck.subject.limits import limited

# Of the time, so much to see where the backward pass can be cut; so much for cuts where they show several faults; of
# what is left, so much for a single change if one could mend all.
FOR_CUTS, FOR_SEVERAL, FOR_ONE = 0.1, 0.9, 0.6
# One slip on which all that follows hangs, as a loop's head, looks like several faults: so much to see to it first,
# when what is further from the text than a slip may only be what was found by then.
FOR_ROOTS, SLIP = 0.12, 2.0
# So much for trying other shapes, once a change was found.
FOR_SHAPES = 0.2
# What is true at fresh points may take so much of the time for the fixes.
FOR_FRESH = 0.5


LEFT = "one of several faults: it moves the gradient of {name}, which is wrong where all else is right"


@dataclass(frozen=True, eq=False)
class Prospects:
    """What a search for changes begins with. sever: makes the text with its cuts, where they are known.

    fresh: makes the truths at points for verification. deadline: on time.process_time().
    """

    case: Case
    inquiry: Inquiry
    points: Sequence[Point]
    sever: Callable[[], Severed | None]
    fresh: Callable[[], Sequence[Truth]]
    deadline: float

    @property
    def are_several(self) -> bool:
        """Are there several faults, as far as the cuts tell? Not where one derivative of the loss mends all."""
        meant = any(one.grade <= AGAIN for one in self.inquiry.standings)
        severed = None if meant else self.sever()
        return severed is not None and severed.faults > 1

    @property
    def apart(self) -> Mapping[int, str]:
        """The lines of several faults, with what is known of each."""
        severed = self.sever() if self.are_several else None
        return {} if severed is None else {**severed.told, **dict(_left(severed, self.inquiry))}


def prospects_of(case: Case, inquiry: Inquiry, points: Sequence[Point], deadline: float) -> Prospects:
    """What is known before any change is tried; points: as the inquiry's, those of verification last."""
    now = time.process_time()
    rest = FOR_FRESH * (deadline - now)
    program, wrong, others = inquiry.program, inquiry.wrong, points[SEARCHED:]
    fresh = cache(lambda: fair_truths_at(case, others, points[0], wrong, program=program, seconds=rest))

    def sever() -> Severed | None:
        begun = time.process_time()
        with suppress(GradcheckError), limited(max(0.0, deadline - begun)):
            return severed_in(case, inquiry, fresh, begun + FOR_CUTS * (deadline - begun))
        return None

    return Prospects(case, inquiry, points, cache(sever), fresh, deadline)


def _left(severed: Severed, inquiry: Inquiry) -> Iterator[tuple[int, str]]:
    """For each gradient that is wrong with all cuts, the line of the last site that moves such ones alone."""
    left = set(severed.court.outputs.names) - severed.heard.names
    influence, sites = inquiry.influence, inquiry.bench.sites
    for name in sorted(left):
        moving = [n for n in influence.values if name in (influence.moves.get(n) or ()) and not hands_on(sites[n])]
        last = next((n for n in reversed(moving) if (influence.moves[n] or set()) <= left), None)
        if last is not None:
            yield sites[last].statement.lineno, LEFT.format(name=name)


def mend(prospects: Prospects, alone: Sequence[Local]) -> list[Repair]:
    """Verified changes, best first; several at once where no single one does. alone: the case's pairs as they are."""
    case, inquiry, fresh, deadline = prospects.case, prospects.inquiry, prospects.fresh, prospects.deadline
    right = innocent(alone)
    tried = [one for one in inquiry.standings if one.angel.site.is_value and one.angel.site.function not in right]
    now = time.process_time()
    seconds = FOR_SHAPES * (deadline - now)
    shapes = cache(lambda: reshaped(case, prospects.points[-1], inquiry.wrong, time.process_time() + seconds))

    forward = inquiry.influence.forward
    attempt = cache(partial(attempt_at, inquiry.bench, tried, inquiry.truths, fresh, shapes, forward))

    def single(until: float) -> list[Repair]:
        one = attempt()
        return [] if one is None else find_more(one, until)

    try:
        until = _after(_for_one(prospects, tried), deadline)
        local = mend_pairs(case, inquiry, prospects.points, alone, fresh, shapes, until)
        if local:
            return local
        found = with_guards(inquiry, fresh)
        first = single(_after(FOR_ROOTS, deadline)) if prospects.are_several and not found else []
        found = found or [one for one in first if one.cost <= SLIP]
        several = _by_cuts(prospects, single) if prospects.are_several and not found else None
        if several is not None:
            return [at_other_shapes(inquiry.bench.text, several, shapes())]
        found = found or single(_after(_for_one(prospects, tried), deadline)) or first
    except TooLarge:  # nothing could be verified in time
        return []
    if found:
        return preferred(inquiry, found)
    several = None if prospects.are_several else _by_cuts(prospects, single)
    with suppress(UserCodeError), limited(max(0.0, deadline - time.process_time())):
        several = several or mend_several(case, inquiry, fresh, deadline)
    return [] if several is None else [at_other_shapes(inquiry.bench.text, several, shapes())]


def _by_cuts(prospects: Prospects, single: Single) -> Repair | None:
    """Several changes, each where cuts leave a fault alone."""
    now = time.process_time()
    until = _after(FOR_SEVERAL, prospects.deadline)
    severed = prospects.sever()
    if severed is None:
        return None
    with suppress(UserCodeError), limited(max(0.0, prospects.deadline - now)):
        return mend_by_cuts(prospects.case, prospects.inquiry, severed, prospects.fresh, single, until)
    return None


def _after(part: float, deadline: float) -> float:
    """When a part of what is left until then is over."""
    now = time.process_time()
    return now + part * (deadline - now)


def _for_one(prospects: Prospects, tried: Sequence[Standing]) -> float:
    """For which part of the time one change is looked for."""
    inquiry = prospects.inquiry
    can_be_one = any(one.grade <= STARTING and not _returns_all(one.angel.site) for one in tried)
    is_likely = can_be_one or has_unused(inquiry.bench.tree, inquiry.backward)
    return FOR_ONE if is_likely else 1 - FOR_ONE


def _returns_all(site: Site) -> bool:
    """Does a site only hand on what others made? Another value there mends any faults, however many they are."""
    return site.kind == "return" and isinstance(site.expr, ast.Name)
