"""A statement that is missing altogether: which one, after which line, added to or multiplied into what is there."""

import ast
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from gradcheck.diagnosis.angelic import Angel
from gradcheck.diagnosis.benches import Bench, gradients_of, make_bench, moments_of
from gradcheck.diagnosis.candidates.insertions import insertions
from gradcheck.diagnosis.candidates.places import Candidate
from gradcheck.diagnosis.edits import Source, Swap, apply_swaps, read_source
from gradcheck.diagnosis.filtering import new_text, passing
from gradcheck.diagnosis.fitting import fits_of
from gradcheck.diagnosis.grips import grips_of
from gradcheck.diagnosis.levers import Lever, lever_of
from gradcheck.diagnosis.outputs import Outputs, outputs_of
from gradcheck.diagnosis.sites import Site
from gradcheck.diagnosis.spots import Spot, rounds_in, totals_in
from gradcheck.diagnosis.terms import products_of
from gradcheck.diagnosis.trials import try_anew
from gradcheck.diagnosis.truths import Truth, wrong_names
from gradcheck.diagnosis.workplaces import Workplace, terms_at, workplace_with

# A whole statement is more than a term, and one that multiplies is rarer than one that adds. By how it stores, with
# what does nothing.
COSTS = {"+=": 0.5, "*=": 0.6, "=": 0.5}
IDLE = {"+=": "0.0", "*=": "1.0"}


@dataclass(frozen=True, eq=False)
class Chance:
    """A spot where some value mends every gradient: the text with an idle statement there, on the bench.

    angel, levers: of that statement's value.
    """

    spot: Spot
    how: str
    bench: Bench
    source: Source
    angel: Angel
    levers: tuple[Lever, ...]


def missing_in(
    bench: Bench, source: Source, function: ast.FunctionDef, truths: Sequence[Truth], deadline: float, seconds: float
) -> Iterator[tuple[ast.stmt, Candidate]]:
    """(the statement before, the candidate) for every statement whose addition passes at the search points.

    truths: the first one tells what is wrong. deadline: on time.process_time(). seconds: that a candidate may take.
    """
    outputs = [outputs_of(truth, gradients_of(bench, truth.point)) for truth in truths]
    wrong = wrong_names(truths[0], gradients_of(bench, truths[0].point))

    def tried(spot: Spot, how: str, known: Chance | None = None) -> Iterator[tuple[ast.stmt, Candidate]]:
        chance = _chance(bench, source, spot, how, wrong, outputs, deadline, known)
        yield from _passing(chance, truths, seconds) if chance is not None else ()

    for spot in totals_in(source, function, wrong):
        total = _chance(bench, source, spot, "+=", wrong, outputs, deadline)
        if total is not None:
            yield from _passing(total, truths, seconds)
            yield from tried(spot, "*=")
    for rounds in rounds_in(source, function, wrong):
        after = rounds.total
        total = None if after is None else _chance(bench, source, after, "+=", wrong, outputs, deadline)
        if after is None or total is not None:
            yield from _first(tried(end, rounds.how, total) for end in rounds.ends)


def _first(tries: Iterator[Iterator[tuple[ast.stmt, Candidate]]]) -> list[tuple[ast.stmt, Candidate]]:
    """What the first of them finds that finds anything."""
    return next(filter(None, map(list, tries)), [])


def _chance(
    bench: Bench,
    source: Source,
    spot: Spot,
    how: str,
    wrong: frozenset[str],
    outputs: Sequence[Outputs],
    deadline: float,
    total: Chance | None = None,
) -> Chance | None:
    """The chance of a spot, None where no value there mends all; total: of a statement that adds it all up."""
    if time.process_time() > deadline:
        return None
    placed = _placed(bench, source, spot, how)
    if placed is None:
        return None
    tried, text, site = placed
    if total is not None:
        levers = _summed(tried, site, total)
        return Chance(spot, how, tried, text, replace(total.angel, site=site), levers)
    angel = try_anew(tried, site, wrong, outputs, deadline)
    levers = tuple(lever for wanted in angel.wanted if (lever := lever_of(tried, wanted)) is not None)
    return Chance(spot, how, tried, text, angel, levers) if levers else None


def _summed(bench: Bench, site: Site, total: Chance) -> tuple[Lever, ...]:
    """Levers of a statement in every round of a loop, by those of one that adds the sum of them after it."""
    found = []
    for wanted, lever in zip(total.angel.wanted, total.levers, strict=False):
        moments = moments_of(bench, wanted.outputs.truth.point, site.number)
        if moments:
            tiled = np.tile(lever.jacobian, (1, len(moments)))
            found.append(Lever(tuple(moments), lever.shapes * len(moments), tiled, lever.lacks, is_faithful=True))
    return tuple(found)


def _placed(bench: Bench, source: Source, spot: Spot, how: str) -> tuple[Bench, Source, Site] | None:
    """A bench with an idle statement at a spot, its text, the site of its value; None where that cannot be run."""
    origin = bench.original.origin
    if origin is None:
        return None
    line = spot.line(source, f"{how} {IDLE.get(how, spot.target)}")
    text = apply_swaps(source.text, [Swap(spot.start, spot.start, line)])
    try:
        tried = make_bench(replace(bench.original, origin=replace(origin, text=text)))
    except Exception:  # whatever the user's module raises
        return None
    number = source.text.count("\n", 0, spot.start) + 1 + line.startswith("\n")
    site = next((one for one in tried.sites if one.statement.lineno == number and one.is_value), None)
    return None if site is None else (tried, read_source(text), site)


def _passing(chance: Chance, truths: Sequence[Truth], seconds: float) -> Iterator[tuple[ast.stmt, Candidate]]:
    if not chance.levers:
        return
    workplace = workplace_with(chance.bench, chance.source, chance.angel, chance.levers)
    for candidate in passing(chance.bench, workplace, _candidates(workplace), truths, seconds):
        if candidate is not None:
            yield chance.spot.after, _inserted(chance, workplace, candidate)


def _candidates(workplace: Workplace) -> Iterator[Candidate]:
    """Terms and products instead of the idle number: matrix products, then of two numbers or entry by entry."""
    terms = terms_at(workplace)
    alone = [term for term in terms[1:] if not term.is_made]
    for grip in grips_of(workplace.place, workplace.levers):
        products = list(products_of(alone, grip.values[0][0].shape))
        for chosen, paired in ((terms, False), (products, False), (terms, True)):
            for fit in fits_of(grip, workplace.levers, chosen, paired):
                if fit.how == "replace":
                    yield from insertions(workplace.place, fit, workplace.scalars)


def _inserted(chance: Chance, workplace: Workplace, candidate: Candidate) -> Candidate:
    """The candidate as a new line of the user's own text."""
    value, how = new_text(workplace.place, candidate), chance.how
    if value.startswith("-") and how == "+=":
        value, how = value[1:].lstrip(), "-="
    if value.startswith("1 / ") and how == "*=":
        value, how = value.removeprefix("1 / "), "/="
    line = chance.spot.line(chance.source, f"{how} {value}")
    cost = candidate.cost + COSTS[chance.how]
    start = chance.spot.start
    return Candidate((Swap(start, start, line),), cost, f"a missing statement: {line.strip()}")
