"""The derivatives of the loss by what it computed, at every site of its forward pass. Names play no part in it."""

import ast
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from gradcheck.backprop.replay import adjoints_of
from gradcheck.diagnosis.benches import Bench
from gradcheck.diagnosis.instrumenting import WATCH, instrumented
from gradcheck.diagnosis.sites import Site, find_sites
from gradcheck.diagnosis.values import numbers_in
from gradcheck.evidence.opinions import trace_case
from gradcheck.evidence.sweeps import leaves_with_marks, swept
from gradcheck.program.programs import Program
from gradcheck.results.arrays import Floats

# An array of an execution, and its slot on the tape.
Held = tuple[Floats, int]
# One order of summation against another.
SAME = 1e-11


@dataclass(frozen=True, eq=False)
class Role:
    """What the loss computed at a forward site, and its adjoint for each execution, in the order of a backward pass.

    part: of several arrays that the site gives, which one. of: not the loss, but what it is a mean or multiple of.
    """

    site: Site
    part: int
    adjoints: list[Floats]
    of: "Role | None" = None

    @property
    def words(self) -> str:
        """What its adjoints are."""
        whole = "the loss" if self.of is None else _name(self.of.site)
        return f"the derivative of {whole} by {_name(self.site)}"


@dataclass(frozen=True, eq=False)
class Adjoints:
    """What is known of the loss's own numbers at a point: what it computed, and the adjoints, both sorted.

    program: the trace that they come from; None where they come from a sweep on whole arrays. within: the roles once
    more, in what the loss is a mean or a multiple of; means: all adjoints of the loss and of that, sorted.
    """

    values: Floats
    sorted: Floats
    roles: tuple[Role, ...]
    program: Program | None
    within: tuple[Role, ...] = ()
    means: Floats = field(default_factory=lambda: np.zeros(0))

    @property
    def every(self) -> tuple[Role, ...]:
        """The roles, those in the loss itself first."""
        return self.roles + self.within

    @cached_property
    def runs(self) -> tuple[int, ...]:
        """How often anything ran, without doubles."""
        return tuple(sorted({len(role.adjoints) for role in self.roles}))


def adjoints_at(
    bench: Bench, point: Mapping[str, Floats], in_loss: Mapping[int, Sequence[Any]], program: Program | None = None
) -> Adjoints | None:
    """The adjoints of the loss at a point; None where it can be neither traced nor swept.

    in_loss: values of the loss's own run. program: traced there already.
    """
    program = program or trace_case(bench.original, point)
    if program is None or program.loss is None:
        return _swept_adjoints(bench, point, in_loss)
    values, adjoints = adjoints_of(program)
    finite = np.isfinite(values) & np.isfinite(adjoints)
    values, adjoints = values[finite], adjoints[finite]
    order = np.argsort(values, kind="stable")
    values, adjoints = values[order], adjoints[order]
    roles = [role for number, held in in_loss.items() for role in _roles(bench.sites[number], held, values, adjoints)]
    return Adjoints(values, np.unique(adjoints), tuple(roles), program)


def with_parts(
    bench: Bench, point: Mapping[str, Floats], in_loss: Collection[int], known: Adjoints | None = None
) -> Adjoints | None:
    """What is known, also of what is computed on the way to a forward site's value; None where nothing is."""
    found = _swept_adjoints(bench, point, in_loss)
    return known if found is None else found if known is None else replace(known, roles=found.roles)


def _swept_adjoints(bench: Bench, point: Mapping[str, Floats], in_loss: Collection[int]) -> Adjoints | None:
    """The same of whole arrays: each adjoint is that of the very value that a site, or a part of it, gave."""
    origin = bench.original.origin
    assert origin is not None, "a bench has a text"
    tree = origin.parse(bench.text, bench.path)
    sites = [site for site in find_sites(tree, bench.text) if site.number in in_loss and site.is_value]
    sites += [part for site in sites for part in _parts(site)]
    sites = [replace(site, number=number) for number, site in enumerate(sites)]
    held: list[list[list[Held]]] = [[] for _ in sites]

    def watch(number: int, value: Any) -> Any:
        held[number].append(list(leaves_with_marks(value)))
        return value

    with instrumented(tree, sites):
        found = swept(bench.original, point, tree, {WATCH: watch})
    if found is None:
        return None
    known = [(site, _with_adjoints(runs, found.adjoints)) for site, runs in zip(sites, held, strict=True)]
    pairs = [pair for _, runs in known for run in runs for pair in run]
    values, adjoints = (np.concatenate([np.zeros(0), *(pair[half].ravel() for pair in pairs)]) for half in (0, 1))
    roles = (
        Role(site, part, [run[part][1] for run in reversed(runs)])
        for site, runs in known
        for part in range(min(map(len, runs), default=0))
    )
    return Adjoints(np.sort(values), np.unique(adjoints), tuple(roles), None)


def _parts(site: Site) -> Iterator[Site]:
    """What is computed on the way to a site's value, as sites without a name."""
    for node in ast.walk(site.expr):
        if node is not site.expr and isinstance(node, ast.BinOp | ast.Call | ast.UnaryOp | ast.Subscript):
            yield replace(site, expr=node, target=None, text=ast.unparse(node))


def _with_adjoints(runs: Sequence[Sequence[Held]], adjoints: Mapping[int, Any]) -> list[list[tuple[Floats, Floats]]]:
    """The arrays of each execution with their adjoints; zeros of what the loss does not depend on."""
    return [
        [(value, np.asarray(adjoints.get(slot, np.zeros(value.shape)), dtype=np.float64)) for value, slot in run]
        for run in runs
    ]


def _roles(site: Site, held: Sequence[Any], values: Floats, adjoints: Floats) -> Iterator[Role]:
    """The adjoints of what a site held, looked up by value, the last execution first; none where one is not found."""
    split = [numbers_in(value) for value in reversed(held)]
    for part in range(min(map(len, split), default=0)):
        found = [_look_up(arrays[part], values, adjoints) for arrays in split]
        known = [one for one in found if one is not None]
        if known and len(known) == len(found):
            yield Role(site, part, known)


def _look_up(array: Floats, values: Floats, adjoints: Floats) -> Floats | None:
    """The adjoint of every number of an array; the first of equal values is the number's own, the rest are its uses."""
    slack = SAME * np.maximum(np.abs(array), SAME)
    if not array.size or not values.size:
        return None
    place = np.searchsorted(values, array - slack)
    inside = np.minimum(place, values.size - 1)
    if not (np.abs(values[inside] - array) <= 2 * slack).all():
        return None
    return adjoints[inside]


def _name(site: Site) -> str:
    """`h (line 12)`, or what is returned there."""
    line = site.statement_span.line
    if site.target is None and site.kind == "return":
        return f"what is returned on line {line}"
    return f"{site.target or site.text} (line {line})"
