import numpy as np
import pytest

from gradcheck.numeric.estimation import estimate


def scalar(f, x):
    return estimate(lambda arrays: float(f(arrays["x"])), {"x": x})["x"]


def relu(z):
    return np.maximum(z, 0)


E = float(np.exp(0.3))
AT = {
    "abs": (np.abs, 0.0, -1, 1),
    "relu": (relu, 0.0, 0, 1),
    "leaky": (lambda x: np.where(x > 0, x, 0.1 * x), 0.0, 0.1, 1),
    "relu_and_exp": (lambda x: relu(x - 0.3) + np.exp(x), 0.3, E, E + 1),
    "small": (lambda x: 0.001 * np.abs(x - 0.3) + np.exp(x), 0.3, E - 0.001, E + 0.001),
    "maximum": (lambda x: np.maximum(x, 2 * x - 0.3) ** 2, 0.3, 0.6, 1.2),
    "clip": (lambda x: np.clip(0.2 * x + 0.5, 0, 1), 2.5, 0.2, 0),
    "downwards": (lambda x: -np.abs(x) + x, 0.0, 2, 0),
}


@pytest.mark.parametrize("case", AT)
def test_at_a_kink_both_slopes_are_known(case):
    f, x, left, right = AT[case]
    answer = scalar(f, x)

    assert np.abs(answer.slopes - [left, right]).max() <= answer.bar + 4e-16
    assert answer.bar < 1e-6
    assert answer.value == pytest.approx((left + right) / 2, abs=1e-6)


@pytest.mark.parametrize("distance", [s * 10.0**-k for k in range(3, 11) for s in (1, -1)])
def test_near_a_kink_the_slope_of_the_own_side_is_found(distance):
    x = 0.3 + distance
    answer = scalar(lambda z: relu(z - 0.3) + np.sin(z), x)

    assert np.isnan(answer.slopes).all()
    assert abs(answer.value - (x > 0.3) - np.cos(x)) <= answer.bar
    assert answer.bar < 1e-4


@pytest.mark.parametrize(
    "f", [np.square, lambda x: x**4, lambda x: relu(x) ** 2, lambda x: x**3, np.sin, np.cosh, np.exp]
)
@pytest.mark.parametrize("x", [0.0, 0.3, -1.7])
def test_smooth_functions_have_no_kink(f, x):
    assert np.isnan(scalar(f, x).slopes).all()


def test_one_kink_among_many_entries_is_found_in_its_place():
    answer = estimate(lambda a: float(np.sum(relu(a["z"]) * [1.0, 2.0, 3.0])), {"z": [0.5, 0.0, -0.5]})["z"]

    assert np.isfinite(answer.slopes).tolist() == [[False, True, False]] * 2
    assert answer.slopes[:, 1].tolist() == [0.0, 2.0]
    assert answer.value.tolist() == pytest.approx([1.0, 1.0, 0.0], abs=1e-12)


def test_a_corner_below_a_bend_is_a_corner():
    """Coarse steps bend here by 40 %: the second layer opens and the error is squared."""

    def net(t):
        return (relu(1.3 * relu(t) - 0.11) * 0.7 - relu(0.9 * relu(t)) + 0.4) ** 2 / 2

    answer = scalar(net, 0.0)

    assert np.abs(answer.slopes - [0, -0.36]).max() <= answer.bar


@pytest.mark.parametrize("power", [0.85, 0.9, 0.95])
def test_a_cusp_is_no_corner(power):
    assert np.isnan(scalar(lambda x: np.abs(x) ** power, 0.0).slopes).all()


@pytest.mark.parametrize("distance", [4.457e-4, 1.95e-4, 3e-5, 1e-6])
def test_a_dead_unit_near_its_corner_is_flat_and_no_staircase(distance):
    def net(t):  # beyond the corner the slope bends by half within a quarter
        return (0.4 - 0.35 * relu(t) + 0.3 * relu(t) ** 2) ** 2

    assert abs(scalar(net, -distance).value) <= scalar(net, -distance).bar


def test_a_corner_is_found_above_roundings_that_hide_its_finest_levels():
    answer = scalar(lambda t: (0.0367 * relu(t - 0.027997856534830223) + 0.018327) ** 2 * 1e-3, 0.027997856534830223)

    assert np.isfinite(answer.slopes).all()
