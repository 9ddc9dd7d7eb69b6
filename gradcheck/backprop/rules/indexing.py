"""Reading entries, and its adjoint: adding pieces into zeros. Putting arrays end to end."""

from typing import Any

import numpy as np

from gradcheck.backprop.kinds import dtype_of, shape_of
from gradcheck.backprop.primitives import Primitive
from gradcheck.backprop.rules.shapes import unbroadcast
from gradcheck.backprop.tape import Piece
from gradcheck.backprop.variables import apply, define


def take(a: Any, index: Any) -> Any:
    """a[index], for any index that NumPy takes; an entry that is read twice receives both cotangents."""
    return apply("take", a, index=index)


def flip(a: Any, axis: int) -> Any:
    """The entries of an axis in reverse."""
    return take(a, (slice(None),) * axis + (slice(None, None, -1),))


def is_basic(index: Any) -> bool:
    """Does the index read every entry at most once, as a view?"""
    parts = index if isinstance(index, tuple) else (index,)
    return all(part is None or part is Ellipsis or isinstance(part, int | np.integer | slice) for part in parts)


def _stored(a: Any, value: Any, index: Any) -> Any:
    new = np.array(a, np.result_type(a, value))
    new[index] = value
    return new


def _kept(a: Any, index: Any) -> Any:
    """1 where storing at an index leaves the old number, else 0."""
    kept = np.ones(shape_of(a))
    kept[index] = 0.0
    return kept


def _last(a: Any, index: Any) -> Any:
    """1 where a stored number is the one that stays, 0 where the index names its entry again later."""
    places = np.arange(np.size(_kept(a, index)[index]) or 1).reshape(np.shape(_kept(a, index)[index]))
    holder = np.zeros(shape_of(a), dtype=int)
    holder[index] = places
    return (holder[index] == places) * 1.0


def _stored_bar(y_bar: Any, y: Any, a: Any, value: Any, index: Any) -> Any:
    return unbroadcast(take(y_bar, index) * _last(a, index), value)


def _stored_dot(x_dot: Any, y: Any, a: Any, value: Any, index: Any) -> Any:
    spread = apply("broadcast_to", x_dot, shape=np.shape(_kept(a, index)[index]))
    return apply("assemble", spread * _last(a, index), indices=(index,), shape=shape_of(a))


def _assembled(*pieces: Any, indices: tuple[Any, ...], shape: tuple[int, ...]) -> Any:
    whole = np.zeros(shape, np.result_type(*pieces))
    for piece, index in zip(pieces, indices, strict=True):
        if is_basic(index):
            whole[index] += piece
        else:
            np.add.at(whole, index, piece)
    return whole


def _assemble_jvp(dots: list[Any], y: Any, *pieces: Any, indices: tuple[Any, ...], shape: tuple[int, ...]) -> Any:
    moving = [place for place, dot in enumerate(dots) if dot is not None]
    return apply(
        "assemble", *(dots[place] for place in moving), indices=tuple(indices[place] for place in moving), shape=shape
    )


def _span(place: int, parts: tuple[Any, ...], axis: int) -> tuple[slice, ...]:
    start = sum(shape_of(part)[axis] for part in parts[:place])
    return (slice(None),) * axis + (slice(start, start + shape_of(parts[place])[axis]),)


def _concatenate_jvp(dots: list[Any], y: Any, *parts: Any, axis: int) -> Any:
    filled = [
        np.zeros(shape_of(part), dtype_of(part)) if dot is None else dot for dot, part in zip(dots, parts, strict=True)
    ]
    return apply("concatenate", *filled, axis=axis)


define(
    "take",
    Primitive(
        lambda a, index: a[index],
        (lambda y_bar, y, a, index: Piece(y_bar, index),),
        (lambda x_dot, y, a, index: take(x_dot, index),),
    ),
)
# The array with a value stored at an index, as `a[index] = value` leaves it.
define(
    "put",
    Primitive(
        _stored,
        (lambda y_bar, y, a, value, index: y_bar * _kept(a, index), _stored_bar),
        (lambda x_dot, y, a, value, index: x_dot * _kept(a, index), _stored_dot),
    ),
)
# Zeros of `shape` with every piece added at its index.
define(
    "assemble",
    Primitive(
        _assembled,
        (lambda place, y_bar, y, *pieces, indices, shape: take(y_bar, indices[place]),),
        (_assemble_jvp,),
        variadic=True,
    ),
)
define(
    "concatenate",
    Primitive(
        lambda *parts, axis: np.concatenate(parts, axis),
        (lambda place, y_bar, y, *parts, axis: take(y_bar, _span(place, parts, axis)),),
        (_concatenate_jvp,),
        variadic=True,
    ),
)
