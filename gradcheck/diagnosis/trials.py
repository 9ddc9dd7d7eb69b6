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
from gradcheck.subject.limits import limited

# Seconds that a site may take at least, and at most: a value tried may make a loop endless.
LEAST, LONG = 0.1, 60.0
# Above so many numbers a site is not solved for: a run for each costs more than the candidates do.
MANY = 200
# With few unknowns everything is proportional at one point; the others tell (DIAGNOSIS.md section 10.4).
FEW = 12


def try_sites(
    bench: Bench, influence: Influence, wrong: frozenset[str], outputs: Outputs, deadline: float
) -> list[Angel]:
    """One Angel for every site that ran for the gradient alone, by what is wanted at a point, in the order of the text.

    wrong: the parameters that are. outputs: the user's gradient at the point. deadline: on time.process_time(); what is
    not tried by then stays "unknown".
    """
    return [_try(bench, bench.sites[n], influence.moves[n], wrong, outputs, deadline) for n in influence.backward]


def try_anew(bench: Bench, site: Site, wrong: frozenset[str], outputs: Sequence[Outputs], deadline: float) -> Angel:
    """The Angel of one site that nothing is known of yet, by what is wanted at one point and confirmed at others."""
    angel = _try(bench, site, wrong, wrong, outputs[0], deadline)
    return try_elsewhere(angel, bench, outputs[1:], deadline) if angel.wanted else angel


def try_elsewhere(angel: Angel, bench: Bench, outputs: Sequence[Outputs], deadline: float) -> Angel:
    """An angel with what is wanted at other points too: one more, or all of them where it has few numbers.

    It is cleared where no value mends the gradients at one of them.
    """
    found: list[Wanted] = list(angel.wanted)
    for one in outputs if angel.size <= FEW else outputs[:1]:
        if time.process_time() > deadline:
            break
        try:
            with limited(max(LEAST, min(LONG, deadline - time.process_time()))):
                status, wanted = wanted_at(bench, angel.site, one)
        except GradcheckError:
            continue
        if status == "exonerated":
            return _cleared(angel)
        if wanted is not None:
            found.append(wanted)
    return replace(angel, wanted=tuple(found))


def _try(
    bench: Bench, site: Site, moves: frozenset[str] | None, wrong: frozenset[str], outputs: Outputs, deadline: float
) -> Angel:
    unknown = Angel(site, "unknown", moves=moves)
    if moves is None:
        return unknown
    if not wrong <= moves:
        return _cleared(unknown)
    if not wrong <= set(outputs.names):
        return unknown  # a gradient of another shape has no numbers to compare
    try:
        with limited(max(LEAST, min(LONG, deadline - time.process_time()))):
            layout = layout_of(bench, outputs.truth.point, site)
            unknown = replace(unknown, size=layout.size)
            if not reaches_all(bench, site, outputs):
                return _cleared(unknown)
            if layout.size > MANY or time.process_time() > deadline:
                return _scaled(unknown, bench, outputs, layout)
            status, wanted = wanted_at(bench, site, outputs, layout)
    except GradcheckError:
        return unknown
    if wanted is None:
        return _cleared(unknown) if status == "exonerated" else unknown
    return replace(unknown, status="possible", wanted=(wanted,))


def _scaled(angel: Angel, bench: Bench, outputs: Outputs, layout: Layout) -> Angel:
    """A site with too many numbers to solve for: can one factor mend it?"""
    factor = scaled_at(bench, angel.site, outputs, layout)
    return angel if factor is None else replace(angel, status="possible", factor=factor)


def _cleared(angel: Angel) -> Angel:
    """Exonerated, unless something else in the statement can be at fault: an index, or another value."""
    may_be_else = angel.site.has_subscript or not angel.site.alone or angel.site.kind == "argument"
    return replace(angel, status="unknown" if may_be_else else "exonerated", wanted=())
