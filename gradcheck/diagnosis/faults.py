"""Two and three faults at once: each mended where the others do not reach, all verified together."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

from gradcheck.diagnosis.adjoints import adjoints_at
from gradcheck.diagnosis.benches import Bench, gradients_of, make_bench, restated_case
from gradcheck.diagnosis.edits import apply_edits, apply_swaps
from gradcheck.diagnosis.habits import habitual
from gradcheck.diagnosis.halves import Half, halves_of
from gradcheck.diagnosis.influence import Influence, influence_of
from gradcheck.diagnosis.inquiries import Inquiry, inquire_into, narrowed
from gradcheck.diagnosis.outputs import outputs_of
from gradcheck.diagnosis.remainders import holds_everywhere, last_change, repair_of, wrong_in
from gradcheck.diagnosis.repairs import Repair, find_fixes
from gradcheck.diagnosis.searches import EACH, Search, search_of
from gradcheck.diagnosis.standings import HARDLY
from gradcheck.diagnosis.stepwise import FAULTS, Mended, Task, mend_stepwise
from gradcheck.diagnosis.truths import Truth
from gradcheck.diagnosis.verifying import LAST, verified
from gradcheck.subject.cases import Case
from gradcheck.subject.safety import does_io

# Of the time, so much until names, and until halves, have been followed; so many of those.
FOR_STEPS, FOR_NAMES, FOR_HALVES, HALVES = 0.8, 0.5, 0.8, 6


def mend_several(case: Case, inquiry: Inquiry, fresh: Callable[[], Sequence[Truth]], deadline: float) -> Repair | None:
    """One repair of several edits, verified together; None where none was found in time.

    inquiry: into the text as it is, in which no single change mends all. fresh: makes the truths at other points.
    """
    now, kept = time.process_time(), list(fresh())
    found = (
        _by_steps(case, inquiry, kept, now + FOR_STEPS * (deadline - now))
        or _by_names(inquiry, kept, now + FOR_NAMES * (deadline - now))
        or _by_halves(inquiry, kept, now + FOR_HALVES * (deadline - now))
        or _by_parts(case, inquiry, kept, deadline)
    )
    return None if found is None else repair_of(case, inquiry, found, kept)


def _by_steps(case: Case, inquiry: Inquiry, fresh: Sequence[Truth], deadline: float) -> Mended | None:
    """Slips one after the other, each of which brings more of the backward pass right; the last may be any change."""
    bench, influence, truths = inquiry.bench, inquiry.influence, inquiry.searched

    def finish(current: Case, until: float) -> Mended | None:
        wrong, until = wrong_in(current, truths), min(until, time.process_time() + EACH)
        within = inquire_into(make_bench(current), truths, wrong, until, inquiry.program)
        return last_change(within, fresh, until)

    known = adjoints_at(bench, truths[0].point, influence.in_loss, inquiry.program)
    holds = partial(holds_everywhere, case, bench.text, truths=truths, fresh=fresh)
    task = Task(known, truths, inquiry.changeable, set(), holds, finish, EACH)
    return mend_stepwise(task, case, deadline, FAULTS)


def _by_names(inquiry: Inquiry, fresh: Sequence[Truth], deadline: float, most: int = FAULTS) -> Mended | None:
    """Changes that keep what names promise, one after the other, until the gradients are right or one more will do."""
    influence = inquiry.influence
    known = adjoints_at(inquiry.bench, inquiry.truths[0].point, influence.in_loss, inquiry.program)
    if known is None or most == 1:
        return None
    order = [number for number in influence.values if number in influence.moves and _is_safe(inquiry.bench, number)]
    halves = habitual(_search(inquiry, deadline), known, order)
    return _followed(inquiry, halves, fresh, deadline, lambda one: _by_names(one, fresh, deadline, most - 1))


def _by_halves(inquiry: Inquiry, fresh: Sequence[Truth], deadline: float) -> Mended | None:
    """Two rewritings whose effects add up, or one that leaves what another site can mend."""
    bench, truth = inquiry.bench, inquiry.truths[0]
    sites = (one for one in inquiry.standings if one.angel.site.is_value)
    tried = [one for one in sites if _is_safe(bench, one.angel.site.number)]
    halves = halves_of(_search(inquiry, deadline), tried, outputs_of(truth, gradients_of(bench, truth.point)))
    return _followed(inquiry, halves[:HALVES], fresh, deadline, lambda one: None)


def _search(inquiry: Inquiry, deadline: float) -> Search:
    return search_of(inquiry.bench, inquiry.truths, deadline, EACH)


def _is_safe(bench: Bench, number: int) -> bool:
    return does_io(bench.tree, bench.sites[number].function) is None


def _followed(
    inquiry: Inquiry,
    halves: Iterable[Half],
    fresh: Sequence[Truth],
    deadline: float,
    more: Callable[[Inquiry], Mended | None],
) -> Mended | None:
    """The first of the halves after which nothing is wrong, or what is left is mended: by one change, or by `more`."""
    truths, case = inquiry.searched, inquiry.bench.original
    for half in halves:
        text = apply_swaps(inquiry.bench.text, half.swaps)
        current = restated_case(case, text)
        if current is None or time.process_time() > deadline:
            continue
        wrong, found = wrong_in(current, truths), Mended(text, (), 0.0)
        if wrong:
            until = min(deadline, time.process_time() + EACH)
            within = inquire_into(make_bench(current), truths, wrong, until, inquiry.program)
            rest = last_change(within, fresh, until) or more(within)
            if rest is None:
                continue
            found = rest
        if verified(case, found.text, [*truths, *fresh], LAST):
            return Mended(found.text, (*half.lines, *found.lines), half.cost + found.cost)
    return None


def _by_parts(case: Case, inquiry: Inquiry, kept: Sequence[Truth], deadline: float) -> Mended | None:
    """Two or three changes, each of which mends some of the wrong parameters."""
    truths = inquiry.searched
    current, text, costs, lines = case, inquiry.bench.text, list[float](), list[int]()
    while len(costs) < FAULTS and time.process_time() < deadline:
        found = _one_of_several(current, inquiry, not costs, kept, deadline)
        if found is None:
            return None
        text = apply_edits(text, found.edits)
        costs.append(found.cost)
        lines.append(found.line)
        changed = restated_case(current, text)
        if changed is None:
            return None
        current = changed
        if not wrong_in(current, truths):
            break
    if len(costs) < 2 or not verified(case, text, [*truths, *kept], LAST):
        return None
    return Mended(text, tuple(lines), sum(costs))


def _one_of_several(
    case: Case, inquiry: Inquiry, is_first: bool, fresh: Sequence[Truth], deadline: float
) -> Repair | None:
    """A change that mends some of the wrong parameters and makes no other wrong, for as many as can be.

    inquiry: into the text before any change; is_first: the case is that text, of which all at once were tried in vain.
    """
    truths, wrong = inquiry.searched, wrong_in(case, inquiry.searched)
    bench = make_bench(case)
    influence = inquiry.influence if is_first else influence_of(bench, truths[0].point, deadline)
    shaped = set(outputs_of(truths[0], influence.gradient).names)  # of another shape no value can be solved for
    for part in _parts(influence, wrong, whole=not is_first):
        if time.process_time() > deadline:
            return None
        names = (set(truths[0].values) - wrong) | part
        some, others = ([narrowed(one, names) for one in these] for these in (truths, fresh))
        until = min(deadline, time.process_time() + EACH)
        within = inquire_into(bench, some, part, until, inquiry.program, influence)
        if part <= shaped and not any(one.grade <= HARDLY for one in within.standings):
            continue
        tried = [one for one in within.standings if one.angel.site.is_value]
        fresh_of_part = partial(tuple, others)
        repairs = find_fixes(bench, tried, within.truths, fresh_of_part, until, forward=within.influence.forward)
        if repairs:
            return repairs[0]
    return None


def _parts(influence: Influence, wrong: frozenset[str], whole: bool) -> Iterator[frozenset[str]]:
    """What one of several faults may account for, most first: what a site moves, or what it leaves alone.

    whole: all of them too, first.
    """
    if whole:
        yield wrong
    moved = {moves & wrong for moves in influence.moves.values() if moves}
    parts = moved | {wrong - one for one in moved}
    yield from sorted((one for one in parts if one and one != wrong), key=lambda one: (-len(one), sorted(one)))
