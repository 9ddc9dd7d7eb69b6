import re

import numpy as np
import pytest

from gradcheck.results.outcomes import Outcome, Reason
from gradcheck.verification import examine, verify

R = np.random.default_rng(5)
N = 100_000
K = R.standard_normal(N)
X = R.standard_normal(N)


def loss(arrays):
    return float(K @ np.sin(arrays["w"]) + 0.5 * np.sum(arrays["v"] ** 2))


POINT = {"w": X, "v": R.standard_normal((20, 10))}


def gradient():
    return {"w": K * np.cos(X), "v": POINT["v"].copy()}


def outcomes(verdicts):
    return {verdict.name: verdict.outcome for verdict in verdicts}


def test_a_right_gradient_of_a_hundred_thousand_agrees_in_45_evaluations():
    verification = examine(loss, gradient(), POINT)

    assert outcomes(verification.verdicts) == dict.fromkeys(POINT, Outcome.AGREE)
    assert verification.evaluations == 45
    assert all(verdict.could_see < 1e-3 for verdict in verification.verdicts)
    assert "missed with probability < 1e-09" in verification.verdicts[0].coverage


def test_quick_takes_21_evaluations_of_any_size():
    verification = examine(loss, gradient(), POINT, level="quick")

    assert verification.evaluations == 21
    assert outcomes(verification.verdicts) == dict.fromkeys(POINT, Outcome.AGREE)
    assert "missed with probability < 1e-03" in verification.verdicts[0].coverage


@pytest.mark.parametrize(("flat", "fault"), [(0, 1e-3), (40_321, 1e-3), (N - 1, 0.5), (70_000, -2.0)])
def test_one_wrong_entry_among_a_hundred_thousand_is_found_and_named(flat, fault):
    wrong = gradient()
    wrong["w"][flat] *= 1 + fault
    verification = examine(loss, wrong, POINT)
    w, v = verification.verdicts

    assert w.wrong_entries == ((flat,),)
    assert v.outcome is Outcome.AGREE
    assert abs(w.numeric[flat] - gradient()["w"][flat]) <= w.bar[flat]
    assert w.worst_index == (flat,)
    assert w.ladder is not None
    assert verification.evaluations <= 45 + 80


def test_two_equal_opposite_errors_are_found_both():
    wrong = gradient()
    wrong["w"][100] += 0.25
    wrong["w"][70_000] -= 0.25
    (w, v) = verify(loss, wrong, POINT)

    assert w.wrong_entries == ((100,), (70_000,))
    assert v.outcome is Outcome.AGREE


def test_a_fault_in_each_of_two_parameters_is_named_in_both():
    wrong = gradient()
    wrong["w"][7] = 0
    wrong["v"][3, 4] *= -1
    (w, v) = verify(loss, wrong, POINT)

    assert w.wrong_entries == ((7,),)
    assert v.wrong_entries == ((3, 4),)


def test_of_a_parameter_that_is_wrong_everywhere_eight_entries_are_named_and_the_other_one_stays_right():
    k, at = K[:3000], {"w": X[:3000], "v": POINT["v"]}
    wrong = {"w": 2 * gradient()["w"][:3000], "v": POINT["v"]}
    (w, v) = verify(lambda a: float(k @ np.sin(a["w"]) + 0.5 * np.sum(a["v"] ** 2)), wrong, at)

    assert w.outcome is Outcome.DISAGREE
    assert len(w.wrong_entries) == 8
    assert (
        "8 wrong entries were found by bisection; there are more: about 3,000 of 3,000 entries are wrong" in w.coverage
    )
    assert v.outcome is Outcome.AGREE


def test_a_path_left_out_of_a_parameter_is_found_though_its_gradient_is_zero():
    (w, v) = verify(loss, {**gradient(), "v": np.zeros((20, 10))}, POINT)

    assert outcomes((w, v)) == {"w": Outcome.AGREE, "v": Outcome.DISAGREE}


def test_of_two_hundred_strewn_wrong_entries_eight_are_named_and_the_rest_is_estimated():
    wrong = gradient()
    wrong["w"][np.random.default_rng(3).choice(N, 200, replace=False)] *= 1.5
    (w, v) = verify(loss, wrong, POINT)
    about = int(re.search(r"about ([\d,]+) of 100,000 entries are wrong", w.coverage)[1].replace(",", ""))

    assert len(w.wrong_entries) == 8
    assert 100 <= about <= 400
    assert v.outcome is Outcome.AGREE


def test_missing_and_broken_entries_of_large_gradients_have_their_sentence():
    broken = gradient()
    broken["w"][12] = np.nan
    del broken["v"]
    (w, v) = verify(loss, broken, POINT)

    assert w.wrong_entries == ((12,),)
    assert w.reason is Reason.NOT_FINITE
    assert v.reason is Reason.MISSING


def test_a_large_loss_that_is_not_finite_or_not_repeatable_decides_nothing():
    r = np.random.default_rng(0)
    lost = verify(lambda a: float("nan"), gradient(), POINT)
    moving = verify(lambda a: loss(a) + r.standard_normal(), gradient(), POINT)

    assert {verdict.reason for verdict in lost} == {Reason.NONFINITE}
    assert {verdict.reason for verdict in moving} == {Reason.UNREPEATABLE}


def test_float32_inside_a_large_loss_is_no_alarm():
    small = K.astype(np.float32)
    (w,) = verify(lambda a: float(small @ np.sin(a["w"].astype(np.float32))), {"w": K * np.cos(X)}, {"w": X})

    assert w.outcome is not Outcome.DISAGREE


def test_a_large_net_of_relus_is_no_alarm():
    inputs = R.standard_normal((16, 40))
    weights = {"A": R.standard_normal((40, 50)) / 6, "B": R.standard_normal((50, 1)) / 7}

    def net(a):
        return 0.5 * float(np.sum((np.maximum(inputs @ a["A"], 0) @ a["B"]) ** 2))

    h = np.maximum(inputs @ weights["A"], 0)
    delta = h @ weights["B"]
    grad = {"B": h.T @ delta, "A": inputs.T @ (delta @ weights["B"].T * (h > 0))}

    assert outcomes(verify(net, grad, weights)) == dict.fromkeys(weights, Outcome.AGREE)
    grad["A"][3, 3] += 0.01 * np.abs(grad["A"]).max()
    assert {v.name: v.wrong_entries for v in verify(net, grad, weights)} == {"A": ((3, 3),), "B": ()}


SMALL = {"w": X[:3000]}


def of_few(arrays):
    return float(K[:3000] @ np.sin(arrays["w"]))


def noisy(arrays):
    """The loss, off by up to 1e-7 of itself, as its last bits decide."""
    value = of_few(arrays)
    return value * (1 + 1e-7 * (hash(value) % 1021 / 510.5 - 1))


@pytest.mark.parametrize(("f", "asked"), [(of_few, 1e-3), (of_few, 5e-6), (of_few, 1e-7), (noisy, 1e-3), (noisy, 5)])
def test_it_agrees_only_where_no_larger_fault_could_hide_than_was_asked_for(f, asked):
    (w,) = verify(f, {"w": K[:3000] * np.cos(X[:3000])}, SMALL, resolution=asked)

    assert (w.outcome is Outcome.AGREE) is (w.could_see <= asked)
    assert w.outcome is (Outcome.INCONCLUSIVE if (f, asked) in ((of_few, 1e-7), (noisy, 1e-3)) else Outcome.AGREE)


def test_more_probes_see_a_smaller_fault():
    gradient = {"w": K[:3000] * np.cos(X[:3000])}
    few, more = (examine(of_few, gradient, SMALL, resolution=asked) for asked in (1e-3, 5e-6))

    assert (few.evaluations, more.evaluations) == (45, 87)
    assert more.verdicts[0].could_see < 5e-6 < few.verdicts[0].could_see


@pytest.mark.parametrize("scale", [1e300, 1e160, 1e-160, 1e-300])
def test_a_fault_shows_at_any_size_of_the_loss(scale):
    right = scale * K[:3000] * np.cos(X[:3000])
    wrong = right * np.where(np.arange(3000) == 77, 1.001, 1)
    outcomes = [verify(lambda a: scale * of_few(a), {"w": one}, SMALL)[0].wrong_entries for one in (right, wrong)]

    assert outcomes == [(), ((77,),)]
