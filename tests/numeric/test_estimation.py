import math

import numpy as np
import pytest

from gradcheck.errors import UsageError
from gradcheck.numeric.estimation import estimate
from gradcheck.results.outcomes import Reason


def scalar(f, x):
    return estimate(lambda arrays: f(float(arrays["x"])), {"x": x})["x"]


def holds(answer, truth):
    return bool((np.abs(answer.value - truth) <= answer.bar).all())


@pytest.mark.parametrize("shape", [(), (1,), (3,), (2, 3), (2, 1, 2)])
def test_every_entry_of_any_shape_has_its_partial(shape):
    x = np.linspace(0.2, 1.4, int(np.prod(shape))).reshape(shape)
    answer = estimate(lambda arrays: float(np.sum(np.exp(arrays["x"]))), {"x": x})["x"]

    assert answer.value.shape == answer.bar.shape == shape
    assert holds(answer, np.exp(x))
    assert (answer.bar < 1e-9).all()


def test_array_of_size_zero_has_an_empty_estimate():
    answers = estimate(lambda arrays: float(arrays["x"]), {"x": 2.0, "none": np.ones((2, 0))})

    assert answers["none"].value.shape == (2, 0)
    assert answers["none"].evaluations == 0
    assert holds(answers["x"], 1.0)


def test_a_number_near_one_takes_52_evaluations_and_three_for_the_point():
    calls = []
    answer = estimate(lambda arrays: calls.append(1) or float(arrays["x"]), {"x": 0.7})["x"]

    assert answer.evaluations == 52
    assert len(calls) == 55


def spoils_all(x):
    x[:] = 99.0


def turns_signs(x):  # twice is as if it had done nothing
    x *= -1


def clips_one(x):
    np.minimum(x[:1], 0.5, out=x[:1])


@pytest.mark.parametrize("spoil", [spoils_all, turns_signs, clips_one, lambda x: x.sort()])
def test_f_may_spoil_the_arrays_it_gets(spoil):
    def f(arrays):
        value = float(np.sum(arrays["x"] ** 3))
        spoil(arrays["x"])
        arrays.clear()
        return value

    x = np.array([1.0, 2.0, -0.5])
    answer = estimate(f, {"x": x})["x"]

    assert holds(answer, 3 * np.array([1.0, 2.0, -0.5]) ** 2)
    assert x.tolist() == [1.0, 2.0, -0.5]


def test_read_only_strided_and_integer_points_are_fine():
    base = np.arange(8.0)
    base.flags.writeable = False
    answers = estimate(lambda a: float(a["x"] @ a["x"] + a["n"] ** 3), {"x": base[::2], "n": 3})

    assert holds(answers["x"], 2 * base[::2])
    assert holds(answers["n"], 27.0)


def test_only_some_names_and_entries_are_estimated():
    mask = {"x": np.array([False, True])}
    answers = estimate(lambda a: float(a["x"] @ a["x"] + a["y"]), {"x": [1.0, 2.0], "y": 1.0}, ["x"], only=mask)

    assert list(answers) == ["x"]
    assert np.isnan(answers["x"].value[0])
    assert answers["x"].bar[0] == np.inf
    assert abs(answers["x"].value[1] - 4) <= answers["x"].bar[1]


@pytest.mark.parametrize("error", [ValueError, ZeroDivisionError, FloatingPointError, OverflowError])
def test_an_arithmetic_error_is_the_edge_of_the_domain(error):
    def f(x):
        if x < 1:
            raise error
        return (x - 1) ** 3 + 2 * x

    answer = scalar(f, 1.0)

    assert answer.one_sided == 1
    assert holds(answer, 2.0)
    assert answer.bar < 1e-4


def test_an_edge_near_the_point_leaves_the_finer_steps():
    answer = scalar(math.log, 3e-8)

    assert answer.one_sided == 0
    assert holds(answer, 1 / 3e-8)
    assert answer.bar < 1e-8 * answer.value


def test_a_left_edge_and_a_right_edge_are_seen():
    right = scalar(lambda x: x + math.sqrt(1 - x) ** 3, 1.0)

    assert right.one_sided == 1
    assert holds(right, 1.0)


@pytest.mark.parametrize("f", [lambda x: math.nan, lambda x: math.log(x), lambda x: 1e308 * 10.0])
def test_a_point_outside_the_domain_has_no_value(f):
    answer = scalar(f, 0.0)

    assert np.isnan(answer.value)
    assert answer.bar == np.inf
    assert answer.steps.shape == (1,)


def test_a_point_alone_in_its_domain_has_no_value():
    answer = scalar(lambda x: 1.0 if x == 0.5 else math.nan, 0.5)

    assert np.isnan(answer.value)
    assert answer.bar == np.inf


def test_other_errors_of_f_are_passed_on():
    def broken(x):
        raise KeyError("no such name")

    def refuses(x):
        raise UsageError("not like this")

    with pytest.raises(KeyError, match="no such name"):
        scalar(broken, 1.0)
    with pytest.raises(UsageError, match="not like this"):
        scalar(refuses, 1.0)


def test_a_value_that_moves_between_calls_is_unrepeatable():
    r = np.random.default_rng(0)

    assert scalar(lambda x: x + 1e-9 * r.standard_normal(), 1.0).reason is Reason.UNREPEATABLE
    assert scalar(lambda x: x, 1.0).reason is None


def test_values_may_be_arrays_of_one_number():
    answer = estimate(lambda arrays: np.array([[float(arrays["x"]) ** 2]]), {"x": 1.5})["x"]

    assert holds(answer, 3.0)


def test_a_constant_is_known_to_be_constant():
    assert scalar(lambda x: 7.0, 0.3).constant == 1
    assert scalar(lambda x: 0.0, 0.3).constant == 1
    assert scalar(lambda x: x * x, 0.0).constant == 0


def test_ladders_hold_the_raw_quotients():
    ladder = estimate(lambda arrays: float(arrays["x"][1] ** 3), {"x": [5.0, 2.0]})["x"].ladder((1,))

    assert ladder.steps[0] == 1.0
    assert ladder.differences[0] == 13.0  # (3^3 - 1^3) / 2
    assert ladder.steps.shape == ladder.differences.shape


def test_subnormal_values_do_not_pretend_to_be_exact():
    answer = scalar(lambda x: 1e-310 * math.tanh(x), 0.5)

    assert holds(answer, 1e-310 / math.cosh(0.5) ** 2)
    assert 0 < answer.bar < 1e-3 * answer.value


def test_float32_inside_is_seen_by_its_stairs():
    answer = scalar(lambda x: float(np.tanh(np.float32(x)) + np.float32(0.1) * np.float32(x)), 0.7)

    assert holds(answer, 1 / math.cosh(0.7) ** 2 + 0.1)
    assert answer.bar < 1e-3


def test_float16_inside_is_seen_by_its_stairs():
    answer = scalar(lambda x: float(np.tanh(np.float16(x)) + np.float16(0.1) * np.float16(x)), 0.7)

    assert holds(answer, 1 / math.cosh(0.7) ** 2 + 0.1)
    assert answer.bar > 1e-4


def test_a_sum_that_cancels_to_a_plateau_is_not_flat():
    answer = scalar(lambda x: (1e8 + math.sin(x) + 2 * x) - 1e8, -0.11575110926958043)

    assert holds(answer, math.cos(-0.11575110926958043) + 2)
    assert answer.bar < 1e-4


def test_a_plateau_of_rounding_below_a_corner_is_not_flat_either():
    x = 0.008927984352742904  # |x| - x but for x^5 / 6, with a corner at 0

    assert holds(scalar(lambda z: z - math.sqrt(math.atan(z * z)), x), 5.294591196200344e-09)


@pytest.mark.parametrize("zone", [1e-5, 1e-6, 1e-9])
def test_the_dead_zone_of_a_soft_threshold_is_no_step_of_a_staircase(zone):
    answer = scalar(lambda z: max(z - zone, 0.0) - max(-z - zone, 0.0), zone / 7)

    assert holds(answer, 0.0)


@pytest.mark.parametrize("x", [2.5, 7.01])
def test_a_true_plateau_stays_flat(x):
    assert holds(scalar(math.floor, x), 0.0)
    assert scalar(lambda z: max(z - 10.0, 0.0) + 1.0, x).bar < 1e-13


@pytest.mark.parametrize("size", [1e308, 5e307, 1e-320, 0.0])
@pytest.mark.parametrize("f", [np.tanh, np.abs, np.floor, np.sin])
@pytest.mark.parametrize("x", [0.0, 1.0, 1e300, -1e-300])
def test_extreme_numbers_raise_no_warning(size, f, x):
    answer = scalar(lambda z: size * float(f(z)), x)

    assert answer.bar >= 0


def random_calls(f, **options):
    """How often f is called at the point itself."""
    calls = []

    def counted(arrays):
        calls.append(float(arrays["x"]) == 0.7)
        return f(float(arrays["x"]))

    answer = estimate(counted, {"x": 0.7}, **options)["x"]
    return answer.reason, sum(calls)


def test_what_looks_random_is_called_eight_times_and_what_does_not_three_times():
    r = np.random.default_rng(3)

    assert random_calls(lambda x: math.sin(x)) == (None, 3)
    assert random_calls(lambda x: math.sin(x) + 1e-6 * (hash((x, 7)) % 2001 - 1000)) == (None, 8)
    assert random_calls(lambda x: x + r.standard_normal()) == (Reason.UNREPEATABLE, 8)


@pytest.mark.parametrize("seed", range(20))
def test_rare_randomness_is_found_by_eight_calls(seed):
    r = np.random.default_rng(seed)

    # drops one of two units of ten with probability 1/2 each: three calls agree by chance in one of four runs
    def dropout(x):
        return math.tanh(x) + 0.1 * x * float(r.random() < 0.5) + 0.2 * x * float(r.random() < 0.5)

    assert random_calls(dropout)[0] is Reason.UNREPEATABLE


def test_sums_in_another_order_are_rounding_and_not_randomness():
    r = np.random.default_rng(1)
    numbers = r.standard_normal(50)

    assert random_calls(lambda x: sum((r.permutation(numbers) * x).tolist()) + 100.0)[0] is None
