"""The sub-expressions that a site's value is linear in, with the maps from their values to what the gradients lack."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import CodeType
from typing import Any

import numpy as np

from gradcheck.backprop.arrays import broadcast_to
from gradcheck.backprop.tape import Tape
from gradcheck.backprop.variables import Variable
from gradcheck.diagnosis.benches import Moment
from gradcheck.diagnosis.candidates.places import Place, operands, text_of
from gradcheck.diagnosis.levers import Lever
from gradcheck.diagnosis.pools import evaluate
from gradcheck.results.arrays import Floats

HOLE = "__hole__"
# A run for each number of a sub-expression; of more it is cheaper to go back from each number that is wanted.
LARGEST = 200
# A wrong effect of some hundred numbers seldom looks right from two sides, and never from so many.
SIDES = 8
# What is linear is so but for rounding.
LINEAR = 1e-9


@dataclass(frozen=True, eq=False)
class Grip:
    """A sub-expression that the site's value is linear in. values: by point and moment, maps: to the lacks."""

    node: ast.expr
    text: str
    maps: tuple[Floats, ...]
    values: tuple[tuple[Floats, ...], ...]

    def effect(self, matrix: Floats) -> Floats:
        """What columns of values (all points, one under the other) do to the gradients."""
        ends = np.cumsum([one.shape[1] for one in self.maps])[:-1]
        parts = np.split(matrix, ends, axis=0)
        return np.concatenate([one @ part for one, part in zip(self.maps, parts, strict=True)])

    def look(self, effects: Floats) -> Floats:
        """What is to be done to the gradients, seen from a few random sides."""
        return self._sides @ effects

    def looked_at(self, scale: Floats) -> Floats:
        """The map from its values, each times its scale, to what their effect is from there."""
        return self._seen * scale

    @cached_property
    def _sides(self) -> Floats:
        return np.random.default_rng(1).normal(size=(SIDES, sum(len(one) for one in self.maps)))

    @cached_property
    def _seen(self) -> Floats:
        parts = np.split(self._sides, np.cumsum([len(one) for one in self.maps])[:-1], axis=1)
        return np.concatenate([part @ one for part, one in zip(parts, self.maps, strict=True)], axis=1)

    @cached_property
    def flat(self) -> Floats:
        """Its own values as one column."""
        return np.concatenate([value.ravel() for values in self.values for value in values])


def grips_of(place: Place, levers: Sequence[Lever]) -> Iterator[Grip]:
    """The sub-expressions through which the site's value can be moved linearly, the whole first.

    A number or a row that stands alone beside an array of the site's shape may have to be another one at each place:
    it comes with that shape, too.
    """
    for node in operands(place) if levers else ():
        grip = _grip(place, node, levers)
        if grip is not None:
            yield grip
            spread = _grip(place, node, levers, is_spread=True) if _stands_alone(place, node) else None
            if spread is not None and len(spread.flat) > len(grip.flat):
                yield spread


def _stands_alone(place: Place, node: ast.expr) -> bool:
    """Is it a summand, an argument or a branch? A factor of the whole is the whole times something."""
    parent = place.parents.get(node)
    return isinstance(parent, ast.Call | ast.IfExp) or (
        isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Add | ast.Sub)
    )


def _grip(place: Place, node: ast.expr, levers: Sequence[Lever], is_spread: bool = False) -> Grip | None:
    """The grip of a node, None where the site's value is not linear in it, or is no array (a lambda's dict)."""
    try:
        if node is place.expr:
            return Grip(node, text_of(place, node), tuple(lever.jacobian for lever in levers), _wholes(levers))
        code = compile(with_hole(place.expr, node), "<grip>", "eval")
        inner = compile(ast.unparse(node), "<grip>", "eval")
        found = [_maps_at(lever, code, inner, is_spread) for lever in levers]
    except Exception:  # whatever the user's own expression raises at other values than its own
        return None
    return Grip(node, text_of(place, node), tuple(maps for maps, _ in found), tuple(values for _, values in found))


def _wholes(levers: Sequence[Lever]) -> tuple[tuple[Floats, ...], ...]:
    """The site's own values, in the shapes that they are wanted in."""
    return tuple(
        tuple(
            np.broadcast_to(np.asarray(moment.value, dtype=np.float64), shape)
            for moment, shape in zip(lever.moments, lever.shapes, strict=True)
        )
        for lever in levers
    )


def _maps_at(lever: Lever, code: CodeType, inner: CodeType, is_spread: bool) -> tuple[Floats, tuple[Floats, ...]]:
    """The map of one point, and the expression's values there; raises ValueError where it is not linear."""
    sizes = [int(np.prod(shape)) for shape in lever.shapes]
    parts = np.split(lever.jacobian, np.cumsum(sizes)[:-1], axis=1)
    values = [np.asarray(evaluate(moment, inner), dtype=np.float64) for moment in lever.moments]
    if is_spread:
        values = [np.broadcast_to(value, shape) for value, shape in zip(values, lever.shapes, strict=True)]
    blocks = [
        _pulled(part, moment, code, value, shape)
        if value.size > LARGEST
        else part @ _linear_map(moment, code, value, shape)
        for part, moment, value, shape in zip(parts, lever.moments, values, lever.shapes, strict=True)
    ]
    return np.concatenate(blocks, axis=1), tuple(values)


def _linear_map(moment: Moment, code: CodeType, value: Floats, shape: tuple[int, ...]) -> Floats:
    """The matrix from the expression's numbers to the site's; raises ValueError."""
    if not 0 < value.size <= LARGEST or not np.isfinite(value).all():
        raise ValueError("too large, or no numbers")

    def put(array: Floats) -> Floats:
        scope = {**moment.whole, HOLE: array if value.shape else float(array)}
        with np.errstate(all="ignore"):
            return np.broadcast_to(np.asarray(eval(code, scope), dtype=np.float64), shape).ravel()

    zero = put(np.zeros(value.shape))
    probe = np.random.default_rng(1).normal(size=value.shape) * 3
    if not np.isfinite(zero).all() or not _is_same(put(-probe) - zero, zero - put(probe)):
        raise ValueError("not linear")
    units = np.eye(value.size).reshape(value.size, *value.shape)
    inside = np.stack([put(unit) - zero for unit in units], axis=1)
    if not _is_same(zero + inside @ probe.ravel(), put(probe)):
        raise ValueError("not linear")
    return np.asarray(inside)


def _pulled(part: Floats, moment: Moment, code: CodeType, value: Floats, shape: tuple[int, ...]) -> Floats:
    """The map of one moment for an expression of many numbers, row by row in reverse mode; raises ValueError."""
    tape = Tape(is_writable=True)
    random = np.random.default_rng(1)
    probe = random.normal(size=value.shape) * float(np.abs(value).max(initial=1.0))

    def put(array: Any) -> Any:
        with np.errstate(all="ignore"):
            made = eval(code, {**moment.whole, HOLE: array})
        return made if isinstance(made, Variable) else np.broadcast_to(np.asarray(made, dtype=np.float64), shape)

    zero, there = put(np.zeros(value.shape)), put(probe)
    entered = tape.variable(probe)
    made = broadcast_to(put(entered), shape)
    if not np.isfinite(there).all() or not _is_same(put(-probe) - zero, zero - there):
        raise ValueError("not linear")
    rows = np.stack([tape.pullback([made], [row.reshape(shape)], [entered])[0].ravel() for row in part])
    if not _is_same(rows @ probe.ravel(), part @ (there - zero).ravel()):
        raise ValueError("not linear")
    return rows


def _is_same(told: Floats, seen: Floats) -> bool:
    return bool(np.isfinite(seen).all() and np.abs(told - seen).max() <= LINEAR * max(1.0, float(np.abs(seen).max())))


def with_hole(expr: ast.expr, node: ast.expr) -> str:
    """The text of an expression with a name where one of its nodes stands."""
    return ast.unparse(ast.fix_missing_locations(_Put(node).visit(expr)))


class _Put(ast.NodeTransformer):
    """Copies a tree, but for one node."""

    def __init__(self, node: ast.AST) -> None:
        self.node = node

    def visit(self, node: ast.AST) -> ast.AST:
        if node is self.node:
            return ast.Name(HOLE, ast.Load())
        return type(node)(**{name: self._copied(value) for name, value in ast.iter_fields(node)})

    def _copied(self, value: object) -> object:
        if isinstance(value, list):
            return [self._copied(one) for one in value]
        return self.visit(value) if isinstance(value, ast.AST) else value
