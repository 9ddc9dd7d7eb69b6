import numpy as np
import pytest

from gradcheck.numeric.steps import steps_for


@pytest.mark.parametrize("x", [0.0, 1.0, -1.0, 0.7, -1.3, 1e5, -1e100, 3e-9, 1e-300, 1e308])
def test_steps_are_powers_of_two_that_fall_by_four(x):
    steps = steps_for(np.array([x]))[:, 0]

    assert (np.frexp(steps)[0] == 0.5).all()
    assert (steps[:-1] / steps[1:] == 4).all()


@pytest.mark.parametrize("x", [1.0, 0.7, -1.3, 1e5, 3e-9])
def test_finest_steps_move_the_number_by_exactly_the_step(x):
    steps = steps_for(np.array([x]))[-3:, 0]

    assert ((x + steps) - x == steps).all()
    assert (x - (x - steps) == steps).all()


def test_ladder_of_a_number_near_one_has_26_levels():
    assert steps_for(np.array([1.0, -1.7, 0.8, 0.0, 12345.6])).shape == (26, 5)


def test_small_numbers_go_on_to_their_own_rounding():
    steps = steps_for(np.array([3e-9]))[:, 0]

    assert steps[0] == 0.5
    assert 2 * np.spacing(3e-9) <= steps[-1] < 8 * np.spacing(3e-9)


def test_subnormal_numbers_stop_at_sixty_levels():
    assert steps_for(np.array([1e-310])).shape == (60, 1)


def test_ladders_of_different_lengths_stand_side_by_side():
    steps = steps_for(np.array([1.0, 3e-9]))

    assert np.isnan(steps[26:, 0]).all()
    assert np.isfinite(steps[:, 1]).all()


def test_shifted_ladder_has_no_step_in_common():
    x = np.array([0.3])

    assert not np.intersect1d(steps_for(x), steps_for(x, shift=1)).size


@pytest.mark.parametrize("x", [np.inf, -np.inf, np.nan])
def test_a_number_that_is_not_finite_has_no_step(x):
    assert np.isnan(steps_for(np.array([x]))).all()
