"""The changes that mend every gradient, each verified by running the changed text at points nothing was fitted to."""

import contextlib
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from functools import cache
from math import inf

from gradcheck.diagnosis.benches import Bench
from gradcheck.diagnosis.edits import apply_swaps, read_source, to_edits
from gradcheck.diagnosis.efforts import BEYOND, Effort, go_on, holds_at
from gradcheck.diagnosis.reshaping import Reshaped
from gradcheck.diagnosis.searches import Found, Search
from gradcheck.diagnosis.silencing import is_felt
from gradcheck.diagnosis.standings import EXONERATED, Standing
from gradcheck.diagnosis.truths import Truth
from gradcheck.diagnosis.verifying import judged, loosened, verified
from gradcheck.errors import UserCodeError
from gradcheck.results.diagnoses import Edit
from gradcheck.subject.limits import limited
from gradcheck.subject.safety import does_io

# So many ways to write what is right are worth reading, so many of them at one statement.
SHOWN, PER_STATEMENT = 5, 2
# Seconds for a candidate: a longer loop is legitimate, one without end is not.
LEAST, TIMES, LONG = 0.1, 10, 60.0
# To verify one change takes some fifty runs, five candidates' time; for that so much of the time that is left is kept.
VERIFYING, KEPT = 5, 0.3
# Bytes of data that the search may take beyond what is held: no backward pass that is run hundreds of times needs more.
MEMORY = 2**30


@dataclass(frozen=True, slots=True)
class Repair:
    """A change of the text with which every gradient is right and the loss is the same.

    line: of the statement that is meant. cost: with the rank of its place; lower is likelier. words: what it changes.
    verified_points: fresh ones; so many of them are of other shapes. coincident: the shapes at which it is wrong.
    """

    edits: tuple[Edit, ...]
    line: int
    cost: float
    words: str
    verified_points: int
    other_shapes: int = 0
    coincident: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Attempt:
    """A search for one change and what holds of what it found; it can be taken up again where its time was up.

    fresh: makes the truths at points of verification; held: by text, what was verified, None where it does not hold.
    """

    effort: Effort
    fresh: Callable[[], Sequence[Truth]]
    held: dict[str, Repair | None] = field(default_factory=dict)


def find_fixes(
    bench: Bench,
    suspects: Sequence[Standing],
    truths: Sequence[Truth],
    fresh: Callable[[], Sequence[Truth]],
    deadline: float,
    shapes: Callable[[], Sequence[Reshaped]] = tuple,
    forward: Collection[int] = (),
) -> list[Repair]:
    """Verified changes, best first, the others equivalent to it; none where none was found in time.

    deadline: on time.process_time(), for the search; the others as in `attempt_at`.
    """
    attempt = attempt_at(bench, suspects, truths, fresh, shapes, forward)
    return [] if attempt is None else find_more(attempt, deadline)


def attempt_at(
    bench: Bench,
    suspects: Sequence[Standing],
    truths: Sequence[Truth],
    fresh: Callable[[], Sequence[Truth]],
    shapes: Callable[[], Sequence[Reshaped]] = tuple,
    forward: Collection[int] = (),
) -> Attempt | None:
    """The search for one change that mends all, not begun yet; None where the file itself would pass.

    suspects: the likeliest first; those that are exonerated are left alone, as are functions that do more than compute.
    truths: at the search points; fresh: makes those at others; shapes: those of other shapes; forward:
    numbers of the sites that the loss depends on.
    """
    safe_in = cache(lambda function: does_io(bench.tree, function) is None)
    safe = [one for one in suspects if one.grade != EXONERATED and safe_in(one.angel.site.function)]
    cleared = frozenset(one.angel.site.number for one in suspects if one.grade == EXONERATED)
    truths = [loosened(bench.original, truth) for truth in truths]
    seconds = _seconds(bench, truths)
    if seconds is None:
        return None
    source = read_source(bench.text)
    search = Search(bench, source, tuple(safe), tuple(truths), -inf, seconds, cleared, shapes, frozenset(forward))
    return Attempt(Effort(search), fresh)


def find_more(attempt: Attempt, deadline: float) -> list[Repair]:
    """What was found by then: verified changes, best first, the others equivalent to it."""
    effort, now = attempt.effort, time.process_time()
    effort.search.deadline = deadline - min(VERIFYING * effort.search.seconds, KEPT * (deadline - now))
    room = limited(max(0.0, effort.search.deadline - now) + LEAST, MEMORY)
    with contextlib.suppress(UserCodeError), room:
        go_on(effort)
    best = sorted(effort.found, key=lambda one: one.cost)
    return _verified(attempt, best, deadline) if best else []


def _seconds(bench: Bench, truths: Sequence[Truth]) -> float | None:
    """What one candidate may take: many times what the file as it is takes; None where the file itself would pass."""
    start = time.process_time()
    if verified(bench.original, bench.text, truths, LONG):
        return None
    return LEAST + TIMES * (time.process_time() - start)


def _holds(search: Search, text: str, fresh: Sequence[Truth]) -> bool:
    """Is the changed text right at the fresh points, and by the judge where they cannot tell?"""
    case, seconds = search.bench.original, search.seconds * len(fresh)
    near = [loosened(case, one) for one in fresh]
    if not verified(case, text, near, seconds) or not judged(case, text, fresh, LONG):
        return False
    return is_felt(case, search.source.text, text, [*search.truths, *near], seconds)


def _verified(attempt: Attempt, found: Sequence[Found], deadline: float) -> list[Repair]:
    """The best that hold at the fresh points too, each text once; the first is verified whatever time it is."""
    good: list[Repair] = []
    texts: set[str] = set()
    for one in _most_general(found):
        if texts and time.process_time() > deadline:
            break
        text = apply_swaps(attempt.effort.search.source.text, one.candidate.swaps)
        at_line = sum(repair.line == one.statement.lineno for repair in good)
        if text in texts or at_line >= PER_STATEMENT:
            continue
        if len(good) >= SHOWN or (good and one.cost > good[0].cost + BEYOND):
            break
        texts.add(text)
        if text not in attempt.held:
            attempt.held[text] = _held(attempt, one, text)
        held = attempt.held[text]
        good += [] if held is None else [held]
    return good


def _held(attempt: Attempt, found: Found, text: str) -> Repair | None:
    """The repair that a candidate is; None where its text does not hold at the fresh points."""
    search, fresh = attempt.effort.search, attempt.fresh()
    if not _holds(search, text, fresh):
        return None
    edits = to_edits(search.source, found.candidate.swaps)
    holds = [i for i in sorted(found.holds) if found.value is None or holds_at(search, search.shapes()[i], found)]
    others = tuple(shape.words for i, shape in enumerate(search.shapes()) if i not in holds)
    points, line = len(fresh) + len(holds), found.statement.lineno
    return Repair(edits, line, found.cost, found.candidate.words, points, len(holds), others)


def _most_general(found: Sequence[Found]) -> list[Found]:
    """Those that are right at all shapes at which any other is: the rest are right by a coincidence of sizes."""
    return [one for one in found if not any(one.holds < other.holds for other in found)]
