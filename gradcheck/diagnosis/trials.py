"""Every site of the backward pass tried: which of them can be the only fault?"""

import time
from collections.abc import Sequence
from dataclasses import replace

from gradcheck.diagnosis.angelic import Angel, Wanted, reaches_all, scaled_at, wanted_at
from gradcheck.diagnosis.benches import Bench
from gradcheck.diagnosis.influence import Influence
from gradcheck.diagnosis.layouts import Layout, layout_of
from gradcheck.diagnosis.outputs import Outputs
from gradcheck.diagnosis.sites import Site
from gradcheck.errors import GradcheckError

# Above so many numbers a site is not solved for: a run for each costs more than the candidates do.
MANY = 200
# With few unknowns everything is proportional at one point; the others tell (DIAGNOSIS.md section 10.4).
FEW, SEVERAL = 12, 2


def try_sites(
    bench: Bench, influence: Influence, wrong: frozenset[str], points: Sequence[Outputs], deadline: float
) -> list[Angel]:
    """One Angel for every site that ran for the gradient alone, in the order of the text.

    wrong: the parameters that are. points: the user's gradient at several points, the first one decides most.
    deadline: on time.process_time(); what is not tried by then stays "unknown".
    """
    return [_try(bench, bench.sites[n], influence.moves[n], wrong, points, deadline) for n in influence.backward]


def _try(
    bench: Bench,
    site: Site,
    moves: frozenset[str] | None,
    wrong: frozenset[str],
    points: Sequence[Outputs],
    deadline: float,
) -> Angel:
    unknown = Angel(site, "unknown", moves=moves)
    if moves is None:
        return unknown
    if not wrong <= moves:
        return _cleared(unknown)
    first = points[0]
    try:
        layout = layout_of(bench, first.truth.point, site)
        unknown = replace(unknown, size=layout.size)
        if not reaches_all(bench, site, first):
            return _cleared(unknown)
        if layout.size > MANY or time.process_time() > deadline:
            return _scaled(unknown, bench, first, layout)
        status, wanted = wanted_at(bench, site, first, layout)
        if wanted is None:
            return _cleared(unknown) if status == "exonerated" else unknown
        return _elsewhere(replace(unknown, status="possible", wanted=(wanted,)), bench, points, deadline)
    except GradcheckError:
        return unknown


def _elsewhere(angel: Angel, bench: Bench, points: Sequence[Outputs], deadline: float) -> Angel:
    """The angel of one point heard at the others too; a value is needed at each."""
    found: list[Wanted] = list(angel.wanted)
    for outputs in points[1 : len(points) if angel.size <= FEW else SEVERAL]:
        if time.process_time() > deadline:
            break
        status, wanted = wanted_at(bench, angel.site, outputs)
        if status == "exonerated":
            return _cleared(angel)
        if wanted is not None:
            found.append(wanted)
    return replace(angel, wanted=tuple(found))


def _scaled(angel: Angel, bench: Bench, outputs: Outputs, layout: Layout) -> Angel:
    """A site with too many numbers to solve for: can one factor mend it?"""
    factor = scaled_at(bench, angel.site, outputs, layout)
    return angel if factor is None else replace(angel, status="possible", factor=factor)


def _cleared(angel: Angel) -> Angel:
    """Exonerated, unless something else in the statement can be at fault: an index, or another value."""
    may_be_else = angel.site.has_subscript or not angel.site.alone or angel.site.kind == "argument"
    return replace(angel, status="unknown" if may_be_else else "exonerated", wanted=())
