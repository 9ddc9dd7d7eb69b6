"""Products of vectors, matrices and tensors, and linear algebra, under NumPy's names and signatures."""

from typing import Any, NamedTuple

import numpy as np

from gradcheck.backprop.arrays.reducing import sum as total
from gradcheck.backprop.arrays.shaping import ravel
from gradcheck.backprop.kinds import shape_of
from gradcheck.backprop.rules import decompositions, linear
from gradcheck.backprop.rules.comparisons import sign
from gradcheck.backprop.rules.indexing import take
from gradcheck.backprop.rules.shapes import reshape
from gradcheck.backprop.variables import apply

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def matmul(a: Any, b: Any) -> Any:
    """a @ b: vectors, matrices, or stacks of matrices."""
    rows, columns = len(shape_of(a)) == 1, len(shape_of(b)) == 1
    left = reshape(a, (1, *shape_of(a))) if rows else a
    right = reshape(b, (*shape_of(b), 1)) if columns else b
    whole = linear.matmul(left, right)
    shape = shape_of(whole)
    lead = shape[:-2] + (() if rows else shape[-2:-1]) + (() if columns else shape[-1:])
    return reshape(whole, lead) if rows or columns else whole


def dot(a: Any, b: Any) -> Any:
    """np.dot: of numbers a product, of vectors and matrices `matmul`, else over the last axis and the last but one."""
    one, other = len(shape_of(a)), len(shape_of(b))
    if not one or not other:
        return apply("mul", a, b)
    return matmul(a, b) if other <= 2 else tensordot(a, b, ([one - 1], [other - 2]))


def einsum(subscripts: str, *operands: Any, optimize: Any = None) -> Any:
    """np.einsum with a text of subscripts; "..." and a missing "->" are written out."""
    inputs, arrow, output = subscripts.replace(" ", "").partition("->")
    parts = inputs.split(",")
    unused = [letter for letter in LETTERS if letter not in subscripts]
    ranks = [len(shape_of(o)) - len(part.replace("...", "")) for part, o in zip(parts, operands, strict=True)]
    most = max((rank for rank, part in zip(ranks, parts, strict=True) if "..." in part), default=0)
    dots = "".join(unused[:most])
    if not arrow:
        letters = "".join(parts).replace(".", "")
        output = "..." * ("..." in inputs) + "".join(sorted(c for c in set(letters) if letters.count(c) == 1))
    full = [part.replace("...", dots[most - rank :]) for part, rank in zip(parts, ranks, strict=True)]
    return linear.einsum(*operands, subscripts=f"{','.join(full)}->{output.replace('...', dots)}")


def tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    """np.tensordot: the sum of products over pairs of axes."""
    one, other = len(shape_of(a)), len(shape_of(b))
    pairs = (list(range(one - axes, one)), list(range(axes))) if isinstance(axes, int) else axes
    left, right = ([k] if isinstance(k, int) else list(k) for k in pairs)
    first, second = list(LETTERS[:one]), list(LETTERS[one : one + other])
    for i, j in zip(left, right, strict=True):
        second[j] = first[i]
    summed = {first[i] for i in left}
    kept = "".join(letter for letter in first + second if letter not in summed)
    return linear.einsum(a, b, subscripts=f"{''.join(first)},{''.join(second)}->{kept}")


def outer(a: Any, b: Any) -> Any:
    """All products of an entry of a with one of b."""
    return reshape(ravel(a), (_size(a), 1)) * reshape(ravel(b), (1, _size(b)))


def _size(a: Any) -> int:
    return int(np.prod(shape_of(a)))


def diagonal(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """The diagonal of every matrix in the two axes, as the last axis."""
    rank = len(shape_of(a))
    axis1, axis2 = axis1 % rank, axis2 % rank
    order = [k for k in range(rank) if k not in (axis1, axis2)]
    moved = apply("transpose", a, axes=(*order, axis1, axis2))
    rows, columns = shape_of(moved)[-2:]
    i = np.arange(max(0, -offset), max(0, min(rows, columns - offset)))
    return take(moved, (..., i, i + offset))


def trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """The sum of the diagonal."""
    return total(diagonal(a, offset, axis1, axis2), -1)


def tril(a: Any, k: int = 0) -> Any:
    """The lower triangle of every matrix."""
    return apply("where", np.tri(shape_of(a)[-2], shape_of(a)[-1], k, dtype=bool), a, 0.0)


def triu(a: Any, k: int = 0) -> Any:
    """The upper triangle of every matrix."""
    return apply("where", ~np.tri(shape_of(a)[-2], shape_of(a)[-1], k - 1, dtype=bool), a, 0.0)


def solve(a: Any, b: Any) -> Any:
    """x with a·x = b, for one right-hand side or a matrix of them."""
    if len(shape_of(b)) > 1:
        return decompositions.solve(a, b)
    return decompositions.solve(a, reshape(b, (*shape_of(b), 1)))[..., 0]


class SignAndLogdet(NamedTuple):
    """What np.linalg.slogdet gives."""

    sign: Any
    logabsdet: Any


def slogdet(a: Any) -> SignAndLogdet:
    """(sign of det a, log|det a|) of real matrices; the sign has no derivative."""
    return SignAndLogdet(sign(decompositions.det(a)), decompositions.logdet(a))
