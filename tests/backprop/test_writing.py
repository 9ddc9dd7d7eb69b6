"""A writable tape: code that stores into its arrays is differentiated as it stands; what is right is told by hand."""

import numpy as np
import pytest

from gradcheck.backprop.tape import Tape
from gradcheck.errors import UsageError

X = np.array([0.3, -1.2, 0.7])
WEIGHTS = np.array([1.0, -2.0, 0.5])


def gradient_of(f, x=X):
    tape = Tape(is_writable=True)
    entered = tape.variable(x)
    value = f(entered, tape.variable(np.zeros(3)))
    return tape.pullback([value], [np.ones(())], [entered])[0]


def test_a_stored_number_goes_back_to_what_it_was_made_of():
    def f(x, y):
        for i in range(3):
            y[i] = x[i] ** 2
        return (y * WEIGHTS).sum()

    np.testing.assert_allclose(gradient_of(f), 2 * X * WEIGHTS)


def test_what_is_overwritten_has_no_part_in_the_value():
    def f(x, y):
        y[0] = x[0] * 5
        y[0] = x[1] * 7
        return (y * WEIGHTS).sum()

    np.testing.assert_allclose(gradient_of(f), [0.0, 7.0, 0.0])


def test_the_last_of_two_numbers_for_one_entry_stays():
    def f(x, y):
        y[np.array([0, 0, 2])] = x
        return (y * WEIGHTS).sum()

    np.testing.assert_allclose(gradient_of(f), [0.0, 1.0, 0.5])


def test_adding_in_place_reaches_the_array_by_its_other_name():
    def f(x, y):
        total = y
        total += x * x
        return (y * WEIGHTS).sum()

    np.testing.assert_allclose(gradient_of(f), 2 * X * WEIGHTS)


def test_a_copy_is_written_into_alone():
    def f(x, y):
        y += x
        other = y.copy()
        other[0] = 0.0
        return (y * WEIGHTS).sum()

    np.testing.assert_allclose(gradient_of(f), WEIGHTS)


def test_entries_that_are_named_twice_are_added_to_twice():
    def f(x, y):
        np.add.at(y, np.array([0, 0, 1]), x * x)
        return (y * WEIGHTS).sum()

    np.testing.assert_allclose(gradient_of(f), 2 * X * np.array([1.0, 1.0, -2.0]))


def test_a_number_is_never_changed_in_place():
    def f(x, y):
        total = x[0]
        total += x[1]
        return total * x[0]

    np.testing.assert_allclose(gradient_of(f), [2 * X[0] + X[1], X[0], 0.0])


@pytest.mark.parametrize("leave", [float, complex, lambda number: number.item(), lambda number: number.tolist()])
def test_a_plain_number_is_refused_and_a_branch_is_not(leave):
    tape = Tape(is_writable=True)
    number = tape.variable(X)[0]
    assert number > 0
    with pytest.raises(UsageError, match="the derivative ends there"):
        leave(number)
