"""A verdict on one parameter array, entry by entry."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gradcheck.labels import label
from gradcheck.results.arrays import Floats, frozen
from gradcheck.results.estimates import Ladder
from gradcheck.results.outcomes import SEVERITY, Outcome, Reason

EVERY_ENTRY = "every entry"


@dataclass(frozen=True, slots=True)
class Entry:
    """One partial with every opinion on it; `exact` and `backprop` are None where that opinion could not be had."""

    label: str
    index: tuple[int, ...]
    yours: float
    numeric: float
    error_bar: float
    exact: float | None
    backprop: float | None
    relative_error: float
    resolution: float
    outcome: Outcome

    @property
    def truth(self) -> float:
        """The exact value where there is one, else the numeric one."""
        return self.numeric if self.exact is None else self.exact


@dataclass(frozen=True)
class Verdict:
    """All entries of one parameter: the numbers, and the outcome of each.

    yours, numeric, bar, relative_error, resolution: arrays of the parameter's shape; exact, backprop: the same or
    None. grades: index into SEVERITY per entry (0 agree, 1 inconclusive, 2 disagree). `reason` is set where the outcome
    is not a matter of comparing numbers alone; `remark` is a sentence for the reader ("W1 has shape (2, 3), its
    gradient (3, 2): transpose it"). `ladder` belongs to the worst entry. `pattern`: what all wrong
    entries have in common, where that is beyond doubt ("twice the true value").
    `coverage`: "every entry", or a sentence on what probes along random directions may have missed; there, entries that
    were not estimated alone have `yours` as `numeric`, `bar` is the largest fault that may have been overlooked in
    each, and `resolution` that fault relative to the entry (to 1 % of the root mean square for smaller ones).
    """

    name: str
    yours: Floats
    numeric: Floats
    bar: Floats
    relative_error: Floats
    resolution: Floats
    grades: Floats
    reason: Reason | None = None
    remark: str | None = None
    exact: Floats | None = None
    backprop: Floats | None = None
    ladder: Ladder | None = None
    pattern: str | None = None
    coverage: str = EVERY_ENTRY

    def __post_init__(self) -> None:
        for field in ("yours", "numeric", "bar", "relative_error", "resolution", "grades", "exact", "backprop"):
            if getattr(self, field) is not None:
                object.__setattr__(self, field, frozen(getattr(self, field)))

    @property
    def shape(self) -> tuple[int, ...]:
        """The parameter's shape."""
        return self.numeric.shape

    @property
    def truth(self) -> Floats:
        """The exact values where there are some, else the numeric ones."""
        return self.numeric if self.exact is None else self.exact

    @cached_property
    def outcome(self) -> Outcome:
        """The gravest outcome of all entries; AGREE for a parameter of size 0."""
        return SEVERITY[int(self.grades.max(initial=0))]

    @cached_property
    def worst_index(self) -> tuple[int, ...] | None:
        """The entry to show first: gravest outcome, then largest relative error; None for size 0."""
        if not self.grades.size:
            return None
        error = np.where(np.isnan(self.relative_error), np.inf, self.relative_error)
        gravest = np.where(self.grades == self.grades.max(), error, -1.0)
        return tuple(int(i) for i in np.unravel_index(int(gravest.argmax()), self.shape))

    @cached_property
    def wrong_entries(self) -> tuple[tuple[int, ...], ...]:
        """Every entry that disagrees, in row-major order."""
        wrong = self.grades == SEVERITY.index(Outcome.DISAGREE)
        return tuple(tuple(int(i) for i in index) for index in np.argwhere(wrong))

    @cached_property
    def could_see(self) -> float:
        """The smallest relative fault that would have been seen in every entry (the worst resolution)."""
        return float(self.resolution.max(initial=0.0))

    def entry(self, index: tuple[int, ...]) -> Entry:
        """All opinions on one entry."""
        return Entry(
            label=label(self.name, index),
            index=index,
            yours=float(self.yours[index]),
            numeric=float(self.numeric[index]),
            error_bar=float(self.bar[index]),
            exact=_pick(self.exact, index),
            backprop=_pick(self.backprop, index),
            relative_error=float(self.relative_error[index]),
            resolution=float(self.resolution[index]),
            outcome=SEVERITY[int(self.grades[index])],
        )


def _pick(array: Floats | None, index: tuple[int, ...]) -> float | None:
    return None if array is None else float(array[index])
