"""What a search for a fix has at hand, and what it finds."""

import ast
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from gradcheck.diagnosis.benches import Bench
from gradcheck.diagnosis.candidates.places import Candidate
from gradcheck.diagnosis.edits import Source, read_source
from gradcheck.diagnosis.reshaping import Reshaped
from gradcheck.diagnosis.standings import (
    AGAIN,
    ALONE,
    COPIED,
    HARDLY,
    MEANT,
    PAIRED,
    POSSIBLE,
    RIGHT,
    SPREAD,
    STARTING,
    UNKNOWN,
    Standing,
)
from gradcheck.diagnosis.truths import Truth

# Seconds of CPU for one candidate where several faults are looked for.
EACH = 3.0
# What a place further down the list of suspects costs (DIAGNOSIS.md 1.11), or one less likely for a reason; ranks
# beyond the last say no more. A function that makes the loss as well is seldom the one to change.
RANKED, LATE, SHARED = 0.12, 10, 0.5
GRADED = {
    MEANT: 0.0,
    AGAIN: 0.0,
    POSSIBLE: 0.1,
    ALONE: 0.1,
    SPREAD: 0.1,
    HARDLY: 0.4,
    STARTING: 0.6,
    UNKNOWN: 0.3,
    RIGHT: 0.8,
    COPIED: 1.0,
    PAIRED: 1.2,
}


@dataclass(eq=False)
class Search:
    """What the search has at hand.

    suspects: the likeliest first, none exonerated. deadline: on time.process_time(), put off where the search is taken
    up again. seconds: for each candidate.
    cleared: numbers of the sites that are exonerated. shapes: makes the cases of other shapes.
    forward: numbers of the sites that the loss depends on.
    """

    bench: Bench
    source: Source
    suspects: tuple[Standing, ...]
    truths: tuple[Truth, ...]
    deadline: float
    seconds: float
    cleared: frozenset[int] = frozenset()
    shapes: Callable[[], Sequence[Reshaped]] = tuple
    forward: frozenset[int] = frozenset()

    @property
    def is_over(self) -> bool:
        """Has the time been used up?"""
        return time.process_time() > self.deadline

    @property
    def shared_functions(self) -> frozenset[str]:
        """The functions of which not every value is suspected: the loss depends on them too, or they are not run."""
        suspected = {one.angel.site.number for one in self.suspects}
        return frozenset(
            site.function for site in self.bench.sites if site.is_value and site.number not in suspected | self.cleared
        )


@dataclass(frozen=True, slots=True)
class Found:
    """A candidate that passed at the search points.

    cost: with the rank of its place. holds: the places of the other shapes at which it is right too, in their row.
    value: the number of the site of which it is another right-hand side, and that; None where it is more than that.
    """

    candidate: Candidate
    statement: ast.stmt
    cost: float
    holds: frozenset[int] = frozenset()
    value: tuple[int, str] | None = None


def search_of(
    bench: Bench, truths: Sequence[Truth], deadline: float, seconds: float, functions: Collection[str] | None = None
) -> Search:
    """A search of a bench's text with no suspects; functions: that may be changed, the loss depends on all others."""
    forward = frozenset(
        one.number for one in bench.sites if one.is_value and functions is not None and one.function not in functions
    )
    return Search(bench, read_source(bench.text), (), tuple(truths), deadline, seconds, forward=forward)


def by_distance(search: Search) -> list[tuple[Standing, float]]:
    """The suspects with what their place costs."""
    shared = search.shared_functions
    return [
        (one, RANKED * min(rank, LATE) + GRADED[one.grade] + SHARED * (one.angel.site.function in shared))
        for rank, one in enumerate(search.suspects)
    ]
