import numpy as np
import pytest

from gradcheck.judgement.comparison import compare, own_rounding, relative_error
from gradcheck.results.estimates import Estimate
from gradcheck.results.outcomes import Outcome, Reason


def estimate_of(value, bar, **more):
    value, bar = np.asarray(value, dtype=float), np.asarray(bar, dtype=float)
    ladder = np.zeros((1, *value.shape))
    return Estimate(value, np.broadcast_to(bar, value.shape), np.zeros(value.shape), ladder, ladder, 0, **more)


def judged(yours, value, bar, *, dtype=np.float64, exact=None, resolution=1e-3, **more):
    yours = np.asarray(yours, dtype=float)
    return compare("W", yours, estimate_of(value, bar, **more), dtype, exact, resolution=resolution)


@pytest.mark.parametrize(
    ("yours", "outcome"),
    [(1.0, Outcome.AGREE), (1 + 1e-11, Outcome.AGREE), (1 + 1e-6, Outcome.DISAGREE), (-1.0, Outcome.DISAGREE)],
)
def test_what_lies_outside_the_bar_disagrees(yours, outcome):
    assert judged(yours, 1.0, 1e-10).outcome is outcome


def test_a_bar_too_wide_to_see_a_fault_decides_nothing():
    verdict = judged(1.0, 1.0, 0.01)

    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert verdict.reason is Reason.RESOLUTION
    assert verdict.could_see == pytest.approx(0.01)


def test_resolution_asked_for_is_the_level_of_agreement():
    assert judged(1.0, 1.0, 1e-5).outcome is Outcome.AGREE
    assert judged([1.0, 1e9], [1.0, 1e9], [1e-5, 1e-5], resolution=1e-3).outcome is Outcome.AGREE
    assert judged(1.0, 1.0, 1e-5, resolution=1e-6, scale=None).outcome is Outcome.INCONCLUSIVE


def test_own_rounding_grows_with_the_largest_partial_of_the_array():
    # float32 has unit roundoff 2^-24; eight of them, of the entry and of the largest together
    assert own_rounding(np.array([1.0, 3.0]), np.float32).tolist() == [8 * 2.0**-24 * 4, 8 * 2.0**-24 * 6]


def test_a_float32_gradient_may_differ_by_its_own_rounding():
    yours = [1.0, float(np.float32(1 / 3)) * (1 + 2.0**-22)]

    assert judged(yours, [1.0, 1 / 3], 1e-12, dtype=np.float32).outcome is Outcome.AGREE
    assert judged(yours, [1.0, 1 / 3], 1e-12, dtype=np.float64).outcome is Outcome.DISAGREE


def test_a_small_entry_beside_a_large_one_agrees_and_says_so():
    verdict = judged([1e-6, 1.0], [1e-6, 1.0], 1e-5)

    assert verdict.outcome is Outcome.AGREE
    assert verdict.resolution[0] == pytest.approx(1e-5)


def test_a_wrong_small_entry_beside_a_large_one_still_disagrees():
    assert judged([2e-5, 1.0], [1e-6, 1.0], 1e-5).wrong_entries == ((0,),)


def test_a_constant_function_has_gradient_zero():
    assert judged(0.0, 0.0, 1e-15, constant=1.0, scale=1.0).outcome is Outcome.AGREE
    assert judged(1e-16, 0.0, 1e-15, constant=1.0, scale=1.0).outcome is Outcome.AGREE
    assert judged(1e-9, 0.0, 1e-15, constant=1.0, scale=1.0).outcome is Outcome.DISAGREE


def test_zero_that_moves_needs_a_bar_small_beside_the_slopes_nearby():
    assert judged(0.0, 1e-16, 1e-15, scale=1.0).outcome is Outcome.AGREE
    assert judged(0.0, 1e-4, 1e-3, scale=1.0).outcome is Outcome.INCONCLUSIVE


def test_not_a_number_disagrees_where_the_loss_has_a_slope():
    verdict = judged([1.0, np.nan, np.inf, 2.0], [1.0, 1.0, 1.0, 2.0], 1e-12)

    assert verdict.wrong_entries == ((1,), (2,))
    assert verdict.reason is Reason.NOT_FINITE
    assert verdict.remark == "the gradient is nan at W[1] and 1 more: look for 0/0, log(0) or overflow in it"
    assert verdict.worst_index == (1,)


def test_where_the_loss_is_not_finite_nothing_is_decided():
    verdict = judged([1.0, np.nan], [np.nan, np.nan], np.inf)

    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert verdict.reason is Reason.NONFINITE


def test_a_reason_of_the_estimate_leaves_everything_open():
    verdict = judged([1.0, 5.0], [1.0, 1.0], 1e-12, reason=Reason.UNREPEATABLE)

    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert verdict.reason is Reason.UNREPEATABLE


@pytest.mark.parametrize(
    ("yours", "outcome"),
    [
        (0.0, Outcome.INCONCLUSIVE),
        (0.5, Outcome.INCONCLUSIVE),
        (1.0, Outcome.INCONCLUSIVE),
        (1.1, Outcome.DISAGREE),
        (-0.1, Outcome.DISAGREE),
    ],
)
def test_on_a_kink_only_what_lies_outside_the_two_slopes_is_wrong(yours, outcome):
    verdict = judged([yours], [0.5], 1e-12, slopes=[[0.0], [1.0]])

    assert verdict.outcome is outcome
    assert verdict.reason is (Reason.KINK if outcome is Outcome.INCONCLUSIVE else None)


def test_relative_error_is_against_the_exact_value_where_there_is_one():
    assert judged(1.0, 1.0, 1e-2, exact=np.asarray(0.5)).relative_error == 0.5
    assert judged(1.0, 0.8, 1e-2).relative_error == pytest.approx(0.2)


def test_relative_error_is_symmetric_zero_at_zero_and_infinite_for_nan():
    a, b = np.array([0.0, 2.0, -1.0, np.nan, 1e308]), np.array([0.0, 1.0, 1.0, 1.0, -1e308])

    assert relative_error(a, b).tolist() == [0.0, 0.5, 2.0, np.inf, 2.0]
    assert relative_error(b, a).tolist() == [0.0, 0.5, 2.0, np.inf, 2.0]


def test_an_empty_array_agrees():
    verdict = judged(np.ones((0, 2)), np.ones((0, 2)), 0.0)

    assert verdict.outcome is Outcome.AGREE
    assert verdict.could_see == 0.0
