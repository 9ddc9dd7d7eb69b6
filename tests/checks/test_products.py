"""VJPs and JVPs of vector-valued functions: right ones agree, planted faults do not."""

import numpy as np
import pytest

import gradcheck
from gradcheck.errors import UsageError
from gradcheck.results.outcomes import Outcome, Reason

X = np.array([[0.3, -0.2], [0.1, 0.7], [-0.5, 0.4]])
W = np.array([[0.6, -0.4, 0.9], [0.2, 0.8, -0.7]])
B = np.array([0.05, -0.4, 0.3])
AT = (X, W, B)


def forward(x, W, b):
    return np.tanh(x @ W + b)


def backward(dy, x, W, b):
    dz = dy * (1 - forward(x, W, b) ** 2)
    return dz @ W.T, x.T @ dz, dz.sum(axis=0)


def caching(x, W, b):
    y = forward(x, W, b)
    return y, (x, W, y)


def from_cache(dout, cache):
    x, W, y = cache
    dz = dout * (1 - y**2)
    return dz @ W.T, x.T @ dz, dz.sum(axis=0)


def wrong_in(result):
    assert result.outcome is Outcome.DISAGREE
    return {v.name: v.wrong_entries for v in result.parameters if v.outcome is Outcome.DISAGREE}


@pytest.mark.parametrize(("f", "vjp"), [(forward, backward), (caching, from_cache)], ids=["plain", "cache"])
@pytest.mark.parametrize("at", [AT, {"x": X, "W": W, "b": B}], ids=["tuple", "dict"])
def test_a_right_vjp_agrees(f, vjp, at):
    result = gradcheck.check_vjp(f, vjp, at=at)
    assert result
    assert list(result.point.values) == ["x", "W", "b"]
    assert result.resolution < 1e-6
    assert "weighed by 2 random cotangents" in result.notes[0]
    assert (result.subject.loss, result.subject.grad) == (f.__name__, vjp.__name__)


FAULTS = {
    "forgets dy": (lambda dy, x, W, b: backward(np.ones_like(dy), x, W, b), {"x", "W", "b"}),
    "swaps two columns of dy": (lambda dy, x, W, b: backward(dy[:, [1, 0, 2]], x, W, b), {"x", "W", "b"}),
    "mean for sum": (lambda dy, *at: (*backward(dy, *at)[:2], backward(dy, *at)[2] / len(dy)), {"b"}),
    "no activation": (lambda dy, x, W, b: (dy @ W.T, *backward(dy, x, W, b)[1:]), {"x"}),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_in_a_vjp_disagrees(fault):
    wrong, names = FAULTS[fault]
    assert set(wrong_in(gradcheck.check_vjp(forward, wrong, at=AT))) == names


def test_one_wrong_entry_of_a_vjp_is_named():
    def wrong(dout, cache):
        dx, dW, db = from_cache(dout, cache)
        dW[1, 2] *= 1.001
        return dx, dW, db

    assert wrong_in(gradcheck.check_vjp(caching, wrong, at=AT)) == {"W": ((1, 2),)}


def test_outputs_may_be_tuples_and_dicts_of_any_size():
    def pair(x, s):
        return np.sin(x) * 1e6, s * x.sum()

    def dpair(dys, x, s):
        return dys[0] * np.cos(x) * 1e6 + dys[1] * s, dys[1] * x.sum()

    at = (np.array([0.3, -0.8, 1.1]), 0.7)
    assert gradcheck.check_vjp(pair, dpair, at=at, cache=False)
    assert gradcheck.check_vjp(pair, lambda d1, d2, x, s: dpair((d1, d2), x, s), at=at)
    assert set(wrong_in(gradcheck.check_vjp(pair, lambda d1, d2, x, s: dpair((d1, -d2), x, s), at=at))) == {"x", "s"}

    def named(x):
        return {"up": x**2, "down": [x.sum(), np.prod(x)]}

    def dnamed(dy, x):
        return dy["up"] * 2 * x + dy["down"][0] + dy["down"][1] * np.prod(x) / x

    assert gradcheck.check_vjp(named, dnamed, at=np.array([0.3, -0.8, 1.1]))
    assert not gradcheck.check_vjp(named, lambda dy, x: dnamed(dy, x) - dy["down"][0], at=np.array([0.3, -0.8, 1.1]))


def test_one_argument_and_a_cache():
    x = np.array([0.4, -1.2])
    assert gradcheck.check_vjp(lambda x: (x**3, x), lambda dy, cache: (3 * cache**2 * dy,), at=x)
    assert gradcheck.check_vjp(lambda x: (x**3, 2 * x), lambda dy, x: 3 * x**2 * dy[0] + 2 * dy[1], at=(x,))
    assert gradcheck.check_vjp(lambda x: (x**3, x), lambda dy, x: 3 * x**2 * dy, at=x, cache=True)


def test_data_is_passed_along_to_both():
    def scaled(x, k, *, shift):
        return k * x**2 + shift

    at = np.array([0.4, -1.2])
    vjp = lambda dy, x, k, *, shift: 2 * k * x * dy  # noqa: E731
    assert gradcheck.check_vjp(scaled, vjp, at=at, args=(3.0,), kwargs={"shift": 1.0})


def test_arguments_that_do_not_fit_are_said_with_those_that_do():
    with pytest.raises(UsageError, match=r"takes \(dy\): it is called with \(dy, x, W, b\): give it those arguments; "):
        gradcheck.check_vjp(forward, lambda dy: dy, at=AT)
    with pytest.raises(UsageError, match=r"\(dy, x, W, b\) or \(dy, cache\): give"):
        gradcheck.check_vjp(caching, lambda dy: dy, at=AT)
    with pytest.raises(UsageError, match="forward returns ndarray: with cache=True it returns"):
        gradcheck.check_vjp(forward, backward, at=AT, cache=True)
    with pytest.raises(UsageError, match="returns None: add a return statement"):
        gradcheck.check_vjp(lambda x: None, lambda dy, x: dy, at=np.ones(2))
    with pytest.raises(UsageError, match=r"returns what has no derivative: y holds integers"):
        gradcheck.check_vjp(lambda x: np.argsort(x), lambda dy, x: dy, at=np.ones(2))


def test_levels_go_for_pairs_too():
    assert gradcheck.check_vjp(forward, backward, at=AT, level="quick")
    assert not gradcheck.check_vjp(forward, FAULTS["no activation"][0], at=AT, level="quick")
    with pytest.raises(UsageError, match="level 'fast' is not known: choose from quick, standard, thorough"):
        gradcheck.check_vjp(forward, backward, at=AT, level="fast")


def jvp(x, W, b, dx, dW, db):
    return (1 - forward(x, W, b) ** 2) * (dx @ W + x @ dW + db)


def test_a_right_jvp_agrees_in_every_style():
    assert gradcheck.check_jvp(forward, jvp, at=AT)
    assert gradcheck.check_jvp(forward, lambda primals, tangents: (forward(*primals), jvp(*primals, *tangents)), at=AT)
    by_name = lambda p, t: jvp(p["x"], p["W"], p["b"], t["x"], t["W"], t["b"])  # noqa: E731
    assert gradcheck.check_jvp(forward, by_name, at={"x": X, "W": W, "b": B})
    assert gradcheck.check_jvp(np.sin, lambda x, dx: np.cos(x) * dx, at=(np.array([0.3, 0.8]),))
    assert gradcheck.check_jvp(np.sin, lambda primals, tangents: np.cos(primals[0]) * tangents[0], at=0.3)


JVP_FAULTS = {
    "no activation": lambda x, W, b, dx, dW, db: dx @ W + x @ dW + db,
    "a product of two tangents": lambda x, W, b, dx, dW, db: jvp(x, W, b, dx, dW, db) + 0.1 * dx @ dW,
    "the size of a tangent": lambda x, W, b, dx, dW, db: jvp(x, W, b, dx, dW, np.abs(db)),
    "a square of a tangent": lambda x, W, b, dx, dW, db: jvp(x, W, b, dx, dW, db**2),
    "a constant": lambda x, W, b, dx, dW, db: jvp(x, W, b, dx, dW, db) + 0.1,
}


@pytest.mark.parametrize("fault", JVP_FAULTS)
def test_a_planted_fault_in_a_jvp_disagrees(fault):
    assert wrong_in(gradcheck.check_jvp(forward, JVP_FAULTS[fault], at=AT))


@pytest.mark.parametrize("at", [X, {"x": X}, ({"layers": [X, X]},), (X, X)], ids=["one", "dict", "nested", "tuple"])
def test_a_jvp_of_another_shape_is_wrong_and_says_why(at):
    first = lambda v: v if isinstance(v, np.ndarray) else first(next(iter(v.values() if isinstance(v, dict) else v)))  # noqa: E731
    result = gradcheck.check_jvp(
        lambda *a, **k: first(a or k), lambda primals, tangents: first(tangents).T, at=at, stay=True
    )

    assert (result.outcome, result.reason) == (Outcome.DISAGREE, Reason.SHAPE)
    assert "returns y of shape (2, 3), its function y of shape (3, 2): return dy in" in result.parameters[0].remark


def test_a_jvp_that_takes_other_arguments_says_so():
    with pytest.raises(UsageError, match=r"give it \(x, W, b, dx, dW, db\) or \(primals, tangents\)"):
        gradcheck.check_jvp(forward, lambda x: x, at=AT)


def test_a_vjp_that_jax_makes_agrees():
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    f = lambda x, W, b: jax.numpy.tanh(x @ W + b)  # noqa: E731
    assert gradcheck.check_vjp(f, lambda dy, *at: jax.vjp(f, *at)[1](dy), at=AT)
    assert gradcheck.check_jvp(f, lambda p, t: jax.jvp(f, p, t), at=AT, stay=True)
