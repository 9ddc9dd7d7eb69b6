"""How much of a backward pass is right: which of its values are derivatives of the loss, and which gradients.

Behind a fault nothing is right, before it everything: so each of several faults hides what comes after it. A change
that mends one of them brings the values up to the next one right, though no gradient need be right yet.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradcheck.backprop.replay import derivatives_of
from gradcheck.diagnosis.adjoints import Adjoints
from gradcheck.diagnosis.benches import Bench, Hook, gradients_of
from gradcheck.diagnosis.outputs import Outputs, outputs_of
from gradcheck.diagnosis.promises import promise_of
from gradcheck.diagnosis.truths import Truth
from gradcheck.diagnosis.values import numbers_in
from gradcheck.results.arrays import Floats

Mask = NDArray[Any]
# The same number from another order of summation. Of some thousand derivatives none is so near another by chance.
SAME = 1e-9
# A gradient whose error is so small a part of it is right: what is wrong elsewhere may be far larger.
CLOSE = 1e-7


@dataclass(frozen=True, eq=False)
class Court:
    """What is known before anything is heard: all derivatives of the loss, what single uses of numbers contribute to
    them, and all that the loss computes, each sorted.

    functions: those whose values are looked at; watched: the numbers of these sites. promised: by site, the partial
    derivative that its name says it is.
    """

    bench: Bench
    outputs: Outputs
    known: Adjoints | None
    derivatives: Floats
    parts: Floats
    computed: Floats
    functions: frozenset[str]
    watched: frozenset[int]
    promised: Mapping[int, float]

    def are_right(self, site: int, columns: Floats) -> Any:
        """Mask of the columns that may be a site's value: what its name promises, or derivatives of the loss.

        Only zeros and ones are none.
        """
        if site in self.promised:
            apart = np.abs(columns - self.promised[site])
            return np.all(apart <= SAME * abs(self.promised[site]), axis=0)
        return np.all(are_near(columns, self.derivatives), axis=0) & np.any(are_telling(columns), axis=0)


@dataclass(frozen=True, eq=False)
class Hearing:
    """What one run showed. row: the gradient's numbers; names: of the parameters whose gradients are right.

    sites: of every value in the order of the run; right: is it a derivative of the loss, or what its name promises?
    tells: is it more than zeros and ones? doubtful: is it only what one of several uses contributes to a derivative?
    copied: sites that only compute what the loss computes.
    """

    row: Floats
    names: frozenset[str]
    sites: Mask
    right: Mask
    tells: Mask
    doubtful: Mask
    copied: frozenset[int]

    @cached_property
    def shares(self) -> dict[int, float]:
        """By site, which part of what it gave, where that tells anything, is right."""
        return {n: float(self.right[mask].mean()) for n in np.unique(self.sites) if (mask := self._told(n)).any()}

    @property
    def score(self) -> float:
        """How much is right."""
        return len(self.names) + sum(self.shares.values())

    def first(self, site: int, wrong: Mask) -> tuple[int, int] | None:
        """(place among all values, turn) of a site's first value in a mask; None where there is none."""
        places = np.flatnonzero(self.sites == site)
        turns = np.flatnonzero((wrong & self.tells)[places])
        return (int(places[turns[0]]), int(turns[0])) if turns.size else None

    def further(self, base: "Hearing", own: int | None = None) -> int:
        """How many sites but one have values that came right, up to the first that is wrong after them.

        In a loop a second fault makes every turn but the first wrong, whatever is mended.
        """
        if not np.array_equal(self.sites, base.sites):
            return 0
        new = self.right & ~base.right & self.tells & (self.sites != own)
        never = [site for site, share in self.shares.items() if not share and not base.shares.get(site)]
        wrong = self.tells & ~self.right & ~np.isin(self.sites, [*never, *self.copied])
        if not new.any():
            return 0
        start = int(np.argmax(new))
        after = np.flatnonzero(wrong[start:])
        end = start + int(after[0]) if after.size else len(new)
        return len(np.unique(self.sites[start:end][new[start:end]]))

    def _told(self, site: int) -> Mask:
        return np.asarray(self.tells & (self.sites == site))


def court_at(bench: Bench, truth: Truth, known: Adjoints | None, functions: Collection[str]) -> Court:
    """The court for the backward passes of these functions at a truth's point; raises UserCodeError.

    known: the derivatives of the loss by what it computes; None where only those by its parameters are.
    """
    values = [np.ravel(array) for array in truth.values.values()]
    wholes, parts = (np.zeros(0) if known is None else known.sorted), np.zeros(0)
    if known is not None and known.program is not None:
        wholes, parts = derivatives_of(known.program)
    if known is not None:
        values += [np.ravel(array) for role in known.every for array in role.adjoints]
    inputs = [np.ravel(array) for array in truth.point.values()]
    computed = np.concatenate([*inputs, np.zeros(0) if known is None else known.values])
    court = Court(
        bench=bench,
        outputs=outputs_of(truth, gradients_of(bench, truth.point)),
        known=known,
        derivatives=in_order(np.concatenate([*values, wholes])),
        parts=in_order(parts),
        computed=in_order(computed),
        functions=frozenset(functions),
        watched=frozenset(),
        promised={},
    )
    return retried(court, bench)


def retried(court: Court, bench: Bench) -> Court:
    """The same for a bench of another text of the file."""
    sites = [site for site in bench.sites if site.is_value and site.function in court.functions]
    promises = {site.number: promise_of(site, court.known) for site in sites} if court.known else {}
    promised = {number: promise.value for number, promise in promises.items() if promise is not None}
    return replace(court, bench=bench, watched=frozenset(site.number for site in sites), promised=promised)


def in_order(numbers: Floats) -> Floats:
    """Those that are finite, sorted."""
    return np.asarray(np.sort(numbers[np.isfinite(numbers)]))


def hear(court: Court, hook: Hook | None = None) -> Hearing | None:
    """What a run with a hook shows; None where the gradient has not its shapes. Raises UserCodeError."""
    events: list[tuple[int, Floats]] = []

    def listening(site: int, value: Any) -> Any:
        new = value if hook is None else hook(site, value)
        if site in court.watched:
            flat = flat_of(new)
            if flat is not None:
                events.append((site, flat))
        return new

    row = court.outputs.row(gradients_of(court.bench, court.outputs.truth.point, listening))
    return None if row is None else _heard(court, row, events)


def flat_of(value: Any) -> Floats | None:
    """A value's numbers as one vector of its own; None where it holds none, or several arrays."""
    if type(value) is float or type(value) is np.float64:
        return np.array([value])
    if type(value) is np.ndarray and value.dtype == np.float64 and value.size:
        return value.ravel().copy()
    found = numbers_in(value) if type(value) is not int else []
    return found[0].ravel() if len(found) == 1 and found[0].size else None


def _heard(court: Court, row: Floats, events: list[tuple[int, Floats]]) -> Hearing:
    """All values of a run looked up at once."""
    names = right_names(court.outputs, row)
    if not events:
        none = np.zeros(0, dtype=bool)
        return Hearing(row, names, np.zeros(0, dtype=int), none, none, none, frozenset())
    sites = np.array([site for site, _ in events])
    flat = np.concatenate([numbers for _, numbers in events])
    starts = list(accumulate((numbers.size for _, numbers in events[:-1]), initial=0))
    whole, part, copies = (
        np.logical_and.reduceat(are_near(flat, known), starts)
        for known in (court.derivatives, court.parts, court.computed)
    )
    tells, right = np.logical_or.reduceat(are_telling(flat), starts), whole | part
    for place, (site, numbers) in enumerate(events):
        if site in court.promised:
            right[place] = whole[place] = court.are_right(site, numbers[:, None])[0]
            tells[place] = True
    told = {int(n): (sites == n) & tells for n in np.unique(sites) if n not in court.promised}
    copied = {number for number, mask in told.items() if mask.any() and copies[mask].all()}
    return Hearing(row, names, sites, right, tells, part & ~whole, frozenset(copied))


def right_names(outputs: Outputs, row: Floats) -> frozenset[str]:
    """The parameters whose gradients are right in a row of the outputs."""
    with np.errstate(all="ignore"):
        right = outputs.weights * np.abs(outputs.true - row) <= 3 * outputs.weights * outputs.bars + CLOSE
    ends = list(accumulate(outputs.truth.values[name][outputs.masks[name]].size for name in outputs.names))
    return frozenset(
        name for name, start, end in zip(outputs.names, [0, *ends], ends, strict=False) if right[start:end].all()
    )


def are_near(numbers: Floats, known: Floats) -> Any:
    """Mask of those that are zero or among the sorted ones."""
    if known.size < 2:
        return numbers == 0
    after = np.clip(np.searchsorted(known, numbers), 1, known.size - 1)
    with np.errstate(all="ignore"):
        near = np.minimum(np.abs(known[after] - numbers), np.abs(known[after - 1] - numbers))
        return (numbers == 0) | ((near <= SAME * np.abs(numbers)) & np.isfinite(numbers))


def are_telling(numbers: Floats) -> Any:
    """Mask of those that are neither zero nor one, by size."""
    return (numbers != 0) & (np.abs(np.abs(numbers) - 1) > SAME)
