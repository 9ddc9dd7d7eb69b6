import math

import numpy as np
import pytest

from gradcheck.numeric.estimation import estimate


def scalar(f, x):
    return estimate(lambda arrays: f(float(arrays["x"])), {"x": x})["x"]


@pytest.mark.parametrize("x", [21.17613677281626, 19.3, 20.07, 18.2])
def test_a_fast_oscillation_has_its_own_slope_and_not_its_mean(x):
    answer = scalar(lambda z: math.sin(math.exp(z)), x)

    assert abs(answer.value - math.cos(math.exp(x)) * math.exp(x)) <= answer.bar + 1e-6 * math.exp(x)
    assert answer.bar < 0.1 * math.exp(x)


@pytest.mark.parametrize("x", [0.3, -1.2, 0.77])
def test_a_fine_ripple_counts(x):
    answer = scalar(lambda z: z * z + 1e-9 * math.sin(1e9 * z), x)

    # the argument 1e9 x is itself rounded: its cosine is known to 1e9 times the rounding of x, 1e-7
    assert abs(answer.value - 2 * x - math.cos(1e9 * x)) <= answer.bar + 2e-7


@pytest.mark.parametrize("x", np.random.default_rng(4).uniform(0.2, 1.5, 20).tolist())
def test_a_float32_part_beside_a_float64_part_is_never_a_confident_wrong_slope(x):
    answer = scalar(lambda z: z + float(np.sin(np.float32(z))), x)

    assert abs(answer.value - 1 - math.cos(x)) <= answer.bar


@pytest.mark.parametrize("f", [math.sin, math.exp, math.tanh, lambda z: z**5 - z, lambda z: 1e6 + math.sin(z)])
def test_ordinary_functions_have_one_regime(f):
    bars = [float(scalar(f, x).bar) for x in np.random.default_rng(6).standard_normal(20)]

    assert max(bars) < 1e-5


@pytest.mark.parametrize("x", np.random.default_rng(12).uniform(30, 40, 12).tolist())
def test_roundings_inside_that_agree_among_themselves_are_not_a_finer_regime(x):
    """Below 1e-9 the inner sum's rounding moves with x in step: its slope, 1e-5 off, is no slope of the function."""

    def f(z):
        return math.tanh(math.tanh(z / z)) / math.sin(-202.0731467367814 - z + 0.00495959443232358 / z) - math.sin(z)

    u = -202.0731467367814 - x + 0.00495959443232358 / x
    truth = math.tanh(math.tanh(1)) * math.cos(u) / math.sin(u) ** 2 * (1 + 0.00495959443232358 / x**2) - math.cos(x)
    answer = scalar(f, x)

    assert abs(answer.value - truth) <= answer.bar + 1e-11 * abs(truth)


def test_a_knot_on_one_side_leaves_the_slope_of_the_other_undoubted():
    """The squared error of a piecewise line: beyond each of its knots the quotients agree on slopes of their own."""
    grid = np.linspace(-2, 2, 21)
    target, knot = np.abs(grid) - 0.4 * grid**2, -1.79958825
    away = 1.3 * np.maximum(grid - knot, 0) - 0.5 - target

    def loss(k):
        return float(np.sum((1.3 * np.maximum(grid - k, 0) - 0.5 - target) ** 2))

    answer = estimate(lambda arrays: loss(float(arrays["k"])), {"k": knot})["k"]

    assert answer.marks.doubt == 0
    assert abs(answer.value - np.sum(2 * away * -1.3 * (grid > knot))) <= answer.bar < 1e-6
