"""A file whose top is slow: what was found without running that anew is run as a whole once; and what is said of it."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

from gradcheck.diagnosis.edits import apply_edits
from gradcheck.diagnosis.repairs import Repair
from gradcheck.diagnosis.truths import Truth
from gradcheck.diagnosis.verifying import LAST, verified
from gradcheck.program.tops import NO_TOP, Top
from gradcheck.subject.cases import Case

# A top that takes less of a budget is not worth a word; of a budget no more than that is kept for running it once more.
WORTH, HALF = 0.1, 0.5
# On a busy machine a run may take longer than the first one did.
TIMES = 3


def top_of(case: Case) -> Top:
    """What was slow at the top of a case's file in its first run."""
    return case.origin.top if case.origin else NO_TOP


def seconds_at(top: Top) -> float:
    """CPU seconds of all slow statements."""
    return sum(top.seconds.values())


def without_whole_run(case: Case, budget: float) -> float:
    """What a budget leaves for the search where a fix has to be run with a slow top in the end."""
    top = top_of(case)
    return budget - min(seconds_at(top), HALF * budget) if top.kept else budget


def right_as_a_whole(
    case: Case, text: str, repairs: Sequence[Repair], truths: Sequence[Truth], deadline: float
) -> list[Repair]:
    """The repairs with which the whole file, run anew, is right; the first of them is tried in any case.

    deadline: on time.process_time(), for the others.
    """
    top = top_of(case)
    if not top.kept or case.origin is None:
        return list(repairs)
    whole, held = replace(case, origin=replace(case.origin, top=top.outside)), list[Repair]()
    for one in repairs:
        if held and time.process_time() > deadline:
            break
        if verified(whole, apply_edits(text, one.edits), truths, LAST + TIMES * seconds_at(top)):
            held.append(one)
    return held


def remark_on_top(case: Case, budget: float) -> Iterator[str]:
    """Of a budget, what the top of a file took, and how to have it back; nothing where it is little."""
    top = top_of(case)
    seconds = seconds_at(top)
    if seconds >= WORTH * budget > 0:
        line = max(top.seconds, key=lambda one: top.seconds[one])
        each = ", and as much each time that a change is tried" if line in top.again else ""
        yield (
            f"the top of the file took {seconds:.2g} s of CPU (line {line} the most){each}: what loss and gradient do "
            'not need belongs under `if __name__ == "__main__":`'
        )
