import numpy as np
import pytest

from gradcheck.results.outcomes import Outcome, Reason
from gradcheck.verification import examine, verify

X = np.random.default_rng(1).standard_normal((5, 3))
POINT = {"W": np.random.default_rng(2).standard_normal((3, 2)), "b": np.array([0.3, -0.7]), "s": np.array(1.3)}


def loss(arrays):
    return float(arrays["s"] * np.sum(np.tanh(X @ arrays["W"] + arrays["b"]) ** 2))


def gradient():
    """By hand: d tanh^2 / dz = 2 tanh (1 - tanh^2)."""
    a = np.tanh(X @ POINT["W"] + POINT["b"])
    delta = POINT["s"] * 2 * a * (1 - a**2)
    return {"W": X.T @ delta, "b": delta.sum(axis=0), "s": np.sum(a**2)}


def outcomes(verdicts):
    return {verdict.name: verdict.outcome for verdict in verdicts}


def test_a_right_gradient_agrees_in_every_entry():
    verdicts = verify(loss, gradient(), POINT)

    assert outcomes(verdicts) == dict.fromkeys(POINT, Outcome.AGREE)
    assert max(verdict.could_see for verdict in verdicts) < 1e-7


@pytest.mark.parametrize(("name", "index"), [(n, i) for n in POINT for i in np.ndindex(POINT[n].shape)])
def test_one_part_in_a_million_disagrees_in_that_entry_alone(name, index):
    wrong = gradient()
    wrong[name] = np.array(wrong[name])
    wrong[name][index] *= 1 + 1e-6
    verdicts = {verdict.name: verdict for verdict in verify(loss, wrong, POINT)}

    assert {n: v.wrong_entries for n, v in verdicts.items()} == {n: ((index,) if n == name else ()) for n in POINT}
    assert verdicts[name].worst_index == index
    assert verdicts[name].ladder.steps[0] >= 0.5


def test_a_right_gradient_costs_six_evaluations_an_entry_and_a_wrong_entry_two_ladders_more():
    right, wrong = gradient(), gradient()
    wrong["b"] = wrong["b"] * [2, 1]
    cheap, dear = examine(loss, right, POINT).evaluations, examine(loss, wrong, POINT).evaluations
    shown = 60 + 3  # one ladder for the page

    assert cheap <= 9 * 6 + 1 + shown
    assert cheap < dear <= 9 * 6 + 1 + 2 * shown


def test_a_wrong_entry_costs_one_ladder_less_where_another_opinion_says_what_the_first_one_says():
    wrong = gradient()
    wrong["b"] = wrong["b"] * [2, 1]
    alone, seconded = examine(loss, wrong, POINT), examine(loss, wrong, POINT, backprop=gradient())
    misled, by_itself = examine(loss, wrong, POINT, backprop=wrong), examine(loss, gradient(), POINT)

    assert outcomes(seconded.verdicts) == outcomes(misled.verdicts) == outcomes(alone.verdicts)
    assert [one.wrong_entries for one in seconded.verdicts] == [one.wrong_entries for one in alone.verdicts]
    assert seconded.evaluations <= alone.evaluations - 40
    assert misled.evaluations == alone.evaluations > by_itself.evaluations


def test_a_disagreement_that_a_shifted_ladder_does_not_repeat_is_undecided():
    calls = []

    def forgetful(arrays):  # another function from the second ladder on: a glance takes 7, the first 55 evaluations
        calls.append(1)
        return float(arrays["x"]) * (1 if len(calls) > 62 else 2)

    (verdict,) = verify(forgetful, {"x": 1.0}, {"x": 0.7})

    assert len(calls) > 100
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert verdict.reason is Reason.RESOLUTION


def test_missing_and_misshapen_entries_disagree_with_their_sentence():
    given = {"W": gradient()["W"].T, "s": "large"}
    verdicts = verify(loss, given, POINT)

    assert outcomes(verdicts) == dict.fromkeys(POINT, Outcome.DISAGREE)
    assert [verdict.reason for verdict in verdicts] == [Reason.SHAPE, Reason.MISSING, Reason.NOT_NUMBERS]
    assert verdicts[0].remark == "W has shape (3, 2), its gradient (2, 3): transpose it"
    assert len(verdicts[0].wrong_entries) == 6


def test_not_a_number_disagrees_at_its_place():
    given = gradient()
    given["b"][1] = np.nan
    verdict = verify(loss, given, POINT)[1]

    assert verdict.outcome is Outcome.DISAGREE
    assert verdict.reason is Reason.NOT_FINITE
    assert verdict.wrong_entries == ((1,),)


def test_a_loss_that_is_not_finite_leaves_numbers_open_but_not_shapes():
    verdicts = verify(lambda arrays: float("nan"), {**gradient(), "W": 3.0}, POINT)

    assert outcomes(verdicts) == {"W": Outcome.DISAGREE, "b": Outcome.INCONCLUSIVE, "s": Outcome.INCONCLUSIVE}
    assert verdicts[1].reason is Reason.NONFINITE


def test_a_loss_that_changes_by_itself_is_unrepeatable():
    r = np.random.default_rng(0)
    verdicts = verify(lambda arrays: loss(arrays) + r.standard_normal(), gradient(), POINT)

    assert {verdict.reason for verdict in verdicts} == {Reason.UNREPEATABLE}


def test_names_that_are_no_parameters_are_told():
    assert examine(loss, {**gradient(), "X": X, "dout": 1.0}, POINT).strangers == ("X", "dout")


def test_other_opinions_are_shown_and_the_exact_one_measures_the_error():
    right = gradient()
    given = {**right, "s": right["s"] * 2}
    verdict = verify(loss, given, POINT, exact=right, backprop={"s": right["s"]})[2]

    assert verdict.relative_error == 0.5
    assert verdict.exact == verdict.backprop == right["s"]
    assert verify(loss, given, POINT, backprop={"s": 1.0})[0].backprop is None


def test_the_points_arrays_are_never_changed():
    def spoils(arrays):
        value = loss(arrays)
        for array in arrays.values():
            array *= 0
        return value

    before = {name: array.copy() for name, array in POINT.items()}
    verdicts = verify(spoils, gradient(), POINT)

    assert outcomes(verdicts) == dict.fromkeys(POINT, Outcome.AGREE)
    assert all(np.array_equal(before[name], POINT[name]) for name in POINT)


def test_python_numbers_and_lists_are_a_point_too():
    verdicts = verify(lambda a: float(a["x"] ** 2 + a["v"] @ a["v"]), {"x": 6, "v": [2.0, 4]}, {"x": 3, "v": [1, 2]})

    assert outcomes(verdicts) == {"x": Outcome.AGREE, "v": Outcome.AGREE}


def test_a_minimum_has_gradient_zero():
    for shift in (0.0, 1.0):
        (verdict,) = verify(lambda a, shift=shift: float((a["x"] - 3) ** 2) + shift, {"x": 0.0}, {"x": 3.0})

        assert verdict.outcome is Outcome.AGREE


def test_a_relu_kink_is_undecided_between_its_slopes_and_wrong_outside():
    def f(arrays):
        return float(np.maximum(arrays["z"], 0) * 2 + arrays["z"])

    assert verify(f, {"z": 1.0}, {"z": 0.0})[0].reason is Reason.KINK
    assert verify(f, {"z": 3.5}, {"z": 0.0})[0].outcome is Outcome.DISAGREE


def test_of_a_gradient_that_is_wrong_everywhere_the_worst_go_to_the_ladder_and_all_are_counted():
    x = np.linspace(0.5, 2.5, 400).reshape(20, 20)
    calls = []
    (verdict,) = verify(lambda a: calls.append(1) or float(np.sum(a["x"] ** 3)), {"x": 3.1 * x**2}, {"x": x})

    assert len(calls) < 1 + 6 * 400 + 2 * 8 * 60 + 6
    assert len(verdict.wrong_entries) == 400
    assert (np.abs(verdict.numeric - 3 * x**2) <= verdict.bar).all()
    assert verdict.ladder is not None
