"""Systems of equations, inverses, determinants, Cholesky's factor, each for stacks of matrices.

Source: M. Giles, An extended collection of matrix derivative results for forward and reverse mode AD (2008);
I. Murray, Differentiation of the Cholesky decomposition (2016).
"""

from typing import Any

import numpy as np

from gradcheck.backprop.kinds import is_complex, shape_of
from gradcheck.backprop.primitives import Primitive, Rule
from gradcheck.backprop.rules.complexes import conjugate, real
from gradcheck.backprop.rules.linear import adjoint, matmul
from gradcheck.backprop.rules.shapes import reshape, unbroadcast
from gradcheck.backprop.variables import apply, define

inv: Rule = define(
    "inv",
    Primitive(
        np.linalg.inv,
        (lambda y_bar, y, a: -matmul(adjoint(y), matmul(y_bar, adjoint(y))),),
        (lambda x_dot, y, a: -matmul(y, matmul(x_dot, y)),),
    ),
)


def _solve_left(y_bar: Any, y: Any, a: Any, b: Any) -> Any:
    return unbroadcast(-matmul(solve(adjoint(a), y_bar), adjoint(y)), a)


# y = a⁻¹·b with b a matrix; `arrays.solve` brings a vector into that form.
solve: Rule = define(
    "solve",
    Primitive(
        np.linalg.solve,
        (_solve_left, lambda y_bar, y, a, b: unbroadcast(solve(adjoint(a), y_bar), b)),
        (lambda x_dot, y, a, b: -solve(a, matmul(x_dot, y)), lambda x_dot, y, a, b: solve(a, x_dot)),
    ),
)


def _per_matrix(y: Any) -> Any:
    """One number per matrix as a 1×1 matrix each."""
    return reshape(y, (*shape_of(y), 1, 1))


def _trace_of_product(a: Any, b: Any) -> Any:
    """tr(a·b) of every pair."""
    rank = len(shape_of(a))
    return apply("sum", a * apply("transpose", b, axes=_swap(rank)), axis=(rank - 2, rank - 1), keepdims=False)


def _swap(rank: int) -> tuple[int, ...]:
    return (*range(rank - 2), rank - 1, rank - 2)


def _logdet_jvp(x_dot: Any, y: Any, a: Any) -> Any:
    share = _trace_of_product(inv(a), x_dot)
    return real(share) if is_complex(share) else share


# log|det a|, real also for complex matrices.
logdet: Rule = define(
    "logdet",
    Primitive(
        lambda a: np.linalg.slogdet(a)[1],
        (lambda y_bar, y, a: _per_matrix(y_bar) * adjoint(inv(a)),),
        (_logdet_jvp,),
    ),
)
det: Rule = define(
    "det",
    Primitive(
        np.linalg.det,
        (lambda y_bar, y, a: _per_matrix(y_bar * conjugate(y)) * adjoint(inv(a)),),
        (lambda x_dot, y, a: y * _trace_of_product(inv(a), x_dot),),
    ),
)


def _half(a: Any) -> Any:
    """The lower triangle with the diagonal halved, Murray's Φ."""
    size = shape_of(a)[-1]
    return a * (np.tril(np.ones((size, size))) - 0.5 * np.eye(size))


def _whole(a: Any) -> Any:
    """The Hermitian matrix of the lower triangle, which is the part that NumPy reads; its diagonal is real."""
    below = _half(a)
    return below + adjoint(below)


def _cholesky_vjp(y_bar: Any, y: Any, a: Any) -> Any:
    inner = _whole(matmul(adjoint(y), y_bar))
    bar = 0.5 * solve(adjoint(y), adjoint(solve(adjoint(y), adjoint(inner))))
    return _half(bar + adjoint(bar))


def _cholesky_jvp(x_dot: Any, y: Any, a: Any) -> Any:
    inner = solve(y, adjoint(solve(y, _whole(x_dot))))
    return matmul(y, _half(inner))


# The lower factor as NumPy has it, from the lower triangle alone: the upper one has slope 0.
cholesky: Rule = define("cholesky", Primitive(np.linalg.cholesky, (_cholesky_vjp,), (_cholesky_jvp,)))
