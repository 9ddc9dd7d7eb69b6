"""The exact discrepancy of every wrong hand-written partial that could be traced."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from math import inf, isfinite, nan
from typing import TYPE_CHECKING

from gradcheck.errors import TooLarge, UserCodeError
from gradcheck.program.programs import Program
from gradcheck.results.diagnoses import Discrepancy
from gradcheck.subject.limits import limited

if TYPE_CHECKING:
    from gradcheck.symbolic.partials import Partials

# Each formula is for a reader; a matrix that is wrong throughout says the same thing in every entry, so one is shown.
SHOWN = 4
# So many are looked for: one that is too long to tell costs as much as one that is told.
TRIED = 8


def discrepancies_of(
    program: Program, wrong: Sequence[str], partials: "Partials | None" = None
) -> tuple[Discrepancy, ...]:
    """The first few wrong partials, by label, with what they differ by; partials: of the traced loss, if at hand."""
    return discrepancies_within(inf, program, wrong, partials)[0]


def discrepancies_within(
    seconds: float, program: Program, wrong: Sequence[str], partials: "Partials | None" = None
) -> tuple[tuple[Discrepancy, ...], bool]:
    """(those of them that were found in so many CPU seconds, was that time enough?)."""
    found: dict[str, Discrepancy] = {}
    try:
        with limited(seconds):
            _find(found, program, wrong, partials)
    except UserCodeError:  # none of the user's code runs here: time is up
        return tuple(found.values()), False
    return tuple(found.values()), True


def _find(found: dict[str, Discrepancy], program: Program, wrong: Sequence[str], partials: "Partials | None") -> None:
    """Puts the discrepancies in, by the name of the array, one after another."""
    from gradcheck.symbolic.discrepancies import find_discrepancy
    from gradcheck.symbolic.from_program import system_of_program
    from gradcheck.symbolic.partials import differentiate

    numbers = {label: program.nodes[node].value for label, node in program.gradient.items()}
    told = [label for label in wrong if isfinite(numbers.get(label, nan))]  # of what is NaN there is no formula
    if not told:
        return
    try:
        partials = partials or differentiate(system_of_program(program))
    except TooLarge:
        return
    for label in _turns(told):
        array = label.partition("[")[0]
        one = find_discrepancy(program, label, partials) if array not in found and len(found) < SHOWN else None
        if one is not None:
            found[array] = replace(one, is_local=bool(program.branches))


def _turns(labels: Sequence[str]) -> list[str]:
    """The first entries of every array, in the order of the labels, up to TRIED in all: some formulas are too long."""
    seen = Counter[str]()
    kept = []
    for label in labels:
        seen[label.partition("[")[0]] += 1
        if seen[label.partition("[")[0]] <= SHOWN:
            kept.append(label)
    return kept[:TRIED]
