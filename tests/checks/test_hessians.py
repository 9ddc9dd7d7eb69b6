"""Hessians: right ones agree, a single wrong entry is named."""

import numpy as np
import pytest

import gradcheck
from gradcheck.errors import UsageError, UserCodeError
from gradcheck.results.outcomes import Outcome, Reason

X = np.array([0.3, -0.8, 1.1])


def rosenbrock(x):
    return float(np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2))


def slope(x):
    g = np.zeros_like(x)
    g[:-1] += -400 * x[:-1] * (x[1:] - x[:-1] ** 2) - 2 * (1 - x[:-1])
    g[1:] += 200 * (x[1:] - x[:-1] ** 2)
    return g


def curvature(x):
    H = np.zeros((len(x), len(x)))
    for i in range(len(x) - 1):
        H[i, i] += 1200 * x[i] ** 2 - 400 * x[i + 1] + 2
        H[i, i + 1] = H[i + 1, i] = -400 * x[i]
        H[i + 1, i + 1] += 200
    return H


def breaks(x):
    raise KeyError("x9")


def wrong_in(result):
    assert result.outcome is Outcome.DISAGREE
    return {v.name: v.wrong_entries for v in result.parameters if v.outcome is Outcome.DISAGREE}


def test_a_right_hessian_agrees_entry_by_entry():
    result = gradcheck.check_hessian(rosenbrock, slope, curvature, at=X)
    assert result
    assert [(v.name, v.shape) for v in result.parameters] == [("hess", (3, 3))]
    assert result.resolution < 1e-6
    np.testing.assert_allclose(result.points[0].verdicts[0].numeric, curvature(X), rtol=1e-7, atol=1e-5)
    assert [point.kind for point in result.points] == ["given", "generic"]
    assert "hess" in str(result)


@pytest.mark.parametrize("place", [(0, 1), (2, 2), (0, 2)])
def test_one_wrong_entry_is_named_and_asymmetry_noted(place):
    def wrong(x):
        H = curvature(x)
        H[place] += 0.01
        return H

    result = gradcheck.check_hessian(rosenbrock, slope, wrong, at=X)
    assert wrong_in(result) == {"hess": (place,)}
    told = "; ".join(result.notes)
    if place == (0, 2):
        assert "wrong is not symmetric: by x[0] and x[2] it is 0.01, by x[2] and x[0] 0: derivat" in told
    else:
        assert ("not symmetric" in told) == (place[0] != place[1])


def test_a_wrong_gradient_is_said_first():
    result = gradcheck.check_hessian(rosenbrock, lambda x: 2 * slope(x), lambda x: 2 * curvature(x), at=X)
    assert list(wrong_in(result)) == ["x"]
    assert "the Hessian was not looked at, mend the gradient first" in result.notes[-1]


def test_a_fault_that_only_a_generic_point_shows():
    result = gradcheck.check_hessian(
        lambda x: float(x[0] ** 2 * x[1]),
        lambda x: np.array([2 * x[0] * x[1], x[0] ** 2]),
        lambda x: np.array([[2 * x[1], 2 * x[1]], [2 * x[0], 0.0]]),
        at=np.array([0.5, 0.5]),
    )
    assert wrong_in(result) == {"hess": ((0, 1),)}
    assert result.blind


def two(W, b):
    return float(np.sum(W @ b) ** 2)


def two_slopes(W, b):
    s = np.sum(W @ b)
    return {"W": 2 * s * np.ones((2, 1)) * b, "b": 2 * s * W.sum(0)}


def two_blocks(W, b):
    s, ones = np.sum(W @ b), np.ones(2)
    bb, c = np.einsum("i,j,k,l->ijkl", ones, b, ones, b), W.sum(0)
    Wb = 2 * np.einsum("i,j,k->ijk", ones, b, c) + 2 * s * np.einsum("i,jk->ijk", ones, np.eye(3))
    return {"W": {"W": 2 * bb, "b": Wb}, "b": {"W": np.moveaxis(Wb, 2, 0).copy(), "b": 2 * np.outer(c, c)}}


AT = {"W": np.array([[0.3, -0.2, 0.9], [0.1, 0.7, -0.4]]), "b": np.array([0.6, -0.5, 0.2])}


def test_several_parameters_have_blocks():
    result = gradcheck.check_hessian(two, two_slopes, two_blocks, at=AT)
    assert result
    assert {v.name: v.shape for v in result.parameters} == {
        "hess.W.W": (2, 3, 2, 3), "hess.W.b": (2, 3, 3), "hess.b.W": (3, 2, 3), "hess.b.b": (3, 3),
    }  # fmt: skip

    def wrong(W, b):
        blocks = two_blocks(W, b)
        blocks["b"]["W"][2, 1, 0] *= 1.01
        return blocks

    assert wrong_in(gradcheck.check_hessian(two, two_slopes, wrong, at=AT)) == {"hess.b.W": ((2, 1, 0),)}


def test_one_square_matrix_of_all_entries_will_do():
    def matrix(W, b):
        blocks = two_blocks(W, b)
        shaped = [[blocks[r][c].reshape(AT[r].size, AT[c].size) for c in AT] for r in AT]
        return np.block(shaped)

    assert gradcheck.check_hessian(two, two_slopes, matrix, at=AT)


def test_a_scalar_and_a_wrong_shape():
    assert gradcheck.check_hessian(lambda x: x**3, lambda x: 3 * x**2, lambda x: 6 * x, at=0.7)
    assert not gradcheck.check_hessian(lambda x: x**3, lambda x: 3 * x**2, lambda x: 3 * x, at=0.7)
    result = gradcheck.check_hessian(rosenbrock, slope, lambda x: np.diag(curvature(x)), at=X)
    assert (result.outcome, result.reason) == (Outcome.DISAGREE, Reason.SHAPE)


def test_a_hessian_that_raises_or_returns_nothing():
    with pytest.raises(UserCodeError, match=r"line \d+ in breaks: KeyError: 'x9' \(while calling breaks\)"):
        gradcheck.check_hessian(rosenbrock, slope, breaks, at=X)
    result = gradcheck.check_hessian(rosenbrock, slope, lambda x: None, at=X)
    assert (result.outcome, result.reason) == (Outcome.DISAGREE, Reason.MISSING)


def test_a_large_hessian_is_checked_by_random_sums_of_rows():
    x = np.linspace(-1, 1, 41) + 0.013
    result = gradcheck.check_hessian(rosenbrock, slope, curvature, at=x, stay=True)
    assert result
    assert "2 random sums of the rows of curvature were checked" in "; ".join(result.notes)

    def wrong(x):
        H = curvature(x)
        H[7, 8] *= 1.001
        return H

    assert wrong_in(gradcheck.check_hessian(rosenbrock, slope, wrong, at=x, stay=True)) == {"x": ((8,),)}


@pytest.mark.parametrize("at", [X + 1j, {"z": X + 1j}, ({"layers": [X, X + 1j]},)], ids=["array", "dict", "nested"])
def test_complex_parameters_are_refused_with_a_sentence(at):
    with pytest.raises(
        UsageError, match=r"is complex, and Hessians are checked for real numbers only: pass its real and"
    ):
        gradcheck.check_hessian(lambda *a, **k: 0.0, slope, curvature, at=at)


def test_a_hessian_that_jax_makes_agrees():
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    f = lambda x: jax.numpy.sum(jax.numpy.sin(x) * jax.numpy.roll(x, 1))  # noqa: E731
    assert gradcheck.check_hessian(f, jax.grad(f), jax.hessian(f), at=X, stay=True)
