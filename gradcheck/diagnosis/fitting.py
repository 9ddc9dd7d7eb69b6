"""A term or a factor that is missing, found among what could stand there by linear algebra alone."""

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from gradcheck.diagnosis.candidates.places import MULTIPLIED, RAISED, Place, guarded, text_of
from gradcheck.diagnosis.grips import Grip
from gradcheck.diagnosis.levers import Lever
from gradcheck.diagnosis.terms import Term
from gradcheck.results.arrays import Floats

# Two rows of numbers are proportional if this part is left of one: of 10^5 candidates none meets 3 numbers so closely
# by chance, and the wanted values are known better.
PROPORTIONAL = 1e-5
# From eight random sides what is left looks 30 times as large beside what is wanted once in 10^10 (an F distribution).
ROUGHLY = 30 * PROPORTIONAL
# So many terms take part in pairs, nearest first; and so many ways to write one value are looked at.
PAIRED, MOST = 100, 12
# What is made of another value is one step further away.
MADE = 0.4


# By point and moment.
Shapes = tuple[tuple[tuple[int, ...], ...], ...]


@dataclass(frozen=True, slots=True)
class Fit:
    """Replacing (or adding to, or multiplying) the grip's expression by `factor` times a term gives what is wanted."""

    grip: Grip
    how: str
    term: Term
    factor: float


def fits_of(grip: Grip, levers: Sequence[Lever], terms: Sequence[Term], paired: bool = False) -> Iterator[Fit]:
    """Every term that, times one number, is what the grip's expression lacks or should have been.

    paired: products and quotients of two of the terms instead of the terms alone.
    """
    lacks = np.concatenate([lever.lacks for lever in levers])
    shapes = tuple(tuple(value.shape for value in values) for values in grip.values)
    columns = _columns(tuple(terms), shapes, paired)
    if columns is None or lacks.size < 2:
        return
    here, ones = grip.flat, np.ones(grip.flat.size)
    wanted = lacks + grip.effect(here[:, None])[:, 0]
    yield from _hits(grip, "add", columns, columns.matrix, ones, lacks)
    if not isinstance(grip.node, ast.Constant):
        yield from _hits(grip, "times", columns, columns.matrix, here, wanted)
        if not paired:
            yield from _hits(grip, "over", columns, columns.inverse, here, wanted)
    yield from _hits(grip, "replace", columns, columns.matrix, ones, wanted)


def factor_of_all(place: Place, factor: float) -> Fit:
    """The whole expression times a number."""
    return Fit(Grip(place.expr, text_of(place, place.expr), (), ()), "times", Term("1", (), 0.0), factor)


@dataclass(frozen=True, eq=False)
class Columns:
    """Values of terms, one per column, and which term a column is."""

    matrix: Floats
    term: Callable[[int], Term]

    @cached_property
    def inverse(self) -> Floats:
        """One over each number; 0 where that is none."""
        with np.errstate(all="ignore"):
            inverse = 1 / self.matrix
        return np.where(np.isfinite(inverse), inverse, 0.0)


@lru_cache(maxsize=4)  # what the parts of a place are compared with, by their shapes
def _columns(terms: tuple[Term, ...], shapes: Shapes, paired: bool) -> Columns | None:
    """The terms that go into these shapes, or pairs of them; None where none does."""
    usable = [(term, flat) for term in terms if (flat := shaped(term, shapes)) is not None]
    return (_pairs(usable) if paired else _alone(usable)) if usable else None


def _alone(usable: Sequence[tuple[Term, Floats]]) -> Columns:
    return Columns(np.stack([flat for _, flat in usable], axis=1), lambda column: usable[column][0])


def _pairs(usable: Sequence[tuple[Term, Floats]]) -> Columns:
    """The products and quotients of the nearest terms."""
    alone = (one for one in usable if one[0].text != "1")
    near = sorted(alone, key=lambda one: one[0].cost + MADE * one[0].is_made)[:PAIRED]
    if len(near) < 2:
        return Columns(np.zeros((usable[0][1].size, 0)), lambda column: usable[column][0])
    matrix = np.stack([flat for _, flat in near], axis=1)
    first, second = np.triu_indices(len(near))
    over, under = np.where(~np.eye(len(near), dtype=bool))
    with np.errstate(all="ignore"):
        quotients = matrix[:, over] / matrix[:, under]
    both = np.concatenate(
        [matrix[:, first] * matrix[:, second], np.where(np.isfinite(quotients), quotients, 0)], axis=1
    )

    def term(column: int) -> Term:
        if column < len(first):
            return _joined(near[first[column]][0], near[second[column]][0], "*")
        return _joined(near[over[column - len(first)]][0], near[under[column - len(first)]][0], "/")

    return Columns(both, term)


def _joined(one: Term, other: Term, sign: str) -> Term:
    text = f"{guarded(one.text, MULTIPLIED)} {sign} {guarded(other.text, RAISED)}"
    return Term(text, (), one.cost + other.cost + 0.4)


def _hits(grip: Grip, how: str, columns: Columns, matrix: Floats, scale: Floats, wanted: Floats) -> Iterator[Fit]:
    """The columns of which the effect, each number times its scale, is proportional to what is wanted; cheapest first.

    A look from a few random sides tells of nearly all that they are not.
    """
    if not wanted.any() or not matrix.shape[1]:
        return
    seen, sought = grip.looked_at(scale), grip.look(wanted)
    near = np.flatnonzero(_proportional(seen @ matrix, sought)[1] < ROUGHLY)
    factors, left = _proportional(grip.effect(matrix[:, near] * scale[:, None]), wanted)
    sure = np.flatnonzero(left < PROPORTIONAL)
    hits = [(columns.term(int(near[one])), float(factors[one])) for one in sure]
    for term, factor in sorted(hits, key=lambda hit: hit[0].cost)[:MOST]:
        yield Fit(grip, how, term, factor)


def _proportional(seen: Floats, wanted: Floats) -> tuple[Floats, Floats]:
    """(the factor by which each column comes nearest to what is wanted, the part of that which is left then)."""
    with np.errstate(all="ignore"):
        factors = (wanted @ seen) / np.einsum("ij,ij->j", seen, seen)
        left = np.linalg.norm(wanted[:, None] - seen * factors, axis=0) / np.linalg.norm(wanted)
    return factors, left


def shaped(term: Term, shapes: Shapes) -> Floats | None:
    """The term's values in these shapes, one after another; None where they do not go in there."""
    wanted_shapes = {shape for row in shapes for shape in row}
    if term.stack is not None and len(wanted_shapes) == 1:
        return _spread(term.stack, wanted_shapes.pop())
    parts: list[Floats] = []
    for wanted, ones in zip(shapes, term.values, strict=True):
        for shape, one in zip(wanted, ones, strict=True):
            array = np.asarray(one, dtype=np.float64)
            if array.shape != shape:
                if array.ndim > len(shape) or any(
                    a not in (1, b) for a, b in zip(array.shape[::-1], shape[::-1], strict=False)
                ):
                    return None
                array = np.broadcast_to(array, shape)
            parts.append(array.ravel())
    return _if_any(np.concatenate(parts))


def _spread(stack: Floats, shape: tuple[int, ...]) -> Floats | None:
    """The same for values of one shape that go into one shape."""
    own = stack.shape[1:]
    if own != shape:
        if len(own) > len(shape) or any(a not in (1, b) for a, b in zip(own[::-1], shape[::-1], strict=False)):
            return None
        lead = (1,) * (len(shape) - len(own))
        stack = np.broadcast_to(stack.reshape(len(stack), *lead, *own), (len(stack), *shape))
    return _if_any(stack.ravel())


def _if_any(flat: Floats) -> Floats | None:
    return flat if np.isfinite(flat).all() and flat.any() else None
