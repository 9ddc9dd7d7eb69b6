"""Idle statements, `d = d`, at spots where one may be missing: on as few benches as run them."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from gradcheck.diagnosis.benches import Bench, gradient_of, gradients_of, make_bench
from gradcheck.diagnosis.edits import Source, read_source
from gradcheck.diagnosis.outputs import Outputs
from gradcheck.diagnosis.sites import Site
from gradcheck.diagnosis.spots import Spot
from gradcheck.subject.reruns import run_tree

# Asked at a spot whether its target can be read there.
ASK = "__gradcheck_ask__"
# What stands at a spot: the bench, its text, the site of the idle statement's value.
Placed = tuple[Bench, Source, Site]


def idle_at(
    bench: Bench, source: Source, spots: Sequence[Spot], outputs: Outputs, deadline: float
) -> dict[Spot, Placed]:
    """What stands at every spot at which an idle statement changes nothing.

    All are on one bench; those that can be read, where some cannot; where these do not run together each half by
    itself. deadline: on time.process_time().
    """
    placed = _placed(bench, source, spots, outputs)
    if placed is not None:
        return placed
    able = _readable(bench, source, spots, outputs)
    placed = _placed(bench, source, able, outputs) if len(able) < len(spots) else None
    return _by_halves(bench, source, able, outputs, deadline) if placed is None else placed


def _by_halves(
    bench: Bench, source: Source, spots: Sequence[Spot], outputs: Outputs, deadline: float
) -> dict[Spot, Placed]:
    """Those that do not run together, in halves that do."""
    found: dict[Spot, Placed] = {}
    middle = len(spots) // 2
    for some in (spots[:middle], spots[middle:]) if middle else ():
        if time.process_time() > deadline:
            break
        found |= _placed(bench, source, some, outputs) or _by_halves(bench, source, some, outputs, deadline)
    return found


def _placed(bench: Bench, source: Source, spots: Sequence[Spot], outputs: Outputs) -> dict[Spot, Placed] | None:
    """A bench with idle statements at the spots, its text, the sites of their values; None where that cannot be run."""
    origin = bench.original.origin
    if origin is None or not spots:
        return None
    text, numbers = _with_lines(source, spots, lambda spot: f"{spot.target} = {spot.target}")
    try:
        made = make_bench(replace(bench.original, origin=replace(origin, text=text)))
        row = outputs.row(gradients_of(made, outputs.truth.point))
    except Exception:  # whatever the user's module raises
        return None
    if row is None or not np.array_equal(row, outputs.yours, equal_nan=True):
        return None
    sites = {site.statement.lineno: site for site in made.sites if site.is_value}
    read = read_source(text)
    return {spot: (made, read, sites[number]) for spot, number in numbers.items() if number in sites}


def _readable(bench: Bench, source: Source, spots: Sequence[Spot], outputs: Outputs) -> list[Spot]:
    """The spots whose target can be read each time that the code comes by, by one run; all where that cannot be run."""
    origin, failed = bench.original.origin, set[int]()
    places = {spot: place for place, spot in enumerate(spots)}

    def ask(place: int, read: Callable[[], Any]) -> None:
        try:
            read()
        except Exception:  # a name that is not there yet, an index of another kind
            failed.add(place)

    text, _ = _with_lines(source, spots, lambda spot: f"{ASK}({places[spot]}, lambda: {spot.target})")
    try:
        assert origin is not None, "a bench has a text"
        module = run_tree(bench.original, origin.parse(text, bench.path), {ASK: ask})
        gradient_of(origin.remake(module), outputs.truth.point)
    except Exception:  # whatever the user's module raises
        return list(spots)
    return [spot for spot in spots if places[spot] not in failed]


def _with_lines(source: Source, spots: Sequence[Spot], written: Callable[[Spot], str]) -> tuple[str, dict[Spot, int]]:
    """The text with a statement at every spot, and the lines of these."""
    numbers, parts, end, line = dict[Spot, int](), list[str](), 0, 1
    for spot in sorted(spots, key=lambda one: (one.start, -len(one.indent))):  # the inner block ends first
        before, row = source.text[end : spot.start], spot.line(source, written(spot))
        row = row.removeprefix("\n") if parts and not before else row
        line += before.count("\n")
        numbers[spot] = line + row.startswith("\n")
        line += row.count("\n")
        parts += [before, row]
        end = spot.start
    return "".join([*parts, source.text[end:]]), numbers
