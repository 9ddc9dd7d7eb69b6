"""Points that hide a fault are left, also where every point of the file does, and the reason named is the right one."""

import numpy as np
import pytest

import gradcheck
from gradcheck.checks import check_file
from gradcheck.results.outcomes import Outcome

LAYERS = """
import numpy as np

X = np.array([[0.4, -1.3, 0.8], [1.1, 0.2, -0.6], [-0.9, 0.7, 0.5], [0.3, 1.6, -1.2]])
y = np.array([0.3, -0.8, 1.2, 0.1])


def point(seed):
    r = np.random.default_rng(seed)
    return {POINT}


def loss(W, b, g, v):
    h = np.tanh(g * (X @ W) + b)
    return float(np.mean((h @ v - y) ** 2)) + 0.05 * float(np.sum(b ** 2))


def grads(W, b, g, v):
    a = X @ W
    h = np.tanh(g * a + b)
    dout = 2 * (h @ v - y) / len(y)
    dz = np.outer(dout, v) * (1 - h ** 2)
    return {"W": X.T @ dz * WG, "b": dz.sum(axis=0) + 0.1 * BB, "g": np.sum(dz * a, axis=0), "v": h.T @ dout}
"""
DRAWN = '{"W": r.normal(size=(3, 2)), "b": r.normal(size=2), "g": r.normal(size=2), "v": r.normal(size=2)}'
ZERO_BIAS = DRAWN.replace('"b": r.normal(size=2)', '"b": np.zeros(2)')
SCALE_ONE = DRAWN.replace('"g": r.normal(size=2)', '"g": np.ones(2)')


@pytest.fixture
def checked(tmp_path):
    def check(point, scale="g", bias="b", seed=0):
        file = tmp_path / "layers.py"
        file.write_text(LAYERS.replace("{POINT}", point).replace("WG", scale).replace("BB", bias))
        return check_file(file, seed=seed)

    return check


@pytest.mark.parametrize("seed", range(3))
def test_a_coincidence_at_every_seed_is_left(checked, seed):
    zero = checked(ZERO_BIAS, bias="0 * b", seed=seed)
    assert (zero.outcome, zero.blind) == (Outcome.DISAGREE, True)
    assert zero.why.startswith("b is all zeros")
    one = checked(SCALE_ONE, scale="1.0", seed=seed)
    assert (one.outcome, one.blind) == (Outcome.DISAGREE, True)
    assert one.why.startswith("all entries of g are 1")


@pytest.mark.parametrize("point", [DRAWN, ZERO_BIAS, SCALE_ONE])
def test_a_right_gradient_stays_right_there(checked, point):
    result = checked(point)
    assert result.outcome is Outcome.AGREE
    assert not result.blind


def test_a_point_function_that_returns_one_point_is_no_second_point(checked):
    constant = ZERO_BIAS.replace("r.normal(size=(3, 2))", "np.eye(3, 2)").replace(
        "r.normal(size=2)", "np.array([0.4, 1.3])"
    )
    result = checked(constant, bias="0 * b")
    assert (result.outcome, result.blind) == (Outcome.DISAGREE, True)
    given, generic = (point.values for point in result.points)
    assert all((given[name] != generic[name]).all() for name in given)


def test_weights_that_equal_the_input_are_named():
    x = np.array([0.4, -1.1, 0.7])
    result = gradcheck.check(lambda w, x: float(w @ x) ** 2, lambda w, x: 2 * float(w @ x) * w, at=x.copy(), args=(x,))
    assert result.blind
    assert result.why.startswith("w = argument 0")
