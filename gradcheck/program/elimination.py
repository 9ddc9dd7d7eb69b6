"""np.linalg on small matrices of traced numbers: Gaussian elimination, written out operation by operation."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from gradcheck.program.scalars import Traced, is_traced, lift, primitive
from gradcheck.program.tape import Tape

LOG = primitive("log", np.log)


def linear_algebra(tape: Tape) -> Mapping[str, Any]:
    """inv, solve, det and slogdet for traced matrices; each leaves plain ones to NumPy."""

    def inv(a: Any) -> Any:
        return _solved(tape, _matrix(tape, a), _matrix(tape, np.eye(len(a))))

    def solve(a: Any, b: Any) -> Any:
        right = np.asarray(b, dtype=object)
        solution = _solved(tape, _matrix(tape, a), _matrix(tape, right.reshape(len(right), -1)))
        return solution.reshape(right.shape)

    def det(a: Any) -> Any:
        product, diagonal = _diagonal(tape, a)
        for pivot in diagonal:
            product = product * pivot
        return product

    def slogdet(a: Any) -> Any:
        sign, diagonal = _diagonal(tape, a)
        negative = [pivot.value < 0 for pivot in diagonal]
        logarithms = [LOG(-pivot if below else pivot) for pivot, below in zip(diagonal, negative, strict=True)]
        return float(sign * (-1) ** sum(negative)), sum(logarithms)

    return {one.__name__: _either(getattr(np.linalg, one.__name__), one) for one in (inv, solve, det, slogdet)}


def _either(real: Callable[..., Any], traced: Callable[..., Any]) -> Callable[..., Any]:
    def shim(*args: Any, **kwargs: Any) -> Any:
        return traced(*args, **kwargs) if any(map(is_traced, args)) else real(*args, **kwargs)

    return shim


def _matrix(tape: Tape, value: Any) -> Any:
    """A fresh matrix of traced numbers."""
    array = np.asarray(value, dtype=object)
    if array.ndim != 2:
        raise tape.refuse(f"np.linalg of an array with {array.ndim} dimensions")
    lifted = np.empty(array.shape, dtype=object)
    for index in np.ndindex(*array.shape):
        lifted[index] = lift(tape, array[index])
    return lifted


def _diagonal(tape: Tape, a: Any) -> tuple[Any, list[Traced]]:
    """(sign of the row swaps, pivots): their product is the determinant."""
    matrix = _matrix(tape, a)
    sign = _eliminate(tape, matrix, np.empty((len(matrix), 0), dtype=object))
    return sign, [matrix[k, k] for k in range(len(matrix))]


def _solved(tape: Tape, matrix: Any, right: Any) -> Any:
    _eliminate(tape, matrix, right)
    for k in reversed(range(len(matrix))):
        for row in range(k + 1, len(matrix)):
            right[k] = right[k] - matrix[k, row] * right[row]
        right[k] = right[k] / matrix[k, k]
    return right


def _eliminate(tape: Tape, matrix: Any, right: Any) -> int:
    """Makes the matrix upper triangular in place, with the right-hand sides; returns the sign of the row swaps.

    The largest pivot is taken, as LAPACK does. That choice is no branch: every order of rows gives the same function.
    """
    sign = 1
    for k in range(len(matrix)):
        best = max(range(k, len(matrix)), key=lambda row: abs(matrix[row, k].value))
        if matrix[best, k].value == 0:
            raise tape.refuse("np.linalg of a singular matrix")
        if best != k:
            matrix[[k, best]], right[[k, best]] = matrix[[best, k]], right[[best, k]]
            sign = -sign
        for row in range(k + 1, len(matrix)):
            factor = matrix[row, k] / matrix[k, k]
            matrix[row] = matrix[row] - factor * matrix[k]
            right[row] = right[row] - factor * right[k]
    return sign
