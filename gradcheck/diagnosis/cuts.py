"""Sites that are put right by force: a derivative of the loss that is known need not be computed.

With its true value what comes after it is judged alone, and so is what comes before.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gradcheck.diagnosis.adjoints import Adjoints
from gradcheck.diagnosis.benches import UNFIT, Bench, Hook, gradients_of
from gradcheck.diagnosis.layouts import Layout, layout_of
from gradcheck.diagnosis.purposes import Purpose, purposes_of, values_for
from gradcheck.diagnosis.sites import Site
from gradcheck.diagnosis.truths import Truth
from gradcheck.diagnosis.values import with_numbers
from gradcheck.diagnosis.witnesses import Court, Hearing, hear, right_names
from gradcheck.errors import GradcheckError
from gradcheck.results.arrays import Floats


@dataclass(frozen=True, eq=False)
class Cut:
    """A site with a purpose, and what it should give by that at a point, one execution after the other.

    The last may be left out: what a loop hands on at its end is something else.
    """

    site: Site
    purpose: Purpose
    values: tuple[Floats, ...]


def forcing(cuts: Iterable[Cut]) -> Hook:
    """The hook that gives all cut sites their values, execution by execution; fresh for every run."""
    return giving({cut.site.number: cut.values for cut in cuts})


def giving(values: Mapping[int, Sequence[Floats]]) -> Hook:
    """The hook that gives sites these values by their numbers, execution by execution; fresh for every run."""
    waiting = {number: iter(one) for number, one in values.items()}

    def hook(site: int, value: Any) -> Any:
        new = next(waiting[site], None) if site in waiting else None
        return value if new is None else with_numbers(value, [new])

    return hook


def elsewhere(cut: Cut, bench: Bench, truth: Truth, known: Adjoints) -> Cut | None:
    """The same cut at another point; None where its purpose does not fit there."""
    values = values_for(cut.purpose, layout_of(bench, truth.point, cut.site), known, truth)
    return None if values is None else Cut(cut.site, cut.purpose, tuple(values))


def cuts_at(court: Court, site: Site, ends: bool = False) -> Iterator[Cut]:
    """The cuts that a site can be, one for each purpose; ends: those that are carried on to a parameter."""
    assert court.known is not None
    try:
        layout: Layout = layout_of(court.bench, court.outputs.truth.point, site)
    except GradcheckError:
        return
    for purpose, values in purposes_of(layout, court.known, court.outputs.truth, ends):
        yield Cut(site, purpose, tuple(values))


def row_with(court: Court, cuts: Sequence[Cut]) -> Floats | None:
    """The gradient's numbers with cuts; None where the code raises or gives other shapes."""
    try:
        return court.outputs.row(gradients_of(court.bench, court.outputs.truth.point, forcing(cuts)))
    except UNFIT:
        return None


def names_with(court: Court, cuts: Sequence[Cut]) -> frozenset[str]:
    """The parameters whose gradients are right with cuts."""
    row = row_with(court, cuts)
    return frozenset() if row is None else right_names(court.outputs, row)


def hear_with(court: Court, cuts: Sequence[Cut]) -> Hearing | None:
    """What a run with cuts shows; None where the code raises or gives other shapes."""
    try:
        return hear(court, forcing(cuts))
    except UNFIT:
        return None
