"""A gradient as losses: one of its entries, or a random sum of them, is a number whose gradient the Hessian holds."""

import functools
import operator
import pickle
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradcheck.labels import entries
from gradcheck.results.arrays import Floats
from gradcheck.subject.blame import blaming
from gradcheck.subject.cases import Functions
from gradcheck.subject.effects import shielded
from gradcheck.subject.forms import Form, form_of
from gradcheck.subject.products import name_of, random_numbers
from gradcheck.subject.structures import Flat, flatten, gather

Row = tuple[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Curvature:
    """A gradient and its Hessian at a point, each called once per point however many rows are asked for."""

    grad: Callable[..., Any]
    hess: Callable[..., Any]
    given: Any
    form: Form
    at: Flat
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]

    @property
    def rows(self) -> list[Row]:
        """(name, index) of every entry of the point, in order."""
        return [(name, index) for name, array in self.at.arrays.items() for _, index in entries(name, array.shape)]


def curvature_of(
    grad: Callable[..., Any],
    hess: Callable[..., Any],
    at: Any,
    args: tuple[Any, ...] = (),
    kwargs: Mapping[str, Any] | None = None,
) -> Curvature:
    """The two functions at a point, remembering what they returned for each set of arguments."""
    form = form_of(at, grad)
    flat = flatten(form.pack(at), form.names[0] if form.names else "x")
    return Curvature(_remembered(grad), _remembered(hess), at, form, flat, args, dict(kwargs or {}))


def row_functions(curvature: Curvature, row: Row) -> Functions:
    """One entry of the gradient as a loss, and its row of the Hessian as that loss's gradient."""
    return _functions(curvature, {row: 1.0})


def combined_functions(curvature: Curvature, seed: int) -> Functions:
    """A random sum of all entries of the gradient as a loss, and the same sum of the Hessian's rows as its gradient."""
    weights = random_numbers((len(curvature.rows),), np.random.default_rng(seed))
    return _functions(curvature, dict(zip(curvature.rows, weights.tolist(), strict=True)))


def matrix_at(curvature: Curvature) -> Floats | None:
    """The Hessian at the point as one square matrix of all entries; None where it does not have that many."""
    packed = curvature.at.build(curvature.at.arrays)
    name = name_of(curvature.hess)
    with blaming(name, f"calling {name}"), np.errstate(all="ignore"):
        returned = curvature.form.call(curvature.hess, packed, shielded(curvature.args), shielded(curvature.kwargs))
    rows = [_row(curvature, returned, row) for row in curvature.rows]
    size = len(rows)
    flat = [np.concatenate([np.ravel(part) for part in row.values()] or [np.zeros(0)]) for row in rows]
    return np.array(flat, dtype=np.float64) if all(line.shape == (size,) for line in flat) else None


def _functions(curvature: Curvature, weights: Mapping[Row, float]) -> Functions:
    @functools.wraps(curvature.grad)
    def loss(*a: Any, **k: Any) -> Any:
        parts = _by_name(curvature, curvature.grad(*a, **k))
        return sum(weight * np.asarray(parts[name])[index] for (name, index), weight in weights.items())

    @functools.wraps(curvature.hess)
    def gradient(*a: Any, **k: Any) -> Any:
        returned = curvature.hess(*a, **k)
        rows = [
            {name: _scaled(weight, part) for name, part in _row(curvature, returned, row).items()}
            for row, weight in weights.items()
        ]
        total = {name: _added([row[name] for row in rows]) for name in rows[0]}
        fits = all(_has_shape(total.get(name), array.shape) for name, array in curvature.at.arrays.items())
        return curvature.at.build(total) if fits else total

    return Functions(loss, gradient, args=curvature.args, kwargs=curvature.kwargs)


def _has_shape(part: Any, shape: tuple[int, ...]) -> bool:
    return part is not None and np.asarray(part).shape == shape


def _added(parts: list[Any]) -> Any:
    return None if any(part is None for part in parts) else functools.reduce(operator.add, parts)


def _scaled(weight: float, part: Any) -> Any:
    return part if weight == 1 or part is None else weight * np.asarray(part)


def _by_name(curvature: Curvature, returned: Any) -> dict[str, Any]:
    form = curvature.form
    return gather(form.pack(returned), form.pack(curvature.given), form.names[0])


def _row(curvature: Curvature, returned: Any, row: Row) -> dict[str, Any]:
    """One row of a Hessian, part by part: out of a square matrix of all entries, or of block (row's name, name)."""
    arrays = curvature.at.arrays
    size = sum(array.size for array in arrays.values())
    whole = _or_none(returned)
    if whole is not None and whole.shape == (size, size):
        line = whole[curvature.rows.index(row)]
        ends = np.cumsum([array.size for array in arrays.values()])[:-1]
        parts = np.split(line, ends)
        return {name: part.reshape(arrays[name].shape) for name, part in zip(arrays, parts, strict=True)}
    name, index = row
    if len(arrays) == 1:
        return {name: _picked(returned, index)}
    blocks = _part(returned, name, list(arrays))
    return {other: _picked(_part(blocks, other, list(arrays)), index) for other in arrays}


def _part(container: Any, name: str, names: list[str]) -> Any:
    """What a container holds under a parameter's name, or in its place; None where it holds nothing there."""
    if isinstance(container, Mapping):
        first, _, rest = name.partition(".")
        return container[name] if name in container else _part(container.get(first), rest, names) if rest else None
    fits = isinstance(container, list | tuple) and len(container) == len(names) and name in names
    return container[names.index(name)] if fits else None


def _picked(part: Any, index: tuple[int, ...]) -> Any:
    """The part of a block that belongs to one entry; the block itself where it has no such entry."""
    if part is None:
        return None
    try:
        return np.asarray(part)[index]
    except (IndexError, ValueError):
        return part


def _or_none(value: Any) -> NDArray[Any] | None:
    """The value as an array, where it is one."""
    try:
        array = np.asarray(value)
    except ValueError:
        return None
    return array if array.dtype.kind in "fiu" else None


def _remembered(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same function; for arguments that it had before it gives what it returned then."""
    known: dict[bytes, Any] = {}

    @functools.wraps(function)
    def remembering(*a: Any, **k: Any) -> Any:
        key = pickle.dumps((a, k))
        if key not in known:
            known[key] = function(*a, **k)
        return known[key]

    return remembering


def rows_in(curvature: Curvature) -> Iterator[tuple[Row, Functions]]:
    """Every row with its functions."""
    for row in curvature.rows:
        yield row, row_functions(curvature, row)
