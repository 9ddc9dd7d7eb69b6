"""A mean over all where one over a mask is meant: the support of a sparse projection, what is no padding."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from gradcheck.diagnosis.candidates.places import (
    ATOM,
    MULTIPLIED,
    Candidate,
    Place,
    guarded,
    operands,
    replaced,
    text_of,
)
from gradcheck.diagnosis.pools import Named, fingerprint
from gradcheck.diagnosis.values import is_mask

Values = tuple[Any, ...]
COST = 1.2


def restrict_means(place: Place, pool: Sequence[Named], values: Mapping[ast.expr, Values]) -> Iterator[Candidate]:
    """Candidates that take a mean over the entries of a mask in scope alone; each mask once, by its nearest text.

    values: what the sub-expressions have at the moments of the pool.
    """
    for node in (one for one in operands(place) if isinstance(one, ast.Call)):
        told = _mean_of(node)
        had = values.get(told[0]) if told is not None else None
        if told is None or had is None or not any(np.shape(value) for value in had):
            continue
        inner, options = told
        rest = ", ".join([*(text_of(place, one) for one in options), *(_keyword(place, one) for one in node.keywords)])
        for named in _masks(pool, [np.shape(value) for value in had]):
            new = _over(text_of(place, inner), named, rest, all(map(is_mask, named.values)))
            yield replaced(place, node, new, COST + 0.5 * named.cost, f"the mean where {named.text}")


def _mean_of(node: ast.Call) -> tuple[ast.expr, list[ast.expr]] | None:
    """(what a mean is taken of, its axis if it is told by place); None of other calls."""
    match node:
        case ast.Call(ast.Attribute(ast.Name("np" | "numpy"), "mean"), [inner, *options]):
            return inner, options
        case ast.Call(ast.Attribute(inner, "mean"), options) if not isinstance(inner, ast.Name) or inner.id != "np":
            return inner, options
    return None


def _keyword(place: Place, keyword: ast.keyword) -> str:
    return f"{keyword.arg}={text_of(place, keyword.value)}"


def _masks(pool: Sequence[Named], shapes: Sequence[tuple[int, ...]]) -> Iterator[Named]:
    """What is true and false, or 0 and 1, in these shapes, and not the same everywhere."""
    seen: set[tuple[Any, ...]] = set()
    for named in sorted(pool, key=lambda one: one.cost):
        if [np.shape(value) for value in named.values] != list(shapes):
            continue
        arrays = [np.asarray(value, dtype=float) for value in named.values]
        key = fingerprint(arrays)
        is_any = all(np.any(one) for one in arrays) and not all(np.all(one) for one in arrays)
        if is_any and key not in seen and all(np.isin(one, (0.0, 1.0)).all() for one in arrays):
            seen.add(key)
            yield named


def _over(text: str, named: Named, rest: str, is_bool: bool) -> str:
    """The mean of the entries under a mask; along an axis the sum of them over their number."""
    if is_bool and not rest:
        return f"{guarded(text, ATOM)}[{named.text}].mean()"
    inside = f"{guarded(text, MULTIPLIED)} * {guarded(named.text, MULTIPLIED + 1)}"
    return f"({inside}).sum({rest}) / {guarded(named.text, ATOM)}.sum({rest})"
