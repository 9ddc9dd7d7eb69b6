"""Every function of NumPy that we answer for gives NumPy's own answer, and does so for a variable too."""

import warnings

import numpy as np
import pytest

from gradcheck.backprop.structures import leaves_of
from gradcheck.backprop.tangents import Tangents
from gradcheck.backprop.variables import FUNCTIONS, UFUNCS, Variable

A = np.array([[0.31, -0.72, 1.13], [-1.64, 0.95, -0.27]])
B = A[::-1] * 0.8 + 0.1
M = np.array([[2.0, 0.3, -0.4], [0.3, 1.5, 0.2], [-0.4, 0.2, 1.8]])
T = np.cos(np.arange(24.0)).reshape(2, 3, 4)
CALLS = {
    np.sum: [(A,), (A, 1), (T, (0, -1))],
    np.max: [(A,), (A, 0)],
    np.amax: [(A,)],
    np.min: [(A,), (A, -1)],
    np.amin: [(A,)],
    np.mean: [(A,), (T, (0, 2))],
    np.var: [(A,), (A, 0), (A + 1j * B, 0)],
    np.std: [(A,), (A, 1)],
    np.prod: [(A,), (T, 1), (T, (0, 2)), (A[:0],)],
    np.cumsum: [(A,), (A, 1), (T, -2)],
    np.reshape: [(A, (3, 2)), (A, -1), (T, (4, -1))],
    np.ravel: [(A,), (A.T,)],
    np.transpose: [(A,), (T, (2, 0, 1)), (T, (-1, 0, 1))],
    np.moveaxis: [(T, 0, -1), (T, (0, 1), (2, 0))],
    np.swapaxes: [(T, 0, -1)],
    np.expand_dims: [(A, 1), (A, (0, -1))],
    np.squeeze: [(A[None, :, None],), (A[None, :, None], 0)],
    np.broadcast_to: [(A[0], (2, 3))],
    np.broadcast_arrays: [(A, A[0], 2.0)],
    np.astype: [(A, np.float32)],
    np.concatenate: [([A, B],), ([A, B], 1), ([A, B], None)],
    np.stack: [([A, B],), ([A, B], 1), ([A, B], -1)],
    np.hstack: [([A, B],), ([A[0], B[0]],)],
    np.vstack: [([A, B],), ([A[0], B[0]],)],
    np.split: [(A, 3, 1), (T, [1, 3], 2)],
    np.array_split: [(T, 3, 2)],
    np.pad: [(A, 1), (A, ((1, 2), (0, 3)), "edge"), (A, ((0, 0), (2, 1)), "reflect")],
    np.flip: [(A,), (A, 1), (T, (0, 2))],
    np.fliplr: [(A,)],
    np.flipud: [(A,)],
    np.roll: [(A, 1, 1), (A, -2, 0)],
    np.take: [(A, [0, 2, 2], 1), (A, [5, 0])],
    np.take_along_axis: [(A, np.argsort(A, 1), 1)],
    np.sort: [(A,), (A, 0)],
    np.repeat: [(A, 2), (A, 3, 1)],
    np.tile: [(A, 2), (A, (2, 1, 3))],
    np.diff: [(A,), (T, 2, 1)],
    np.dot: [(A, M), (A[0], B[0]), (2.0, A), (A[0], T), (T, T[0].T)],
    np.matmul: [(A, M), (A[0], M), (M, A[0]), (T, T.swapaxes(1, 2)), (A[0], A[1])],
    np.vdot: [(A, B), (A + 1j * B, B + 1j * A)],
    np.inner: [(A, B), (A[0], B)],
    np.outer: [(A, B)],
    np.einsum: [("ij,kj->ik", A, B), ("ij,ij", A, B), ("...j->...", T), ("ii", M), ("i...,i...->...", T, T)],
    np.tensordot: [(T, T, ([0, 1], [0, 1])), (A, M, 1)],
    np.diagonal: [(M,), (T, 1), (T, 0, 1, 2), (A, -1)],
    np.trace: [(M,), (T, 1, 1, 2)],
    np.tril: [(A,), (M, -1)],
    np.triu: [(A,), (M, 1)],
    np.clip: [(A, -0.5, 0.5), (A, None, 0.2), (A, 0.1, None)],
    np.where: [(A > 0, A, B), (A > 0, A, 1.0)],
    np.angle: [(A + 1j * B,)],
    np.real: [(A + 1j * B,), (A,)],
    np.imag: [(A + 1j * B,), (A,)],
    np.conj: [(A + 1j * B,), (A,)],
    np.argmax: [(A,), (A, 1)],
    np.argmin: [(A,), (A, 0)],
    np.argsort: [(A,), (A, 0)],
    np.any: [(A > 0, 1)],
    np.all: [(A > -1,)],
    np.round: [(A,), (A, 1)],
    np.shape: [(A,)],
    np.ndim: [(T,)],
    np.size: [(A,), (A, 1)],
    np.copy: [(A,)],
    np.diag: [(A,), (A[0],), (A[0], -1)],
    np.iscomplexobj: [(A,), (A + 1j,)],
    np.zeros_like: [(A,)],
    np.ones_like: [(A,)],
    np.full_like: [(A, 3.0)],
    np.atleast_1d: [(A,), (np.float64(2.0),)],
    np.atleast_2d: [(A,), (A[0],)],
    np.nan_to_num: [(A,)],
    np.linalg.solve: [(M, A.T), (M, A[0])],
    np.linalg.inv: [(M,)],
    np.linalg.det: [(M,)],
    np.linalg.slogdet: [(M,), (-M,)],
    np.linalg.cholesky: [(M,)],
    np.linalg.norm: [(A,), (A, None, 1), (A[0], 2), (A, "fro")],
}
EACH = [(function, args) for function, calls in CALLS.items() for args in calls]


def close(ours, theirs):
    for one, other in zip(leaves_of(ours), leaves_of(theirs), strict=True):
        assert np.shape(one) == np.shape(other)
        np.testing.assert_allclose(one, other, rtol=1e-13, atol=1e-14)


def entered(args, sweep):
    """The arguments with every array of floats as a variable."""
    if isinstance(args, tuple | list):
        return type(args)(entered(arg, sweep) for arg in args)
    is_array = isinstance(args, np.ndarray) and args.dtype.kind in "fc"
    return sweep.variable(args, np.zeros_like(args)) if is_array else args


# np.add.at writes: tests/backprop/test_writing.py.
RETURNING = [key for key in UFUNCS if key[1] != "at"]


def left(found):
    if isinstance(found, tuple | list):
        return [left(part) for part in found]
    return found.value if isinstance(found, Variable) else found


@pytest.mark.parametrize(("function", "args"), EACH, ids=lambda part: getattr(part, "__name__", ""))
def test_a_function_of_a_variable_gives_the_answer_of_numpy(function, args):
    close(left(function(*entered(args, Tangents()))), function(*args))


def test_every_function_that_is_answered_for_has_a_case():
    assert {key for key in FUNCTIONS if callable(key)} == set(CALLS)


@pytest.mark.parametrize(("ufunc", "method"), RETURNING, ids=lambda part: getattr(part, "__name__", part))
def test_a_ufunc_of_a_variable_gives_the_answer_of_numpy(ufunc, method):
    args = (A,) if method == "reduce" else (A, B)[: ufunc.nin]
    args = (M, M) if ufunc is np.matmul else args
    args = tuple(arg > 0 for arg in args) if "bitwise" in ufunc.__name__ or "logical" in ufunc.__name__ else args
    args = (A > 0,) if ufunc is np.invert else args
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # outside of a domain both are NaN
        call = getattr(ufunc, method)
        ours = call(*(Tangents().variable(args[0], args[0]), *args[1:]))
        close(left(ours), call(*args))


@pytest.mark.parametrize(
    "name", ["sum", "mean", "std", "var", "max", "min", "prod", "ravel", "flatten", "conj", "cumsum"]
)
def test_a_method_of_a_variable_is_that_of_an_array(name):
    close(left(getattr(Tangents().variable(A, A), name)()), getattr(A, name)())


def test_attributes_of_a_variable_are_those_of_an_array():
    x = Tangents().variable(A, A)
    assert (x.shape, x.ndim, x.size, x.dtype, len(x)) == (A.shape, A.ndim, A.size, A.dtype, len(A))
    close(left(x.T), A.T)
    close(left(x.mT), A.mT)
    close([left(part) for part in x.flat], list(A.flat))
    assert (float(x[0, 0]), x[0, 0].item(), x.tolist()) == (A[0, 0], A[0, 0], A.tolist())
    assert complex(x[0, 0]) == complex(A[0, 0])
    assert bool(x[0, 0] > 0)
    assert [10, 20, 30][x.astype(int)[0, 2]] == 20
