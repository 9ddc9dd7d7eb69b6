# ruff: noqa: NPY002 - what is tested here are the global random states
"""Side effects before blame: what moves is named, what the user owns is never changed."""

import random

import numpy as np
import pytest

import gradcheck
from gradcheck.results.outcomes import Outcome, Reason

X = np.array([0.3, -0.8, 1.1])


def square(x):
    return float(np.sum(x**2))


def twice(x):
    return 2 * x


def notes_of(result):
    return "; ".join(result.notes)


def changes(function, restores=False):
    """The function, which changes its input in place before it returns."""

    def changing(x):
        value = function(x)
        x *= 3
        if restores:
            x /= 3
        return value

    return changing


def test_a_loss_that_changes_its_input_is_a_note_and_is_decided_on_copies():
    mine = X.copy()
    result = gradcheck.check(changes(square), twice, at=mine)
    assert result
    assert "changing changes its input x: here only copies were changed, elsewhere copy first" in result.notes
    np.testing.assert_array_equal(mine, X)
    assert not gradcheck.check(changes(square), lambda x: 3 * x, at=mine)


def test_a_gradient_that_changes_the_parameters_is_a_note():
    result = gradcheck.check(square, changes(twice), at=X)
    assert result
    assert "changing changes its input x: here only" in notes_of(result)


def test_an_input_put_back_but_for_rounding_is_a_note():
    def shifts(x):
        x += 0.1
        value = float(np.sum((x - 0.1) ** 2))
        x -= 0.1
        return value

    assert any((X + 0.1) - 0.1 != X)
    assert "shifts changes its input x" in notes_of(gradcheck.check(shifts, twice, at=X, stay=True))


def test_a_dict_that_loses_an_entry_is_a_note():
    def pops(p):
        return p.pop("a") * p["b"]

    result = gradcheck.check(pops, lambda p: {"a": p["b"], "b": p["a"]}, at=({"a": 0.3, "b": 0.7},))
    assert result
    assert "pops changes its input a" in notes_of(result)


def test_nothing_is_noted_of_functions_without_side_effects():
    assert gradcheck.check(square, twice, at=X).notes == ()


def test_a_loss_that_draws_is_unrepeatable_and_says_from_what():
    def dropout(x):
        return float(np.sum(x**2 * (np.random.rand(3) < 0.5)))

    result = gradcheck.check(dropout, twice, at=X)
    assert (result.outcome, result.reason) == (Outcome.INCONCLUSIVE, Reason.UNREPEATABLE)
    assert "it draws from np.random: seed a generator inside it, or pass in what it draws" in notes_of(result)
    assert "dropout moves the global random state of np.random" in notes_of(result)
    result = gradcheck.check(lambda x: square(x) + random.random(), twice, at=X)
    assert result.reason is Reason.UNREPEATABLE
    assert "it draws from random: " in notes_of(result)


def test_rare_draws_are_seen_although_three_values_are_often_equal():
    def rarely(x):
        return square(x) * (2.0 if np.random.rand() < 0.4 else 1.0)

    np.random.seed(0)
    assert [gradcheck.check(rarely, twice, at=X).reason for _ in range(5)] == [Reason.UNREPEATABLE] * 5


def test_a_loss_that_reseeds_is_decided_and_noted():
    def reseeds(x):
        np.random.seed(7)
        return float(np.sum(x**2 * (np.random.rand(3) < 0.7)))

    def gradient(x):
        return 2 * x * (np.random.RandomState(7).rand(3) < 0.7)

    result = gradcheck.check(reseeds, gradient, at=X)
    assert result
    assert "reseeds moves the global random state of np.random: give it a generator of its own" in result.notes


def test_a_flag_that_the_gradient_sets_is_named_before_anyone_is_blamed():
    mode = {"train": True}

    def loss(x):
        return square(x) * (0.5 if mode["train"] else 1.0)

    def grads(x):
        mode["train"] = False
        return twice(x)

    result = gradcheck.check(loss, grads, at=X)
    assert (result.outcome, result.reason) == (Outcome.INCONCLUSIVE, Reason.UNREPEATABLE)
    assert "loss gives 0.97 and then 1.94 at one point (grads was called in between), though nothing was drawn" in (
        notes_of(result)
    )
    assert "train/eval flag" in result.parameters[0].remark


def test_a_gradient_that_adds_up_from_call_to_call():
    held = np.zeros(3)

    def accumulates(x):
        held[:] += 2 * x
        return held.copy()

    result = gradcheck.check(square, accumulates, at=X, stay=True)
    assert result.reason is Reason.UNREPEATABLE
    assert "accumulates gives another gradient of x when it is called again: set to zero what it adds to" in (
        notes_of(result)
    )


def test_a_gradient_that_draws():
    def noisy(x):
        return 2 * x + np.random.rand(3)

    assert "it draws from np.random: seed" in notes_of(gradcheck.check(square, noisy, at=X))


@pytest.mark.parametrize("call", [
    lambda: gradcheck.check(lambda x: square(x) + 0 * np.random.rand() * random.random(), twice, at=X),
    lambda: gradcheck.check_vjp(lambda x: x * np.random.rand(3), lambda dy, x: dy, at=X),
], ids=["check", "check_vjp"])  # fmt: skip
def test_the_global_random_states_stay_where_they_were(call):
    np.random.seed(3)
    random.seed(3)
    call()
    assert (np.random.rand(), random.random()) == (np.random.RandomState(3).rand(), random.Random(3).random())


def test_data_passed_along_is_never_changed():
    data, more = np.ones(3), {"scale": np.ones(3)}

    def loss(x, data, scale):
        value = float(np.sum(scale * data * x**2))
        data *= 2
        scale += 1
        return value

    right = lambda x, data, scale: 2 * x * data * scale  # noqa: E731
    result = gradcheck.check(loss, right, at=X, args=(data,), kwargs=more, stay=True)
    assert "loss changes its inputs args[0], scale: " in notes_of(result)
    assert result.reason is Reason.UNREPEATABLE
    np.testing.assert_array_equal(data, np.ones(3))
    np.testing.assert_array_equal(more["scale"], np.ones(3))
