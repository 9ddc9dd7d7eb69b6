"""The table of opinions: which entries are shown, and what is said of the rest."""

import math
from dataclasses import dataclass

import numpy as np

from gradcheck.report.findings import MARKS, WORDS
from gradcheck.report.numbers import bound, listed, relative, value
from gradcheck.results.outcomes import SEVERITY, Outcome, Reason
from gradcheck.results.result import Result
from gradcheck.results.verdicts import Entry, Verdict

# Up to this many entries all are shown, in the order of the parameters; beyond it the gravest `WORST`.
ALL_ROWS, WORST = 40, 20
NO_VALUES = {Reason.MISSING: "none", Reason.SHAPE: "wrong shape", Reason.NOT_NUMBERS: "no numbers"}
VERBS = {Outcome.AGREE: "agree", Outcome.INCONCLUSIVE: "are inconclusive", Outcome.DISAGREE: "disagree"}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table of opinions."""

    entry: Entry
    mark: str
    word: str
    yours: str
    relative: str
    sees: str


def rows_of(result: Result) -> tuple[Row, ...]:
    """Every entry of a small result; of a large one the gravest, by outcome and relative error."""
    entries = [(verdict, entry) for verdict in result.parameters for entry in _gravest(verdict)]
    if entry_count(result) > ALL_ROWS:
        entries = sorted(entries, key=lambda pair: _gravity(pair[1]))[:WORST]
    return tuple(_row(entry, verdict.reason) for verdict, entry in entries)


def entry_count(result: Result) -> int:
    """How many partials the deciding point has."""
    return sum(verdict.grades.size for verdict in result.parameters)


def counts_of(result: Result) -> dict[Outcome, int]:
    """How many partials have each outcome."""
    return {
        outcome: sum(int((verdict.grades == grade).sum()) for verdict in result.parameters)
        for grade, outcome in enumerate(SEVERITY)
    }


def hidden_in_words(result: Result, rows: tuple[Row, ...]) -> str:
    """What the entries that are not shown say: `1,184 agree and 3 disagree`."""
    hidden = {
        outcome: count - sum(row.entry.outcome is outcome for row in rows)
        for outcome, count in counts_of(result).items()
    }
    return listed([f"{count:,} {VERBS[outcome]}" for outcome, count in hidden.items() if count])


def remarks_of(result: Result) -> tuple[tuple[str, str], ...]:
    """(parameter, what its verdict says beyond its numbers)."""
    return tuple(
        (verdict.name, verdict.remark or (verdict.reason.value if verdict.reason else ""))
        for verdict in result.parameters
        if verdict.remark or verdict.reason
    )


def _gravest(verdict: Verdict) -> list[Entry]:
    """All entries of a small parameter, the gravest of a large one."""
    if verdict.grades.size <= ALL_ROWS:
        return [verdict.entry(index) for index in np.ndindex(*verdict.shape)]
    errors = np.where(np.isnan(verdict.relative_error), np.inf, verdict.relative_error).ravel()
    order = np.lexsort((-errors, -verdict.grades.ravel()))[:WORST]
    places = np.transpose(np.unravel_index(order, verdict.shape))
    return [verdict.entry(tuple(int(place) for place in index)) for index in places]


def _gravity(entry: Entry) -> tuple[int, float]:
    """Sorts the gravest first."""
    error = math.inf if math.isnan(entry.relative_error) else entry.relative_error
    return -SEVERITY.index(entry.outcome), -error


def _row(entry: Entry, reason: Reason | None) -> Row:
    is_rest = entry.outcome is Outcome.AGREE and abs(entry.truth) <= entry.error_bar  # of a zero there is no part
    error = "—" if is_rest or math.isnan(entry.relative_error) else relative(entry.relative_error, _is_wrong(entry))
    if reason in NO_VALUES:  # there is no number to compare, whatever stands in its place
        error = sees = "—"
        return Row(entry, MARKS[entry.outcome], WORDS[entry.outcome], NO_VALUES[reason], error, sees)
    return Row(entry, MARKS[entry.outcome], WORDS[entry.outcome], value(entry.yours), error, bound(entry.resolution))


def _is_wrong(entry: Entry) -> bool:
    return entry.outcome is Outcome.DISAGREE
