"""Faults mended by cuts of the backward pass, with the searches for one change that an inquiry has at hand."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from gradcheck.diagnosis.adjoints import Adjoints, adjoints_at, with_parts
from gradcheck.diagnosis.benches import make_bench
from gradcheck.diagnosis.feigning import is_marked
from gradcheck.diagnosis.inquiries import Inquiry, inquire_into
from gradcheck.diagnosis.means import with_means
from gradcheck.diagnosis.remainders import as_text, holds_everywhere, last_change, repair_of, wrong_in
from gradcheck.diagnosis.repairs import Repair
from gradcheck.diagnosis.searches import EACH
from gradcheck.diagnosis.separately import mend_separately
from gradcheck.diagnosis.severing import Matter, Severed, sever
from gradcheck.diagnosis.stepwise import Mended
from gradcheck.diagnosis.truths import Truth
from gradcheck.diagnosis.verifying import LAST, verified
from gradcheck.subject.cases import Case

# Looks for one change until a time; what was found, best first.
Single = Callable[[float], list[Repair]]
# Of the time for one change so much to see who may be at fault; cuts are looked at, at so many points.
FOR_WHO, TOLD = 0.4, 2


def mend_by_cuts(
    case: Case,
    inquiry: Inquiry,
    severed: Severed,
    fresh: Callable[[], Sequence[Truth]],
    single: Single,
    deadline: float,
) -> Repair | None:
    """The same, each fault mended where cuts leave it alone; the last one may be any change.

    single: goes on to look for one change that mends the text as it is.
    """
    matter = matter_of(case, inquiry, fresh, single)
    found = None if matter is None else mend_separately(matter, case, severed, deadline)
    return None if found is None else repair_of(case, inquiry, found, fresh())


def severed_in(case: Case, inquiry: Inquiry, fresh: Callable[[], Sequence[Truth]], deadline: float) -> Severed | None:
    """The text of a case with its cuts; None where they are not known."""
    matter = matter_of(case, inquiry, fresh)
    return None if matter is None else sever(matter, case, deadline)


def matter_of(
    case: Case, inquiry: Inquiry, fresh: Callable[[], Sequence[Truth]], one_change: Single = lambda until: []
) -> Matter | None:
    """What a search by cuts needs; None where the derivatives of the loss are not known."""
    bench, truths = inquiry.bench, inquiry.searched

    def holds(text: str) -> bool:
        return verified(case, text, truths, LAST) and holds_everywhere(case, bench.text, text, truths, fresh())

    def finish(current: Case, until: float) -> Mended | None:
        if current is case:
            return next((as_text(bench.text, one) for one in one_change(until)), None)
        wrong, now = wrong_in(current, truths), time.process_time()
        if not wrong:
            text = make_bench(current).text
            return Mended(text, (), 0.0) if holds(text) else None
        within = inquire_into(make_bench(current), truths, wrong, now + FOR_WHO * (until - now), inquiry.program)
        return last_change(within, fresh(), until)

    def single(feigned: Case, some: Sequence[Truth], until: float) -> Mended | None:
        wrong, now = wrong_in(feigned, some), time.process_time()
        if not wrong:
            return None
        within = inquire_into(make_bench(feigned), some, wrong, now + FOR_WHO * (until - now), inquiry.program)
        kept = tuple(one for one in within.standings if not is_marked(one.angel.site.text))
        return last_change(replace(within, standings=kept), (), until)

    told = tuple(_told(inquiry))
    return Matter(told, inquiry.changeable, holds, finish, single, EACH) if told else None


def _told(inquiry: Inquiry) -> Iterator[tuple[Truth, Adjoints]]:
    """The truths at up to two points with the derivatives of the loss there."""
    bench, influence, roles = inquiry.bench, inquiry.influence, -1
    for place, truth in enumerate(inquiry.searched[:TOLD]):
        known = None if place else adjoints_at(bench, truth.point, influence.in_loss, inquiry.program)
        known = with_means(with_parts(bench, truth.point, influence.in_loss, known))
        if known is None or roles not in (-1, len(known.every)):
            return
        roles = len(known.every)
        yield truth, known
