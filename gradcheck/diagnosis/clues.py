"""What a file itself says a right-hand side should be: what the loss computes in its place, or a value nobody uses."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from typing import Any

import numpy as np

from gradcheck.diagnosis.angels import Angel, Clue
from gradcheck.diagnosis.benches import Bench, gradients_of
from gradcheck.diagnosis.candidates.places import ADDED, MULTIPLIED, RAISED, guarded
from gradcheck.diagnosis.edits import read_source, written
from gradcheck.diagnosis.influence import Influence
from gradcheck.diagnosis.layouts import replacing
from gradcheck.diagnosis.outputs import Outputs
from gradcheck.diagnosis.sites import Site
from gradcheck.diagnosis.unused import unused_in
from gradcheck.diagnosis.values import is_array, is_number
from gradcheck.errors import GradcheckError

# Formulas less alike than this are hardly one copied from the other.
ALIKE = 0.6


def with_clues(angels: Sequence[Angel], bench: Bench, influence: Influence, outputs: Outputs) -> list[Angel]:
    """The angels, each that a clue mends at the outputs' point as "possible", with the clue."""
    lost = _unread(bench, influence)
    return [_with_clue(angel, bench, influence, outputs, lost) for angel in angels]


def _with_clue(angel: Angel, bench: Bench, influence: Influence, outputs: Outputs, lost: Sequence[Site]) -> Angel:
    site = angel.site
    had = influence.values.get(site.number, [])
    if site.kind not in ("assign", "augment", "return") or not had or not _are_numbers(had):
        return angel
    for clue, values in (*_copied(bench, influence, site, had), *_unused(bench, influence, site, had, lost)):
        if _mends(bench, outputs, site, values):
            return replace(angel, status="possible", clue=clue)
    return angel


Tried = tuple[Clue, list[Any]]


def _copied(bench: Bench, influence: Influence, site: Site, had: Sequence[Any]) -> Iterator[Tried]:
    """What the loss computes by a formula that is like this one, or under the same name."""
    source, text = read_source(bench.text), ast.unparse(site.expr)
    for number, values in influence.in_loss.items():
        other = bench.sites[number]
        if not _are_numbers(values) or [np.shape(one) for one in values] != [np.shape(one) for one in had]:
            continue
        if all(np.array_equal(one, two) for one, two in zip(values, had, strict=True)):
            continue
        is_named = site.target is not None and site.target == other.target
        if is_named or SequenceMatcher(None, text, ast.unparse(other.expr)).ratio() >= ALIKE:
            line = other.statement_span.line
            yield Clue(written(source, other.expr), f"what line {line} computes for the loss"), list(values)


def _unused(
    bench: Bench, influence: Influence, site: Site, had: Sequence[Any], lost: Sequence[Site]
) -> Iterator[Tried]:
    """It with a value that is computed above and never used: added, subtracted, multiplied, or in its place."""
    text = written(read_source(bench.text), site.expr)
    for other in lost:
        name, values = str(other.target), influence.values[other.number]
        if other.function != site.function or other.number >= site.number or len(values) != len(had):
            continue
        words = f"what it is with {name} (line {other.statement_span.line}), which is computed and never used"
        ways = (
            (f"{guarded(text, ADDED)} + {name}", np.add),
            (f"{guarded(text, ADDED)} - {name}", np.subtract),
            (f"{guarded(text, MULTIPLIED)} * {name}", np.multiply),
            (f"{guarded(text, MULTIPLIED)} / {guarded(name, RAISED)}", np.divide),
            (name, lambda _, value: value),
        )
        for new, join in ways:
            try:
                joined = [join(one, two) for one, two in zip(had, values, strict=True)]
            except ValueError:
                continue
            if [np.shape(one) for one in joined] == [np.shape(one) for one in had]:
                yield Clue(new, words), joined


def _unread(bench: Bench, influence: Influence) -> list[Site]:
    """Where the backward functions compute numbers that they never read."""
    names = {bench.sites[number].function for number in influence.backward}
    functions = [node for node in ast.walk(bench.tree) if isinstance(node, ast.FunctionDef)]
    lines = {
        (one.name, one.line)
        for node in functions
        if node.name in {name.rpartition(".")[2] for name in names}
        for one in unused_in(node)
        if one.kind == "unread"
    }
    sites = [bench.sites[number] for number in influence.backward]
    return [
        site
        for site in sites
        if (site.target, site.statement.lineno) in lines and _are_numbers(influence.values[site.number])
    ]


def _are_numbers(values: Sequence[Any]) -> bool:
    return all(is_array(value) or is_number(value) for value in values)


def _mends(bench: Bench, outputs: Outputs, site: Site, values: list[Any]) -> bool:
    """Are all gradients right with these values of the site's executions?"""
    try:
        row = outputs.row(gradients_of(bench, outputs.truth.point, replacing(site.number, values)))
    except GradcheckError:
        return False
    return row is not None and outputs.are_right(row)
