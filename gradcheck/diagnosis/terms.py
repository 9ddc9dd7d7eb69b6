"""What may be missing from a formula: the values in scope, and what is usually made of one of them in a derivative."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from gradcheck.diagnosis.candidates.places import ADDED, ATOM, MULTIPLIED, guarded
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
            terms.append(Term(named.text, split(named.values, counts), named.cost))
    return terms


def named_terms(pool: Sequence[Named], counts: Sequence[int]) -> list[Term]:
    """A term for each formula; nothing is made of them."""
    return [Term(named.text, split(named.values, counts), named.cost, True) for named in pool]


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
        new = map_values(term, lambda u: np.swapaxes(u, -1, -2))
        if new is not None:
            yield Term(f"{atom}.T" if most == 2 else f"{atom}.swapaxes(-1, -2)", new, term.cost + 0.2, True)
        same = new and both(term, Term("", new, 0.0), np.add)
        if same:
            yield Term(f"({term.text} + {atom}.T)", same, term.cost + 0.2, True)
    for axis in range(most):
        for kept in (False, True):
            new = map_values(term, _reducing(axis, kept))
            if new is not None:
                more = ", keepdims=True" if kept else ""
                yield Term(f"{atom}.sum(axis={axis}{more})", new, term.cost + 0.4, True)
    new = map_values(term, np.sum)
    if new is not None:
        yield Term(f"{atom}.sum()", new, term.cost + 0.5, True)


def _reducing(axis: int, kept: bool) -> Callable[[Any], Any]:
    return lambda u: np.sum(u, axis=axis, keepdims=kept)


def both(one: Term, other: Term, made: Callable[[Any, Any], Any]) -> tuple[tuple[Floats, ...], ...] | None:
    """The values made of two terms' together; None where they do not fit."""
    try:
        with np.errstate(all="ignore"):
            return tuple(
                tuple(np.asarray(made(u, v), dtype=float) for u, v in zip(us, vs, strict=True))
                for us, vs in zip(one.values, other.values, strict=True)
            )
    except (ValueError, TypeError):
        return None


def map_values(term: Term, made: Callable[[Any], Any]) -> tuple[tuple[Any, ...], ...] | None:
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
        return map_values(term, made)
    with np.errstate(all="ignore"):
        new = made(term.stack)
    return split(list(new), [len(row) for row in term.values]) if np.isfinite(new).all() else None


def split(values: Sequence[Any], counts: Sequence[int]) -> tuple[tuple[Any, ...], ...]:
    """The values of all moments, point by point; counts: moments of each point."""
    ends = np.cumsum([0, *counts])
    return tuple(tuple(values[start:end]) for start, end in pairwise(ends))
