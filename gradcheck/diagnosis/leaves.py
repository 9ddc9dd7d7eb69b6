"""Gradients that are wrong where all cuts are right: each is mended where it is made, by what moves no other."""

import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from gradcheck.diagnosis.adjoints import Adjoints
from gradcheck.diagnosis.angels import Angel
from gradcheck.diagnosis.at_cuts import at_point
from gradcheck.diagnosis.benches import UNFIT, Hook, gradients_of, moments_of
from gradcheck.diagnosis.candidates.places import Candidate
from gradcheck.diagnosis.cuts import Cut, forcing
from gradcheck.diagnosis.in_question import hands_on
from gradcheck.diagnosis.influence import disturbing, is_equal
from gradcheck.diagnosis.layouts import Layout, layout_of, replacing
from gradcheck.diagnosis.levers import Lever, projecting
from gradcheck.diagnosis.missteps import missteps_in
from gradcheck.diagnosis.offers import Way
from gradcheck.diagnosis.outputs import Outputs, outputs_of
from gradcheck.diagnosis.remedies import remedies
from gradcheck.diagnosis.severing import Matter, Severed
from gradcheck.diagnosis.sites import Site
from gradcheck.diagnosis.truths import Truth
from gradcheck.diagnosis.workplaces import Workplace, workplace_with
from gradcheck.results.arrays import Floats

# So many changes of each statement are kept.
KEPT = 4
# A number of a gradient is one that noise was added to, but for rounding.
SAME = 1e-6
# What is added to the values is so large a part of them.
NOISE = 1e-2
# Line, changes there.
Leaf = tuple[int, list[Candidate]]


def changes_of_leaves(
    matter: Matter, severed: Severed, ways: Sequence[Way], deadline: float
) -> dict[frozenset[str], Leaf]:
    """By the gradients that are wrong beside the cuts, changes that bring these right; as far as there are any."""
    left, found = severed.left, dict[frozenset[str], Leaf]()
    places = _places(severed, left, deadline) if left else []
    for names in dict.fromkeys(names for _, names in places):
        if names <= left:
            now, sites = time.process_time(), [site for site, moved in places if moved == names]
            best = _mended(matter, severed, sites, names, ways, now + (deadline - now) / len(left))
            if best is not None:
                found[names] = best
                left -= names
    return found


def _places(severed: Severed, left: frozenset[str], deadline: float) -> list[tuple[Site, frozenset[str]]]:
    """The sites that move nothing but these gradients where the cuts are right, each with those it moves.

    Those first that move most.
    """
    court, cut = severed.court, {one.site.number for one in severed.cuts}
    point, found = court.outputs.truth.point, list[tuple[Site, frozenset[str]]]()
    still = gradients_of(court.bench, point, forcing(severed.cuts))
    for number in sorted(set(map(int, severed.heard.sites)) - cut):
        site = court.bench.sites[number]
        if time.process_time() > deadline:
            break
        if hands_on(site):
            continue
        try:
            moved = gradients_of(court.bench, point, _both(forcing(severed.cuts), disturbing(number)))
        except UNFIT:
            continue
        names = frozenset(name for name in still if not is_equal(still[name], moved.get(name)))
        if names and names <= left:
            found.append((site, names))
    return sorted(found, key=lambda one: (-len(one[1]), one[0].number))


def _both(first: Hook, second: Hook) -> Hook:
    return lambda site, value: second(site, first(site, value))


def _mended(
    matter: Matter, severed: Severed, sites: Sequence[Site], names: frozenset[str], ways: Sequence[Way], until: float
) -> Leaf | None:
    """Changes of one of these sites, or of its statement, which bring the gradients right that they move."""
    for one in missteps_in(severed, {site.statement for site in sites}, until):
        if names <= one.names:
            return one.line, [one.candidate]
    search = replace(severed.search, deadline=until)
    places = [place for site in sites if (place := _place(matter, severed, site, names)) is not None]
    for way in ways:
        told = [(place, some) for place in places if (some := remedies(search, place, way, KEPT))]
        if told:
            place, some = min(told, key=lambda one: one[1][0].cost)
            return place.angel.site.statement.lineno, some
    return None


def _place(matter: Matter, severed: Severed, site: Site, names: frozenset[str]) -> Workplace | None:
    """The site's right-hand side where the cuts are right; None where no value of it is known to mend the gradients."""
    bench = severed.search.bench
    levers = tuple(
        lever
        for place, (truth, known) in enumerate(matter.truths)
        if (lever := _lever(severed, site, names, truth, known if place else None)) is not None
    )
    return workplace_with(bench, severed.search.source, Angel(site, "possible"), levers) if levers else None


def _lever(severed: Severed, site: Site, names: frozenset[str], truth: Truth, known: Adjoints | None) -> Lever | None:
    """What the site's values do to the gradients at a point, and what these lack; known: at another than the first."""
    bench = severed.court.bench
    cuts = severed.cuts if known is None else at_point(severed.cuts, bench, truth, known)
    if cuts is None:
        return None
    try:
        layout = layout_of(bench, truth.point, site)
        moments = moments_of(bench, truth.point, site.number, forcing(cuts))
        have = layout.pack([moment.value for moment in moments])
        outputs = outputs_of(truth, gradients_of(bench, truth.point, forcing(cuts)))
        if have is None or not np.isfinite(have).all() or any(len(shapes) != 1 for shapes in layout.shapes):
            return None
        jacobian = _jacobian(severed, cuts, layout, have, outputs)
    except UNFIT:
        return None
    chosen = _rows_of(outputs, names)
    if jacobian is None or not outputs.residual[chosen].any():
        return None
    seen_by = projecting(int(chosen.sum())) * outputs.weights[chosen]
    shapes = tuple(shapes[0] for shapes in layout.shapes)
    lacks = seen_by @ outputs.residual[chosen]
    return Lever(tuple(moments), shapes, seen_by @ jacobian[chosen], lacks, is_faithful=True)


def _rows_of(outputs: Outputs, names: frozenset[str]) -> Floats:
    """Mask of the numbers of these gradients."""
    parts = [np.full(outputs.truth.values[name][outputs.masks[name]].size, name in names) for name in outputs.names]
    return np.concatenate(parts)


def _jacobian(severed: Severed, cuts: Sequence[Cut], layout: Layout, have: Floats, outputs: Outputs) -> Floats | None:
    """To which numbers of the gradient each of a site's is added, or taken from; None where that is not what happens.

    A run for each execution, in which every number is disturbed by another amount.
    """
    random, found = np.random.default_rng(0), np.zeros((outputs.true.size, have.size))
    sizes = [int(np.prod(shapes[0], dtype=int)) for shapes in layout.shapes]
    for start, end in zip(np.cumsum([0, *sizes[:-1]]), np.cumsum(sizes), strict=True):
        noise = np.zeros(have.size)
        noise[start:end] = NOISE * (np.abs(have).max() or 1.0) * random.uniform(1, 2, end - start)
        values = layout.unpack(have + noise)
        hook = _both(forcing(cuts), replacing(layout.site.number, values))
        row = outputs.row(gradients_of(severed.court.bench, outputs.truth.point, hook))
        if row is None:
            return None
        for place in np.flatnonzero(row != outputs.yours):
            ratios = (row[place] - outputs.yours[place]) / noise[start:end]
            near = np.flatnonzero(np.abs(np.abs(ratios) - 1) < SAME)
            if len(near) != 1:
                return None
            found[place, start + near[0]] = np.sign(ratios[near[0]])
    return found
