"""Work on long arrays piece by piece, so that what is between two operations stays in the processor's cache."""

import math
from collections.abc import Iterator

import numpy as np

from gradcheck.results.arrays import Floats

# Numbers worked on at once: three arrays of so many lie in a cache of the second level.
PIECE = 2**15
# Squares whose sum is this small or its inverse may have lost numbers that matter: 2^-500 of their range is left.
LEAST = 2.0**-500


def pieces_of(size: int) -> Iterator[slice]:
    """Slices that cover a row of that many numbers."""
    return (slice(first, first + PIECE) for first in range(0, size, PIECE))


def add_multiple(target: Floats, along: Floats, step: float) -> None:
    """target += step · along, in place; both flat. Of the ways to move a million numbers this one takes least."""
    if target.size <= PIECE:
        target += along * step
        return
    room = np.empty(PIECE)
    for piece in pieces_of(target.size):
        part = target[piece]
        part += np.multiply(along[piece], step, out=room[: part.size])


def dot(a: Floats, b: Floats) -> float:
    """The sum of a b, whatever the shape."""
    return float(np.dot(a.reshape(-1), b.reshape(-1)))


def length_of(a: Floats, b: Floats | None = None) -> float:
    """The root of the sum of (a b)^2 (of a^2 where there is no b), also where squares leave the floats."""
    with np.errstate(over="ignore"):
        squares = dot(a, a) if b is None else dot_of_squares(a, b)
    if LEAST < squares < 1 / LEAST:
        return math.sqrt(squares)
    sizes = [float(np.abs(one).max(initial=0.0)) for one in (a, b) if one is not None]
    if not all(0 < size < np.inf for size in sizes):
        return 0.0 if 0.0 in sizes else float("inf")
    parts = [one / size for one, size in zip((a, b), sizes, strict=False) if one is not None]
    return math.prod(sizes) * math.sqrt(dot(parts[0], parts[0]) if b is None else dot_of_squares(*parts))


def dot_of_squares(a: Floats, b: Floats) -> float:
    """The sum of (a b)^2."""
    a, b = a.reshape(-1), b.reshape(-1)
    return sum(dot(product, product) for product in (a[piece] * b[piece] for piece in pieces_of(a.size)))
