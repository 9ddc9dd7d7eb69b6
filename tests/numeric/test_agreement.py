import numpy as np
import pytest

from gradcheck.judgement.agreements import agrees_at_once
from gradcheck.judgement.comparison import own_rounding
from gradcheck.judgement.masks import largest_of
from gradcheck.numeric.agreement import glance
from gradcheck.numeric.sampling import value_at

X = np.random.default_rng(3).standard_normal((7, 4))
W = np.random.default_rng(4).standard_normal((4, 3))


def net(arrays):
    return float(np.log(np.exp(np.tanh(X @ arrays["W"])).sum(axis=1)).sum())


def by_hand():
    """d log sum exp(a) = softmax(a) da, d tanh = 1 - tanh^2."""
    a = np.tanh(X @ W)
    return X.T @ (np.exp(a) / np.exp(a).sum(axis=1, keepdims=True) * (1 - a**2))


def look(f, point):
    arrays = {name: np.array(value, dtype=float) for name, value in point.items()}
    return glance(f, arrays, list(arrays), value_at(f, arrays))


def believed(yours, seen, resolution=1e-3):
    yours = np.asarray(yours, dtype=float)
    return agrees_at_once(yours, seen, own_rounding(yours, np.float64), largest_of(yours), resolution)


def test_every_entry_of_a_right_gradient_is_believed_from_six_evaluations():
    calls = []
    seen = look(lambda arrays: calls.append(1) or net(arrays), {"W": W})["W"]

    assert len(calls) == 1 + 6 * W.size
    assert believed(by_hand(), seen).all()
    assert (np.abs(seen.value - by_hand()) <= seen.bar).all()
    assert (seen.bar < 1e-9 * np.abs(by_hand()).max()).all()


@pytest.mark.parametrize("fault", [1e-1, 1e-3, 1e-5, 1e-6, -1e-6])
def test_a_wrong_entry_is_not_believed(fault):
    seen = look(net, {"W": W})["W"]
    for index in np.ndindex(W.shape):
        wrong = by_hand()
        wrong[index] *= 1 + fault
        assert not believed(wrong, seen)[index]


@pytest.mark.parametrize(("left", "right"), [(0.0, 1.0), (2.0, 3.0), (-1.0, 1.0), (1.0, 1.001)])
@pytest.mark.parametrize("at", [0.0, 0.7, -300.0])
def test_the_mean_of_a_corners_slopes_is_not_believed(left, right, at):
    def corner(arrays):
        z = float(arrays["x"]) - at
        return (right if z > 0 else left) * z + 0.25

    assert not believed((left + right) / 2, look(corner, {"x": at})["x"])


@pytest.mark.parametrize("size", [1e-12, 1e-11, 1e-10, 1e-9])
def test_what_is_believed_of_a_noisy_function_claims_no_more_than_it_resolves(size):
    r = np.random.default_rng(7)
    claimed = 0
    for x in r.standard_normal(300):
        noise = np.random.default_rng(abs(hash(x)) % 2**32)
        seen = look(lambda a, n=noise: np.sin(a["x"]) + 2 * a["x"] + size * n.uniform(-1, 1), {"x": x})["x"]
        truth = np.cos(x) + 2
        for wrong in (truth, truth * (1 + 1e-6), truth * (1 - 1e-6)):
            if believed(wrong, seen):
                claimed += 1
                assert abs(wrong - truth) <= abs(wrong - seen.value) + seen.bar

    assert claimed or size > 1e-11


def test_float32_inside_and_an_edge_of_the_domain_are_left_to_the_ladder():
    single = look(lambda a: float(np.tanh(np.float32(a["x"]))), {"x": 0.3})["x"]
    edge = look(lambda a: float(np.sqrt(a["x"])) if a["x"] > 0 else float("nan"), {"x": 1e-6})["x"]

    assert not believed(1 / np.cosh(0.3) ** 2, single)
    assert not believed(500.0, edge)


def test_a_function_that_spoils_its_arrays_is_seen_on_fresh_ones():
    def spoils(arrays):
        value = net(arrays)
        arrays["W"] *= -1
        return value

    assert believed(by_hand(), look(spoils, {"W": W})["W"]).all()
