"""One suspected right-hand side with all that a search needs there: moments, levers, what is in scope."""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import numpy as np

from gradcheck.diagnosis.angels import Angel
from gradcheck.diagnosis.benches import Bench, Moment, moments_of
from gradcheck.diagnosis.candidates.places import Place, operands, place_at
from gradcheck.diagnosis.edits import Source
from gradcheck.diagnosis.expressions import constants_in, expressions_in
from gradcheck.diagnosis.grips import Grip, grips_of
from gradcheck.diagnosis.keys import neighbours_of
from gradcheck.diagnosis.levers import Lever, lever_of
from gradcheck.diagnosis.pools import Named, fingerprint, is_number, pool_at, values_at
from gradcheck.diagnosis.scalars import Scalar, scalars_at
from gradcheck.diagnosis.sites import Site
from gradcheck.diagnosis.terms import Term, distinct, made_of
from gradcheck.diagnosis.truths import Truth
from gradcheck.diagnosis.values import is_mask
from gradcheck.errors import GradcheckError

# Without levers a pool is read at two points, at the first and the last executions: the last alone would merge hs[t]
# with hs[0].
TWO_POINTS, ENDS = 2, 2
NOTHING: Mapping[str, float] = MappingProxyType({})


@dataclass(frozen=True, eq=False)
class Workplace:
    """A site and its place in the text, its levers (none where it has no numbers, or too many), what is in scope."""

    angel: Angel
    place: Place
    levers: tuple[Lever, ...]
    moments: tuple[Moment, ...]
    counts: tuple[int, ...]
    pool: tuple[Named, ...]
    scalars: tuple[Scalar, ...]

    @property
    def is_numeric(self) -> bool:
        """Has it a number or an array at every moment?"""
        return all(is_number(moment.value) for moment in self.moments)

    @property
    def is_mask(self) -> bool:
        """Is it true or false at every moment, or an array of such?"""
        return all(is_mask(moment.value) for moment in self.moments)

    @property
    def wants_nothing(self) -> bool:
        """Would zeros for its values mend every gradient, at every point where that is known?"""
        wanted = self.angel.wanted
        return bool(wanted) and all(one.would_mend(one.layout.unpack(np.zeros(one.have.size))) for one in wanted)


def workplace_at(bench: Bench, source: Source, angel: Angel, truths: Sequence[Truth]) -> Workplace | None:
    """Everything about a site at the search points; None where it does not run there."""
    levers = tuple(lever for wanted in angel.wanted if (lever := lever_of(bench, wanted)) is not None)
    if not any(lever.is_faithful for lever in levers):
        levers = levers[:1]  # what it tells is no more than a hint
    if levers:
        return workplace_with(bench, source, angel, levers)
    moments = tuple(_ends(bench, angel.site, truths))
    return workplace_of(bench, source, angel, moments) if moments else None


def workplace_of(bench: Bench, source: Source, angel: Angel, moments: Sequence[Moment]) -> Workplace:
    """Everything about a site at some of its moments, without levers."""
    return _workplace(bench, source, angel, (), tuple(moments), (len(moments),))


def workplace_with(
    bench: Bench, source: Source, angel: Angel, levers: tuple[Lever, ...], more: Mapping[str, float] = NOTHING
) -> Workplace:
    """Everything about a site whose levers are known; more: what else may be in scope, with its cost."""
    moments = tuple(moment for lever in levers for moment in lever.moments)
    return _workplace(bench, source, angel, levers, moments, tuple(len(lever.moments) for lever in levers), more)


def _workplace(
    bench: Bench,
    source: Source,
    angel: Angel,
    levers: tuple[Lever, ...],
    moments: tuple[Moment, ...],
    counts: tuple[int, ...],
    more: Mapping[str, float] = NOTHING,
) -> Workplace:
    place = place_at(source, angel.site.expr)
    near = {**more, **neighbours_of(place, moments), **constants_in(bench.tree)}
    pool = pool_at(moments, {**near, **expressions_in(bench.tree, angel.site.function)})
    scalars = tuple(scalars_at(moments, pool, place, bench.tree, angel.site.target))
    return Workplace(angel, place, levers, moments, counts, tuple(pool), scalars)


def values_in(workplace: Workplace) -> dict[ast.expr, tuple[Any, ...]]:
    """What the sub-expressions of the place have at its moments."""
    told = ((node, values_at(workplace.moments, ast.unparse(node))) for node in operands(workplace.place))
    return {node: values for node, values in told if values is not None}


@lru_cache(maxsize=16)
def terms_at(workplace: Workplace) -> tuple[Term, ...]:
    """The number 1, every value in scope, and what is made of each and is not in scope already."""
    ones = Term("1", tuple((1.0,) * count for count in workplace.counts), 0.0)
    alone = distinct([named for named in workplace.pool if not _is_constant(named)], workplace.counts)
    hints = {_hint(term) for term in alone}
    held = {_key(term) for term in alone}
    made = (one for one in made_of(alone) if _hint(one) not in hints or _key(one) not in held)
    return ones, *alone, *made


@lru_cache(maxsize=16)
def grips_at(workplace: Workplace) -> tuple[Grip, ...]:
    """The parts of the place through which its value can be moved linearly, the whole first."""
    return tuple(grips_of(workplace.place, workplace.levers))


def _hint(term: Term) -> str:
    """Its first number, shortly: terms that are the same have the same one, most likely."""
    return f"{float(np.ravel(term.values[0][0])[0]):.8g}"


def _key(term: Term) -> tuple[Any, ...]:
    return fingerprint([value for row in term.values for value in row])


def _is_constant(named: Named) -> bool:
    """Numbers that are the same everywhere come in as factors."""
    return all(np.ndim(value) == 0 and value == named.values[0] for value in named.values)


def _ends(bench: Bench, site: Site, truths: Sequence[Truth]) -> list[Moment]:
    """The first and the last executions at two points."""
    found = []
    for truth in truths[:TWO_POINTS]:
        try:
            moments = moments_of(bench, truth.point, site.number)
        except (GradcheckError, ArithmeticError, ValueError):
            continue
        found += moments if len(moments) <= 2 * ENDS else [*moments[:ENDS], *moments[-ENDS:]]
    return found
