"""What is made of several values in scope: matrix products, sums of products, a term under a condition, a part."""

import ast
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from gradcheck.diagnosis.candidates.places import ATOM, MULTIPLIED, RAISED, guarded
from gradcheck.diagnosis.pools import Named
from gradcheck.diagnosis.terms import Term, both, map_values, split
from gradcheck.results.arrays import Floats

Join = Callable[[Any, Any], Any]

# So many different values take part in matrix products; the nearest ones are taken first.
FEWER = 36
# So many may stand under a condition.
CONDITIONAL = 60


def products_of(terms: Sequence[Term], shape: tuple[int, ...]) -> Iterator[Term]:
    """Matrix products of two values that have a shape, and sums of their products that broadcast to it."""
    near, fitting = sorted(terms, key=lambda one: one.cost)[:FEWER], dict[tuple[Any, ...], bool]()
    for one in near:
        for other in near:
            cost = one.cost + other.cost + 0.4
            for way, (text, made, together) in enumerate(_joined(one, other, shape)):
                first = one.values[0][0], other.values[0][0]
                key = (way, *map(np.shape, first))  # the shapes tell the shape of what is made
                if key not in fitting:
                    told = _made(made, *first)
                    fitting[key] = told is not None and _fits(told, shape)
                if fitting[key] and one.stack is not None and other.stack is not None and together is not None:
                    yield _of_stack(text, together(one.stack, other.stack), [len(row) for row in one.values], cost)
                    continue
                values = both(one, other, made) if fitting[key] else None
                if values is not None and all(_fits(value, shape) for row in values for value in row):
                    yield Term(text, values, cost)


def under_conditions(terms: Sequence[Term], pool: Sequence[Named], counts: Sequence[int]) -> Iterator[Term]:
    """The nearest terms, each where a comparison of numbers holds that does so at some moments only."""
    for named in pool:
        asked = np.array([isinstance(value, bool | np.bool_) and bool(value) for value in named.values])
        if not isinstance(ast.parse(named.text, mode="eval").body, ast.Compare) or asked.all() or not asked.any():
            continue
        condition = Term(named.text, split([float(one) for one in asked], counts), named.cost)
        for term in sorted(terms, key=lambda one: one.cost)[:CONDITIONAL]:
            values = both(term, condition, np.multiply)
            if values is not None:
                text = f"{guarded(term.text, MULTIPLIED)} * ({named.text})"
                yield Term(text, values, term.cost + named.cost + 0.5, True)


def slices_of(terms: Sequence[Term], target: str, shape: tuple[int, ...]) -> Iterator[Term]:
    """The beginning and the end of what is longer than the target along one axis, of the target's length there."""
    for term in terms:
        own = np.shape(term.values[0][0])
        longer = [axis for axis in range(len(own)) if len(own) == len(shape) and own[axis] > shape[axis]]
        if len(longer) != 1 or any(a != b for i, (a, b) in enumerate(zip(own, shape, strict=True)) if i != longer[0]):
            continue
        (axis,) = longer
        length = f"{target}.shape[{axis}]" if axis else f"len({target})"
        for begin, cut in ((f":{length}", slice(shape[axis])), (f"-{length}:", slice(-shape[axis], None))):
            index = (slice(None),) * axis + (cut,)
            values = map_values(term, _taking(index))
            if values is not None:
                yield Term(f"{guarded(term.text, ATOM)}[{':, ' * axis}{begin}]", values, term.cost + 0.3, True)


def _joined(one: Term, other: Term, shape: tuple[int, ...]) -> Iterator[tuple[str, Join, Join | None]]:
    """The ways to join two values to something of that shape, by their dimensions: (text, of two, of two stacks)."""
    first, second = np.shape(one.values[0][0]), np.shape(other.values[0][0])
    a, b = guarded(one.text, MULTIPLIED), guarded(other.text, RAISED)
    products = _products if max(len(first), len(second)) <= 2 else None
    if len(first) == len(second) == 1 and len(shape) == 2 and (first + second) == shape:
        yield f"np.outer({one.text}, {other.text})", np.outer, lambda u, v: u[:, :, None] * v[:, None, :]
    if 1 <= len(first) and 1 <= len(second) and len(first) + len(second) - 2 >= len(shape) >= 0:
        if first[-1] == second[-2 if len(second) > 1 else -1]:
            yield f"{a} @ {b}", np.matmul, products
        if len(first) > 1 and first[-2] == second[-2 if len(second) > 1 else -1]:
            text = f"{guarded(one.text, ATOM)}.T @ {b}"
            yield text, lambda u, v: u.T @ v, products and (lambda u, v: _products(u.swapaxes(1, 2), v))
        if len(second) == 2 and first[-1] == second[-1]:
            text = f"{a} @ {guarded(other.text, ATOM)}.T"
            yield text, lambda u, v: u @ v.T, products and (lambda u, v: _products(u, v.swapaxes(1, 2)))
    if first == second and one.text <= other.text and len(first) >= 1:
        c = f"{guarded(one.text, MULTIPLIED)} * {guarded(other.text, RAISED)}"
        for axis in range(len(first)):
            yield f"np.sum({c}, axis={axis}, keepdims=True)", _summing(axis, True), _summing(axis + 1, True)
            if len(first) == len(shape) + 1:
                yield f"np.sum({c}, axis={axis})", _summing(axis, False), _summing(axis + 1, False)
        yield f"np.sum({c})", lambda u, v: np.sum(u * v), lambda u, v: (u * v).reshape(len(u), -1).sum(axis=1)


def _products(u: Floats, v: Floats) -> Floats:
    """u @ v of every two of two stacks of vectors and matrices."""
    found = (u if u.ndim > 2 else u[:, None, :]) @ (v if v.ndim > 2 else v[:, :, None])
    found = found if v.ndim > 2 else found[..., 0]
    return np.asarray(found if u.ndim > 2 else found[:, 0])


def _of_stack(text: str, stack: Floats, counts: Sequence[int], cost: float) -> Term:
    """The term of values that are in one array already."""
    term = Term(text, split(list(stack), counts), cost)
    vars(term)["stack"] = stack
    return term


def _summing(axis: int, kept: bool) -> Join:
    return lambda u, v: np.sum(u * v, axis=axis, keepdims=kept)


def _taking(index: tuple[slice, ...]) -> Callable[[Any], Any]:
    return lambda u: u[index]


def _made(made: Callable[[Any, Any], Any], one: Any, other: Any) -> Any:
    """What is made of two values; None where nothing is."""
    try:
        with np.errstate(all="ignore"):
            return made(one, other)
    except (ValueError, TypeError):
        return None


def _fits(value: Any, shape: tuple[int, ...]) -> bool:
    try:
        return np.broadcast_shapes(np.shape(value), shape) == shape
    except ValueError:
        return False
