"""Slopes of single samples from four values: the bar holds on smooth losses, beside corners and on them."""

import numpy as np
import pytest

from gradcheck.numeric import rows
from gradcheck.numeric.rows import STEP, slopes_of_rows

X = np.array([[0.3, -1.7, 2.5], [0.0, 5.1, -0.01], [-3.3, 0.9, 40.0], [300.0, -77.0, 1e-9]])
SMOOTH = {
    "tanh": (np.tanh, lambda x: 1 / np.cosh(x) ** 2),
    "gauss": (lambda x: np.exp(-x * x), lambda x: -2 * x * np.exp(-x * x)),
    "softplus": (lambda x: np.logaddexp(0, x), lambda x: np.where(x < 0, np.exp(-abs(x)), 1) / (1 + np.exp(-abs(x)))),
    "wave": (lambda x: np.sin(3 * x) + 2, lambda x: 3 * np.cos(3 * x)),
    "cube": (lambda x: x**3, lambda x: 3 * x * x),
    "constant": (lambda x: 0 * x + 7.0, lambda x: 0 * x),
    # Two large numbers that cancel: the loss is far smaller than its rounding.
    "cancelled": (lambda x: (x + 1e6) - 1e6, lambda x: 0 * x + 1),
}


def slopes(f, x):
    """The slopes of f where every column of x is a sample whose only number it is."""
    x = np.reshape(x, (1, -1))
    return slopes_of_rows(lambda _, places: np.asarray(f(places)), x, f(x[0]), np.zeros(x.shape[1]), 1)


@pytest.mark.parametrize("name", SMOOTH)
def test_the_bar_holds_on_smooth_losses_and_is_sharp(name):
    f, slope = SMOOTH[name]
    found = slopes(f, X)
    truth = slope(X.reshape(1, -1))
    assert (np.abs(found.value - truth) <= found.bar).all()
    size = np.maximum(np.abs(f(X.reshape(1, -1))), 1e6 if name == "cancelled" else 1.0)
    assert (found.bar <= 1e-6 * np.maximum(size, np.abs(truth))).all()
    assert not found.gap.any()


@pytest.mark.parametrize("at_once", [1, 2, 3, 10])
def test_numbers_of_one_sample_are_moved_one_at_a_time(at_once):
    x, weights = X[:, :2].copy() / 10, np.array([1.0, -2.0, 0.5, 3.0])
    asked = []

    def losses(some, places):
        asked.append(places.shape)
        moved = weights[some, None] * (places - x[some])
        return np.tanh(weights @ x + moved)

    found = slopes_of_rows(losses, x, np.tanh(weights @ x), np.ones(2), at_once)
    truth = weights[:, None] / np.cosh(weights @ x) ** 2
    assert (np.abs(found.value - truth) <= found.bar).all()
    assert max(shape[1] for shape in asked) == min(at_once, 4)


@pytest.mark.parametrize("ladders", [0, 32])
@pytest.mark.parametrize("curved", [0.0, 1.0])
def test_the_bar_holds_at_every_distance_from_a_corner(monkeypatch, ladders, curved):
    monkeypatch.setattr(rows, "LADDERS", ladders)
    distance = STEP * np.array(
        [s * u for u in (1e-6, 0.1, 0.3, 2 / 3, 0.8, 6 / 7, 0.99, 1.5, 1.9, 2.5) for s in (1, -1)]
    )
    found = slopes(lambda x: np.maximum(x, 0) + curved * np.exp(x), distance)
    truth = (distance > 0) + curved * np.exp(distance)
    assert (np.abs(found.value - truth) <= found.bar + found.gap).all()
    if ladders and curved:
        assert (found.bar < 1e-4).all()


def test_rounding_that_is_odd_is_held_by_the_size_that_it_goes_by():
    """exp(x + 34): rounding of the sum is the same up as down, and moves exp by 34 roundings of itself."""
    x = np.linspace(-0.003, 0.003, 200).reshape(1, -1)
    f = np.exp(x[0] + 34)
    found = slopes_of_rows(lambda _, places: np.exp(places + 34), x, f, 34 * f, 1)
    assert (np.abs(found.value - np.exp(34) * np.exp(x)) <= found.bar).all()


def test_on_a_corner_there_are_two_slopes():
    found = slopes(lambda x: 3 * np.maximum(x, 0) + x + 1, [0.0, 0.5])
    assert found.value == pytest.approx(np.array([[2.5, 4.0]]), abs=1e-6)
    assert found.gap == pytest.approx(np.array([[1.5, 0.0]]), abs=1e-6)
    assert (found.bar < 1e-6).all()


def test_a_loss_that_is_not_finite_has_no_finite_bar():
    with np.errstate(all="ignore"):
        found = slopes(lambda x: np.log(x), [0.0, 2.0])
    assert not found.bar[0, 0] < np.inf
    assert abs(found.value[0, 1] - 0.5) <= found.bar[0, 1] or not found.bar[0, 1] < np.inf
