"""The changes that mend every gradient, each verified by running the changed text at points nothing was fitted to."""

import contextlib
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import cache

from gradcheck.diagnosis.benches import Bench
from gradcheck.diagnosis.edits import apply_swaps, read_source, to_edits
from gradcheck.diagnosis.reshaping import Reshaped
from gradcheck.diagnosis.searches import Found, Search
from gradcheck.diagnosis.searching import BEYOND, search_for
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

    suspects: the likeliest first; those that are exonerated are left alone, as are functions that do more than compute.
    truths: at the search points; fresh: makes those at others; shapes: those of other shapes; forward:
    numbers of the sites that the loss depends on. deadline: on time.process_time(), for the search.
    """
    safe_in = cache(lambda function: does_io(bench.tree, function) is None)
    safe = [one for one in suspects if one.grade != EXONERATED and safe_in(one.angel.site.function)]
    cleared = frozenset(one.angel.site.number for one in suspects if one.grade == EXONERATED)
    truths = [loosened(bench.original, truth) for truth in truths]
    seconds = _seconds(bench, truths)
    if seconds is None:
        return []
    source = read_source(bench.text)
    until = deadline - min(VERIFYING * seconds, KEPT * (deadline - time.process_time()))
    search = Search(bench, source, tuple(safe), tuple(truths), until, seconds, cleared, shapes, frozenset(forward))
    best = sorted(_found(search), key=lambda one: one.cost)
    return _verified(search, best, fresh(), deadline) if best else []


def _found(search: Search) -> list[Found]:
    """What passes, as far as time allows."""
    found = []
    with contextlib.suppress(UserCodeError), limited(max(0.0, search.deadline - time.process_time()) + LEAST, MEMORY):
        for one in search_for(search):
            found.append(one)  # one by one: what was found before time is up is kept
    return found


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


def _verified(search: Search, found: Sequence[Found], fresh: Sequence[Truth], deadline: float) -> list[Repair]:
    """The best that hold at the fresh points too, each text once; the first is verified whatever time it is."""
    good: list[Repair] = []
    texts: set[str] = set()
    for one in _most_general(found):
        if texts and time.process_time() > deadline:
            break
        text = apply_swaps(search.source.text, one.candidate.swaps)
        at_line = sum(repair.line == one.statement.lineno for repair in good)
        if text in texts or at_line >= PER_STATEMENT:
            continue
        if len(good) >= SHOWN or (good and one.cost > good[0].cost + BEYOND):
            break
        texts.add(text)
        if _holds(search, text, fresh):
            edits = to_edits(search.source, one.candidate.swaps)
            others = tuple(shape.words for i, shape in enumerate(search.shapes()) if i not in one.holds)
            points, line = len(fresh) + len(one.holds), one.statement.lineno
            good.append(Repair(edits, line, one.cost, one.candidate.words, points, len(one.holds), others))
    return good


def _most_general(found: Sequence[Found]) -> list[Found]:
    """Those that are right at all shapes at which any other is: the rest are right by a coincidence of sizes."""
    return [one for one in found if not any(one.holds < other.holds for other in found)]
