"""Every site of the backward pass tried: which of them can be the only fault?"""

import ast
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from gradcheck.diagnosis.adjoints import Adjoints
from gradcheck.diagnosis.angelic import wanted_at
from gradcheck.diagnosis.angels import Angel, Wanted
from gradcheck.diagnosis.benches import Bench
from gradcheck.diagnosis.influence import Influence
from gradcheck.diagnosis.layouts import Layout, layout_of
from gradcheck.diagnosis.meanings import meant_at
from gradcheck.diagnosis.outputs import Outputs
from gradcheck.diagnosis.probes import patterned_at, reaches_all, scaled_at
from gradcheck.diagnosis.sites import Site
from gradcheck.errors import GradcheckError
from gradcheck.subject.limits import limited

# Seconds that a site may take at least, and at most: a value tried may make a loop endless.
LEAST, LONG = 0.1, 60.0
# Above so many numbers a site is not solved for: a run for each costs more than the candidates do. Above fewer, what
# the derivatives of the loss would do there is asked first, a run for each of some twenty; where one mends all, that
# is it.
MANY, SEVERAL = 200, 60
# With few unknowns everything is proportional at one point; the others tell (DIAGNOSIS.md section 10.4).
FEW = 12


@dataclass(frozen=True, eq=False)
class Trial:
    """A site of which it is known what it reaches; layout: of what is to be solved for, None where nothing is.

    seconds: of one run.
    """

    angel: Angel
    layout: Layout | None = None
    seconds: float = 0.0


def try_sites(
    bench: Bench,
    influence: Influence,
    wrong: frozenset[str],
    outputs: Outputs,
    deadline: float,
    known: Adjoints | None = None,
) -> list[Angel]:
    """One Angel for every site that ran for the gradient alone, by what is wanted at a point, in the order of the text.

    wrong: the parameters that are. outputs: the user's gradient at the point. deadline: on time.process_time(); what is
    not tried by then stays "unknown". Those of few numbers are tried first: a run for each of many may take all time.
    known: the adjoints of the loss there, by which sites of several numbers are tried before.
    """
    trials = [_begun(bench, bench.sites[n], influence, wrong, outputs, deadline) for n in influence.backward]
    angels = {trial.angel.site.number: trial.angel for trial in trials}
    begun = sorted((trial for trial in trials if trial.layout is not None), key=lambda one: one.angel.size)
    meant = _meant(begun, bench, outputs, deadline, known) if known is not None else {}
    angels |= meant
    for trial in begun:
        if trial.angel.site.number not in meant and not (meant and trial.angel.size > SEVERAL):
            angels[trial.angel.site.number] = _ended(trial, bench, outputs, deadline)
    return [angels[number] for number in influence.backward]


def _meant(
    trials: Sequence[Trial], bench: Bench, outputs: Outputs, deadline: float, known: Adjoints
) -> dict[int, Angel]:
    """By number, the sites of several numbers that a derivative of the loss mends: a run for each such derivative."""
    found = {}
    for trial in trials:
        if (
            trial.layout is not None
            and not trial.layout.is_mask
            and trial.angel.size > SEVERAL
            and time.process_time() < deadline
        ):
            wanted = None
            with suppress(GradcheckError), limited(_rest(deadline)):
                wanted = meant_at(bench, outputs, trial.layout, known, deadline)
            if wanted is not None:
                found[trial.angel.site.number] = replace(trial.angel, status="possible", wanted=(wanted,))
    return found


def try_anew(bench: Bench, site: Site, wrong: frozenset[str], outputs: Sequence[Outputs], deadline: float) -> Angel:
    """The Angel of one site that nothing is known of yet, by what is wanted at one point and confirmed at others."""
    trial = _reached(Angel(site, "unknown", moves=wrong), bench, wrong, outputs[0], deadline)
    angel = trial.angel if trial.layout is None else _ended(trial, bench, outputs[0], deadline)
    return try_elsewhere(angel, bench, outputs[1:], deadline) if angel.wanted else angel


def try_elsewhere(angel: Angel, bench: Bench, outputs: Sequence[Outputs], deadline: float) -> Angel:
    """An angel with what is wanted at other points too: one more, or all of them where it has few numbers.

    It is cleared where no value mends the gradients at one of them.
    """
    found: list[Wanted] = list(angel.wanted)
    if any(one.jacobian is None for one in found):
        return angel  # so many numbers tell enough at one point
    for one in outputs if angel.size <= FEW else outputs[:1]:
        if time.process_time() > deadline:
            break
        try:
            with limited(_rest(deadline)):
                status, wanted = wanted_at(bench, angel.site, one)
        except GradcheckError:
            continue
        if status == "exonerated":
            return _cleared(angel)
        if wanted is not None:
            found.append(wanted)
    return replace(angel, wanted=tuple(found))


def _begun(
    bench: Bench, site: Site, influence: Influence, wrong: frozenset[str], outputs: Outputs, deadline: float
) -> Trial:
    """A site that does not move every wrong number is cleared."""
    moves = influence.moves[site.number]
    unknown = Angel(site, "unknown", moves=moves)
    if moves is None:
        return Trial(unknown)
    if not wrong <= moves:
        forgets = isinstance(site.statement, ast.Return) and not wrong <= set(influence.gradient)
        return Trial(unknown if forgets else _cleared(unknown))  # what is not returned is moved by nothing
    return _reached(unknown, bench, wrong, outputs, deadline, influence.disturbed[site.number])


def _reached(
    unknown: Angel,
    bench: Bench,
    wrong: frozenset[str],
    outputs: Outputs,
    deadline: float,
    disturbed: Mapping[str, Any] | None = None,
) -> Trial:
    """A site that moves every wrong parameter: cleared where it does not move all numbers of each that are wrong."""
    if not wrong <= set(outputs.names) or time.process_time() > deadline:
        return Trial(unknown)  # a gradient of another shape has no numbers to compare
    start = time.process_time()
    try:
        with limited(_rest(deadline)):
            layout = layout_of(bench, outputs.truth.point, unknown.site)
            seconds = time.process_time() - start
            unknown = replace(unknown, size=layout.size)
            if not reaches_all(bench, unknown.site, outputs, disturbed):
                return Trial(_cleared(unknown))
    except GradcheckError:
        return Trial(unknown)
    return Trial(unknown, layout, seconds)


def _ended(trial: Trial, bench: Bench, outputs: Outputs, deadline: float) -> Angel:
    """Is there a value of the site that mends everything?"""
    angel, layout = trial.angel, trial.layout
    assert layout is not None
    if time.process_time() > deadline:
        return angel
    try:
        with limited(_rest(deadline)):
            if layout.size > MANY or layout.size * trial.seconds > deadline - time.process_time():
                return _scaled(angel, bench, outputs, layout, trial.seconds, deadline)
            status, wanted = wanted_at(bench, angel.site, outputs, layout)
    except GradcheckError:
        return angel
    if wanted is None:
        return _cleared(angel) if status == "exonerated" else angel
    return replace(angel, status="possible", wanted=(wanted,))


def _rest(deadline: float) -> float:
    """The seconds that are left for a site."""
    return max(LEAST, min(LONG, deadline - time.process_time()))


def _scaled(angel: Angel, bench: Bench, outputs: Outputs, layout: Layout, seconds: float, deadline: float) -> Angel:
    """A site with too many numbers to solve for: can one factor mend it, or one for each entry every time?"""
    factor = scaled_at(bench, angel.site, outputs, layout)
    if factor is not None:
        return replace(angel, status="possible", factor=factor)
    most = int(min(SEVERAL, (deadline - time.process_time()) / (2 * seconds + 1e-9)))
    wanted = patterned_at(bench, angel.site, outputs, layout, most)
    return angel if wanted is None else replace(angel, status="possible", wanted=(wanted,))


def _cleared(angel: Angel) -> Angel:
    """Exonerated, unless something else in the statement can be at fault: an index, another value, or the shape."""
    site = angel.site
    may_be_else = site.has_subscript or not site.alone or site.kind == "argument" or _keeps_an_axis(site)
    return replace(angel, status="unknown" if may_be_else else "exonerated", wanted=())


def _keeps_an_axis(site: Site) -> bool:
    """Is it reduced along an axis that is kept? Along another one it would have a shape that no value of it has."""
    return any(isinstance(node, ast.keyword) and node.arg == "keepdims" for node in ast.walk(site.expr))
