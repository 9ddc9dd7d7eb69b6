"""What may be missing from a formula: the values in scope, and what is usually made of them in a derivative."""

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from gradcheck.diagnosis.candidates.places import ADDED, ATOM, MULTIPLIED, RAISED, guarded
from gradcheck.diagnosis.pools import Named, fingerprint
from gradcheck.results.arrays import Floats

# Local derivatives written with the value at hand: of sigmoid, tanh, exp, log, relu, a square (FIELD.md C9).
Made = tuple[str, Callable[[Any], Any], float, int]
MADE: tuple[Made, ...] = (
    ("1 - {}", lambda u: 1 - u, 0.2, MULTIPLIED),
    ("{} * (1 - {})", lambda u: u * (1 - u), 0.3, MULTIPLIED),
    ("{} ** 2", lambda u: u * u, 0.3, ATOM),
    ("1 - {} ** 2", lambda u: 1 - u * u, 0.3, ATOM),
    ("({} > 0)", lambda u: (np.asarray(u) > 0) * 1.0, 0.4, ADDED),
    ("np.exp({})", np.exp, 0.4, 0),
    ("np.sign({})", np.sign, 0.5, 0),
    ("{} ** 3", lambda u: u * u * u, 0.5, ATOM),
    ("np.log({})", np.log, 0.6, 0),
    ("np.exp(-{})", lambda u: np.exp(-u), 0.6, MULTIPLIED),
)
# So many different values take part in matrix products; the nearest ones are taken first.
FEWER = 36
# So many may stand under a condition.
CONDITIONAL = 60


@dataclass(frozen=True, eq=False)
class Term:
    """An expression and its values, point by point and moment by moment; is_made: of another one's."""

    text: str
    values: tuple[tuple[Any, ...], ...]
    cost: float
    is_made: bool = False

    @cached_property
    def stack(self) -> Floats | None:
        """All values in one array, moment by moment; None where they are of several shapes."""
        arrays = [np.asarray(value, dtype=np.float64) for row in self.values for value in row]
        return np.stack(arrays) if len({array.shape for array in arrays}) == 1 else None


def distinct(pool: Sequence[Named], counts: Sequence[int]) -> list[Term]:
    """One term for each value of a pool, by its cheapest text; counts: moments of each point."""
    seen: set[tuple[Any, ...]] = set()
    terms = []
    for named in sorted(pool, key=lambda one: one.cost):
        key = fingerprint(named.values)
        if key not in seen:
            seen.add(key)
            terms.append(Term(named.text, _split(named.values, counts), named.cost))
    return terms


def named_terms(pool: Sequence[Named], counts: Sequence[int]) -> list[Term]:
    """A term for each formula; nothing is made of them."""
    return [Term(named.text, _split(named.values, counts), named.cost, True) for named in pool]


def made_of(terms: Sequence[Term]) -> Iterator[Term]:
    """What is made of one value: 1 - a, a (1 - a), a^2, a > 0, exp(a); transposed, summed."""
    for term in terms:
        size = max(np.size(value) for values in term.values for value in values)
        for text, made, cost, level in MADE:
            inside = guarded(term.text, level) if level else term.text
            new = _map_each(term, made)
            if new is not None:
                yield Term(text.replace("{}", inside), new, term.cost + cost, True)
        if size > 1:
            yield from _turned(term)


def _turned(term: Term) -> Iterator[Term]:
    """The transpose of a matrix, and its sums."""
    atom, most = guarded(term.text, ATOM), max(np.ndim(value) for values in term.values for value in values)
    if most >= 2 and not term.text.endswith(".T"):
        new = _map(term, lambda u: np.swapaxes(u, -1, -2))
        if new is not None:
            yield Term(f"{atom}.T" if most == 2 else f"{atom}.swapaxes(-1, -2)", new, term.cost + 0.2, True)
        same = new and _both(term, Term("", new, 0.0), np.add)
        if same:
            yield Term(f"({term.text} + {atom}.T)", same, term.cost + 0.2, True)
    for axis in range(most):
        for kept in (False, True):
            new = _map(term, _reducing(axis, kept))
            if new is not None:
                more = ", keepdims=True" if kept else ""
                yield Term(f"{atom}.sum(axis={axis}{more})", new, term.cost + 0.4, True)
    new = _map(term, np.sum)
    if new is not None:
        yield Term(f"{atom}.sum()", new, term.cost + 0.5, True)


def products_of(terms: Sequence[Term], shape: tuple[int, ...]) -> Iterator[Term]:
    """Matrix products of two values that have a shape, and sums of their products that broadcast to it."""
    near, fitting = sorted(terms, key=lambda one: one.cost)[:FEWER], dict[tuple[Any, ...], bool]()
    for one in near:
        for other in near:
            cost = one.cost + other.cost + 0.4
            for way, (text, made) in enumerate(_joined(one, other, shape)):
                first = one.values[0][0], other.values[0][0]
                key = (way, *map(np.shape, first))  # the shapes tell the shape of what is made
                if key not in fitting:
                    told = _made(made, *first)
                    fitting[key] = told is not None and _fits(told, shape)
                values = _both(one, other, made) if fitting[key] else None
                if values is not None and all(_fits(value, shape) for row in values for value in row):
                    yield Term(text, values, cost)


def under_conditions(terms: Sequence[Term], pool: Sequence[Named], counts: Sequence[int]) -> Iterator[Term]:
    """The nearest terms, each where a comparison of numbers holds that does so at some moments only."""
    for named in pool:
        asked = np.array([isinstance(value, bool | np.bool_) and bool(value) for value in named.values])
        if not isinstance(ast.parse(named.text, mode="eval").body, ast.Compare) or asked.all() or not asked.any():
            continue
        condition = Term(named.text, _split([float(one) for one in asked], counts), named.cost)
        for term in sorted(terms, key=lambda one: one.cost)[:CONDITIONAL]:
            values = _both(term, condition, np.multiply)
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
            values = _map(term, _taking(index))
            if values is not None:
                yield Term(f"{guarded(term.text, ATOM)}[{':, ' * axis}{begin}]", values, term.cost + 0.3, True)


def _joined(one: Term, other: Term, shape: tuple[int, ...]) -> Iterator[tuple[str, Callable[[Any, Any], Any]]]:
    """The ways to join two values to something of that shape, by their dimensions."""
    first, second = np.shape(one.values[0][0]), np.shape(other.values[0][0])
    a, b = guarded(one.text, MULTIPLIED), guarded(other.text, RAISED)
    if len(first) == len(second) == 1 and len(shape) == 2 and (first + second) == shape:
        yield f"np.outer({one.text}, {other.text})", np.outer
    if 1 <= len(first) and 1 <= len(second) and len(first) + len(second) - 2 >= len(shape) >= 0:
        if first[-1] == second[-2 if len(second) > 1 else -1]:
            yield f"{a} @ {b}", np.matmul
        if len(first) > 1 and first[-2] == second[-2 if len(second) > 1 else -1]:
            yield f"{guarded(one.text, ATOM)}.T @ {b}", lambda u, v: u.T @ v
        if len(second) == 2 and first[-1] == second[-1]:
            yield f"{a} @ {guarded(other.text, ATOM)}.T", lambda u, v: u @ v.T
    if first == second and one.text <= other.text and len(first) >= 1:
        c = f"{guarded(one.text, MULTIPLIED)} * {guarded(other.text, RAISED)}"
        for axis in range(len(first)):
            yield f"np.sum({c}, axis={axis}, keepdims=True)", _summing(axis, True)
            if len(first) == len(shape) + 1:
                yield f"np.sum({c}, axis={axis})", _summing(axis, False)
        yield f"np.sum({c})", lambda u, v: np.sum(u * v)


def _summing(axis: int, kept: bool) -> Callable[[Any, Any], Any]:
    return lambda u, v: np.sum(u * v, axis=axis, keepdims=kept)


def _taking(index: tuple[slice, ...]) -> Callable[[Any], Any]:
    return lambda u: u[index]


def _reducing(axis: int, kept: bool) -> Callable[[Any], Any]:
    return lambda u: np.sum(u, axis=axis, keepdims=kept)


def _fits(value: Any, shape: tuple[int, ...]) -> bool:
    try:
        return np.broadcast_shapes(np.shape(value), shape) == shape
    except ValueError:
        return False


def _both(one: Term, other: Term, made: Callable[[Any, Any], Any]) -> tuple[tuple[Floats, ...], ...] | None:
    try:
        with np.errstate(all="ignore"):
            return tuple(
                tuple(np.asarray(made(u, v), dtype=float) for u, v in zip(us, vs, strict=True))
                for us, vs in zip(one.values, other.values, strict=True)
            )
    except (ValueError, TypeError):
        return None


def _made(made: Callable[[Any, Any], Any], one: Any, other: Any) -> Any:
    """What is made of two values; None where nothing is."""
    try:
        with np.errstate(all="ignore"):
            return made(one, other)
    except (ValueError, TypeError):
        return None


def _map(term: Term, made: Callable[[Any], Any]) -> tuple[tuple[Any, ...], ...] | None:
    """The values made of a term's; None where one is not finite."""
    try:
        with np.errstate(all="ignore"):
            new = tuple(tuple(made(np.asarray(u, dtype=float)) for u in values) for values in term.values)
    except (ValueError, TypeError):
        return None
    return new if all(np.isfinite(value).all() for values in new for value in values) else None


def _map_each(term: Term, made: Callable[[Any], Any]) -> tuple[tuple[Any, ...], ...] | None:
    """The same for what is made number by number, of all moments at once."""
    if term.stack is None:
        return _map(term, made)
    with np.errstate(all="ignore"):
        new = made(term.stack)
    return _split(list(new), [len(row) for row in term.values]) if np.isfinite(new).all() else None


def _split(values: Sequence[Any], counts: Sequence[int]) -> tuple[tuple[Any, ...], ...]:
    ends = np.cumsum([0, *counts])
    return tuple(tuple(values[start:end]) for start, end in pairwise(ends))
