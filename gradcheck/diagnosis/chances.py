"""A spot where some value of a variable mends every gradient: what is missing there, in every round of its loops."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from math import inf

import numpy as np

from gradcheck.diagnosis.angels import Angel
from gradcheck.diagnosis.benches import Bench, Moment, moments_of
from gradcheck.diagnosis.edits import Source
from gradcheck.diagnosis.idle import Placed, idle_at
from gradcheck.diagnosis.layouts import layout_of
from gradcheck.diagnosis.levers import Lever, lever_of
from gradcheck.diagnosis.outputs import Outputs
from gradcheck.diagnosis.sites import Site
from gradcheck.diagnosis.spots import Spot
from gradcheck.diagnosis.trials import MANY, try_anew
from gradcheck.errors import GradcheckError
from gradcheck.results.arrays import Floats
from gradcheck.subject.limits import limited

WHOLE = "__whole__"


@dataclass(frozen=True, eq=False)
class Chance:
    """A spot with an idle statement there, `d = d`, on the bench.

    angel, levers: of that statement's value. is_sum: the levers tell what is to be added alone, for the statement was
    not tried by itself: what it adds was, after all rounds at once. size: how many numbers that has.
    """

    spot: Spot
    bench: Bench
    source: Source
    angel: Angel
    levers: tuple[Lever, ...]
    is_sum: bool = False


@dataclass(frozen=True, eq=False)
class Prospect:
    """What chances are looked for with: the text, what is wrong, where.

    spots: all that there are. deadline: on time.process_time(). placed: what stands at a spot on a bench; found: what
    is known of a spot already.
    """

    bench: Bench
    source: Source
    spots: tuple[Spot, ...]
    wrong: frozenset[str]
    outputs: tuple[Outputs, ...]
    deadline: float = inf
    placed: dict[Spot, Placed] = field(default_factory=dict)
    found: dict[Spot, Chance | None] = field(default_factory=dict)


def set_out(prospect: Prospect, deadline: float) -> Prospect:
    """The same for a while, with an idle statement at each spot; what is found out both know."""
    spots = sorted(prospect.spots, key=lambda one: "[" in one.target)  # a part may be there for some rounds only
    if not prospect.placed and time.process_time() <= deadline:
        placed = idle_at(prospect.bench, prospect.source, spots, prospect.outputs[0], deadline)
        if time.process_time() <= deadline:  # else some may be left out
            prospect.placed.update(placed)
    return replace(prospect, deadline=deadline)


def chance_of(prospect: Prospect, spot: Spot) -> Chance | None:
    """The chance of a spot; None where no value there mends all, or none is known."""
    if spot in prospect.found:
        return prospect.found[spot]
    found = _chance(prospect, spot)
    if found is not None or time.process_time() <= prospect.deadline:
        prospect.found[spot] = found
    return found


def _chance(prospect: Prospect, spot: Spot) -> Chance | None:
    wider = _widest(spot.whole or spot) if spot.whole or spot.around else None
    known = chance_of(prospect, wider) if wider is not None else None
    if wider is not None and known is None:
        return None
    placed = prospect.placed.get(spot)
    if placed is None:
        return None
    if known is None or not known.levers:  # of several arrays in one each part is tried by itself
        return _tried(prospect, spot, *placed)
    return _shared(spot, known, *placed)


def _widest(spot: Spot) -> Spot:
    """Where all that is added at a spot could be added at once."""
    while spot.around is not None:
        spot = spot.around
    return spot


def _tried(prospect: Prospect, spot: Spot, bench: Bench, source: Source, site: Site) -> Chance | None:
    """By itself: is there any value that mends all?"""
    try:
        with limited(1.0):
            layout = layout_of(bench, prospect.outputs[0].truth.point, site)
    except (GradcheckError, ArithmeticError, ValueError):
        return None
    angel = Angel(site, "unknown", moves=prospect.wrong, size=layout.size)
    if any(len(shapes) != 1 for shapes in layout.shapes):
        return Chance(spot, bench, source, angel, ())
    if layout.is_mask or not 0 < layout.size <= MANY:
        return None
    angel = try_anew(bench, site, prospect.wrong, prospect.outputs, prospect.deadline)
    levers = tuple(lever for wanted in angel.wanted if (lever := lever_of(bench, wanted)) is not None)
    return Chance(spot, bench, source, angel, levers) if levers else None


def _shared(spot: Spot, known: Chance, bench: Bench, source: Source, site: Site) -> Chance | None:
    """By what is known of the spot around it, or of the whole that it is a part of."""
    levers = []
    for wanted, lever in zip(known.angel.wanted, known.levers, strict=False):
        point = wanted.outputs.truth.point
        try:
            moments = moments_of(bench, point, site.number)
            blocks = _blocks(spot, known, lever, moments)
        except Exception:  # whatever an index of the user's raises where it does not belong
            return None
        if not moments or blocks is None:
            return None
        shapes = tuple(np.shape(moment.value) for moment in moments)
        levers.append(Lever(tuple(moments), shapes, np.concatenate(blocks, axis=1), lever.lacks, is_faithful=True))
    angel = replace(known.angel, site=site)
    return Chance(spot, bench, source, angel, tuple(levers), is_sum=True) if levers else None


def _blocks(spot: Spot, known: Chance, lever: Lever, moments: Sequence[Moment]) -> list[Floats] | None:
    """What each execution does to the gradients: as the sum of all does, or as the entries do that it is a part of."""
    ends = np.cumsum([0, *(int(np.prod(shape)) for shape in lever.shapes)])
    which = [0] * len(moments) if len(lever.moments) == 1 else list(range(len(lever.moments)))
    if len(which) != len(moments):
        return None
    whole = spot.whole or spot
    code = compile(f"{WHOLE}{spot.target.removeprefix(whole.target)}", "<part>", "eval")
    found = []
    for i, moment in zip(which, moments, strict=True):
        places = np.arange(ends[i], ends[i + 1]).reshape(lever.shapes[i])
        part = np.asarray(eval(code, {**moment.whole, WHOLE: places}))
        if len(np.unique(part)) != part.size or part.shape != np.shape(moment.value):
            return None
        found.append(lever.jacobian[:, part.ravel()])
    return found
