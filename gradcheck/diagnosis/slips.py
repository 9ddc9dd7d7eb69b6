"""The usual slips at every place of a backward pass, each by what it brings right: values and gradients."""

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from gradcheck.diagnosis.benches import UNFIT, changed_case, make_bench, restated_case
from gradcheck.diagnosis.candidates.places import Candidate
from gradcheck.diagnosis.edits import Swap, apply_swaps
from gradcheck.diagnosis.levers import writing
from gradcheck.diagnosis.offers import FAMILIES
from gradcheck.diagnosis.restating import restated
from gradcheck.diagnosis.rewordings import Rewording, rewordings_of
from gradcheck.diagnosis.searches import Search
from gradcheck.diagnosis.sites import Site
from gradcheck.diagnosis.witnesses import Court, Hearing, hear, retried
from gradcheck.subject.cases import gradient_at
from gradcheck.subject.limits import limited

# So many of the sites that go wrong first are looked at together: the first fault is one of them.
FIRST = 2
# A site that is right in more than this part of its executions is hardly at fault.
MOSTLY = 0.5
# So many changed statements are heard: a bench for each.
HEARD = 8
# What a slip brings right where it stands counts so much of what it brings right elsewhere.
OWN = 0.25
# Of two changes that bring as much right the nearer one is meant.
FAR = 0.1


@dataclass(frozen=True, eq=False)
class Slip:
    """A change of the text, at which line; gain: how much more is right with it; hearing: what its run showed."""

    swaps: tuple[Swap, ...]
    line: int
    cost: float
    gain: float
    hearing: Hearing

    @property
    def worth(self) -> float:
        """For sorting."""
        return self.gain - FAR * self.cost


def slips_of(court: Court, search: Search, base: Hearing) -> Iterator[list[Slip]]:
    """The slips that bring anything right, kind by kind, those first that bring most; within the search's time.

    At the sites that go wrong first, what makes a derivative of the loss of a value that is none, and statements as a
    whole; the same at other sites; then what does not: local partials, above all. base: what the text shows as it is.
    """
    rest: list[Rewording] = []

    def fitting(sites: Sequence[tuple[Site, int]]) -> list[Slip]:
        rewordings = [one for site, turn in sites for one in rewordings_of(court, search, site, turn)]
        rest.extend(one for one in rewordings if not one.fits)
        return list(_heard(court, search, base, [one for one in rewordings if one.fits]))

    sites, late = open_sites(court, base)
    yield _sorted([*fitting(sites[:FIRST]), *_statements(court, search, base)])
    yield from (_sorted(fitting([one])) for one in [*sites[FIRST:], *late])
    yield _sorted(_heard(court, search, base, sorted(rest, key=lambda one: one.candidate.cost)))


def _sorted(slips: Iterable[Slip]) -> list[Slip]:
    """Those that bring anything right, one for each effect."""
    best: dict[bytes, Slip] = {}
    for one in sorted(slips, key=lambda one: -one.worth):
        if one.gain > 0:
            best.setdefault(one.hearing.row.tobytes(), one)
    return list(best.values())


def open_sites(court: Court, base: Hearing) -> tuple[list[tuple[Site, int]], list[tuple[Site, int]]]:
    """Sites that may be wrong, each with the turn that is; the first fault first; and those that hardly are.

    Those are right most times (what goes out of a loop may be what it likes), or may be only a part of what they should
    be: what one of several uses contributes.
    """
    wrong, order = base.tells & ~base.right, list[tuple[bool, int, Site, int]]()
    for number, share in base.shares.items():
        found = base.first(number, wrong) or base.first(number, base.doubtful)
        if number not in base.copied and found is not None:
            order.append((share > MOSTLY, found[0], court.bench.sites[number], found[1]))
    order.sort(key=lambda one: one[:2])
    return [one[2:] for one in order if not one[0]], [one[2:] for one in order if one[0]]


def _is_done(court: Court, base: Hearing, statement: ast.stmt) -> bool:
    """Does a statement give its one name what is right already?"""
    sites = [site for site in court.bench.sites if site.statement is statement and site.is_value]
    return all(
        site.kind == "assign" and str(site.target).isidentifier() and base.shares.get(site.number) == 1
        for site in sites
    ) and bool(sites)


def _heard(court: Court, search: Search, base: Hearing, rewordings: Iterable[Rewording]) -> Iterator[Slip]:
    for one in rewordings:
        if search.is_over:
            return
        try:
            with limited(search.seconds):
                hearing = hear(court, writing(one.site.number, one.code, above=3))
        except UNFIT:
            continue
        if hearing is not None:
            yield _slip(one.candidate, one.site.statement.lineno, hearing, base, one.site.number)


def _slip(candidate: Candidate, line: int, hearing: Hearing, base: Hearing, own: int | None = None) -> Slip:
    """The slip with its gain; own: the site whose value was made right on purpose, which says little."""
    gain = hearing.score - base.score + hearing.further(base, own)
    if own is not None:
        gain -= (1 - OWN) * (hearing.shares.get(own, 0.0) - base.shares.get(own, 0.0))
    return Slip(candidate.swaps, line, candidate.cost, gain, hearing)


def _statements(court: Court, search: Search, base: Hearing) -> Iterator[Slip]:
    """Statements as a whole; heard are those after which the gradients are nearest to the truth."""
    near: list[tuple[float, str, int, Candidate]] = []
    for _, statement, candidate in restated(search.bench, search.source, sorted(court.functions), FAMILIES):
        if search.is_over:
            return
        if _is_done(court, base, statement):
            continue
        text = apply_swaps(search.source.text, candidate.swaps)
        far = _distance(court, search, text)
        if far is not None:
            near.append((far, text, statement.lineno, candidate))
    for _, text, line, candidate in sorted(near, key=lambda one: one[0])[:HEARD]:
        case = restated_case(search.bench.original, text)
        hearing = hear(retried(court, make_bench(case))) if case else None
        if hearing is not None:
            yield _slip(candidate, line, hearing, base)


def _distance(court: Court, search: Search, text: str) -> float | None:
    """How many of the gradient's numbers a text has wrong; None where it is as before, or cannot be run."""
    outputs = court.outputs
    try:
        with limited(search.seconds):
            case = changed_case(search.bench.original, text)
            row = outputs.row(gradient_at(case, outputs.truth.point, upcast=True))
    except (Exception, SystemExit):
        return None
    if row is None or np.array_equal(row, outputs.yours):
        return None
    with np.errstate(all="ignore"):
        off = outputs.weights * np.abs(outputs.true - row)
    return float(np.mean(np.minimum(np.where(np.isfinite(off), off, 1.0), 1.0)))
