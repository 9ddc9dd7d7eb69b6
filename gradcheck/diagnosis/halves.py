"""Two changes, by what each does to the gradients: the one leaves what another site could do, or both add up."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from gradcheck.diagnosis.benches import gradients_of
from gradcheck.diagnosis.edits import Swap
from gradcheck.diagnosis.filtering import compiled, new_text
from gradcheck.diagnosis.levers import writing
from gradcheck.diagnosis.offers import rewritten
from gradcheck.diagnosis.outputs import Outputs
from gradcheck.diagnosis.probes import range_at
from gradcheck.diagnosis.searches import Search
from gradcheck.diagnosis.sites import Site
from gradcheck.diagnosis.standings import Standing
from gradcheck.diagnosis.trials import MANY
from gradcheck.diagnosis.workplaces import workplace_at
from gradcheck.errors import GradcheckError
from gradcheck.results.arrays import Floats
from gradcheck.subject.limits import limited

# Of the time that is left, so much for what every site can do, and so much for all candidates.
FOR_RANGES, FOR_HALVES = 0.25, 0.5


@dataclass(frozen=True, slots=True)
class Half:
    """Changes at different statements; other: a site that could mend what they leave, None where nothing is left."""

    swaps: tuple[Swap, ...]
    lines: tuple[int, ...]
    cost: float
    other: int | None


def halves_of(search: Search, standings: Sequence[Standing], outputs: Outputs) -> list[Half]:
    """The halves among the rewritings of every right-hand side, cheapest first; each is tried by one run.

    standings: of the sites that may be changed. outputs: at the point where all is compared.
    """
    now = time.process_time()
    ranges = _ranges(search, standings, outputs, now + FOR_RANGES * (search.deadline - now))
    found: list[tuple[Half, Floats]] = []
    for one in standings:
        workplace = workplace_at(search.bench, search.source, replace(one.angel, wanted=()), search.truths)
        if workplace is None:
            continue
        for candidate in rewritten(search, workplace):
            if time.process_time() > now + FOR_HALVES * (search.deadline - now):
                break
            row = _row(search, one.angel.site, new_text(workplace.place, candidate), outputs)
            if row is not None:
                other = _left_to(row, outputs, ranges, one.angel.site.number)
                line = one.angel.site.statement.lineno
                found.append((Half(candidate.swaps, (line,), candidate.cost, other), row))
    alone = [half for half, _ in found if half.other is not None]
    return sorted([*alone, *_couples(found, outputs)], key=lambda half: half.cost - 0.5 * (half.other is None))


def _couples(found: Sequence[tuple[Half, Floats]], outputs: Outputs) -> Iterator[Half]:
    """Two changes whose effects add up to what is lacking, where neither changes what the other does."""
    if not found:
        return
    effects = outputs.weights * (np.stack([row for _, row in found]) - outputs.yours)
    lacks = outputs.weights * outputs.residual
    along = np.random.default_rng(0).normal(size=lacks.size)
    shades, near = effects @ along, float(np.abs(along) @ outputs.allowed)
    order = np.argsort(shades)
    for i, shade in enumerate(shades):
        first, last = np.searchsorted(shades[order], (lacks @ along - shade - near, lacks @ along - shade + near))
        for j in order[first:last]:
            one, other = found[i][0], found[j][0]
            if (
                i < j
                and one.lines != other.lines
                and (np.abs(lacks - effects[i] - effects[j]) <= outputs.allowed).all()
            ):
                yield Half((*one.swaps, *other.swaps), one.lines + other.lines, one.cost + other.cost, None)


def _ranges(search: Search, standings: Sequence[Standing], outputs: Outputs, until: float) -> dict[int, Floats]:
    """What each site can do, but for those that could do everything alone: they would make up for any change."""
    found = {}
    for site in (one.angel.site for one in standings):
        if time.process_time() > until:
            break
        try:
            span = range_at(search.bench, site, outputs, MANY)
        except GradcheckError:
            continue
        if span is not None and not _is_within(outputs.residual, outputs, span):
            found[site.number] = span
    return found


def _row(search: Search, site: Site, text: str, outputs: Outputs) -> Floats | None:
    """The gradients' numbers with a site's value by another text; None where that raises, or changes nothing."""
    code = compiled(text)
    if code is None:
        return None
    try:
        with limited(search.seconds):
            row = outputs.row(gradients_of(search.bench, outputs.truth.point, writing(site.number, code)))
    except (GradcheckError, ArithmeticError, ValueError):
        return None
    return None if row is None or np.array_equal(row, outputs.yours) or not np.isfinite(row).all() else row


def _left_to(row: Floats, outputs: Outputs, ranges: dict[int, Floats], own: int) -> int | None:
    """A site that could do what is left."""
    left = outputs.true - row
    return next((n for n, span in ranges.items() if n != own and _is_within(left, outputs, span)), None)


def _is_within(left: Floats, outputs: Outputs, span: Floats) -> bool:
    weighed = outputs.weights * left
    with np.errstate(all="ignore"):
        return bool((np.abs(weighed - span @ (span.T @ weighed)) <= outputs.allowed).all())
