"""A loss made ready for many calls: one structure, written in place, and fresh copies where that is not safe."""

import math

import numpy as np
import pytest

import gradcheck
from gradcheck.errors import UserCodeError
from gradcheck.results.outcomes import Outcome
from gradcheck.results.result import Subject
from gradcheck.subject.cases import Functions, make_case
from gradcheck.subject.prepared import PreparedLoss

X = np.array([[0.3, -0.2], [0.1, 0.7], [-0.5, 0.4]])


def square(x):
    return float(np.sum(x**2))


def twice(x, *_):
    return 2 * x


def prepared(loss, at):
    case = make_case(Functions(loss, twice), at, Subject(None, "f", "g"))
    ready = PreparedLoss(case, case.at.arrays)
    first = ready(case.at.arrays)
    return case, ready, first


def test_what_is_lent_is_one_structure_and_writing_into_it_moves_the_point():
    seen = []
    case, ready, first = prepared(lambda x: seen.append(id(x)) or square(x), X)

    assert first == square(X)
    with ready.lend(case.at.arrays) as loan:
        assert loan.value() == square(X)
        loan.arrays["x"][0, 1] = 2.0
        moved = X.copy()
        moved[0, 1] = 2.0
        assert loan.value() == square(moved)
        assert loan.is_whole()
    assert seen[1] == seen[2]
    assert case.calls["loss"] == 3


@pytest.mark.parametrize(
    "at",
    [
        np.asfortranarray(X),
        X.astype(np.float32),
        [[0.3, -0.2], [0.1, 0.7]],
        {"x": 0.4},
        np.array(0.4),
        X + 1j,
        (X, 0.5),
    ],
    ids=["columns first", "float32", "list", "number", "0-d", "complex", "tuple"],
)
def test_every_kind_of_leaf_moves_with_what_is_written(at):
    def loss(*args, **named):
        parts = [np.asarray(part) for part in (*args, *named.values())]
        return float(sum(np.sum(np.abs(part) ** 2) for part in parts))

    case, ready, first = prepared(loss, at)
    with ready.lend(case.at.arrays) as loan:
        assert loan.value() == first
        for array in loan.arrays.values():
            array *= 2
        assert loan.value() == pytest.approx(4 * first, rel=1e-6)


def changes(x):
    value = square(x)
    x *= 3
    return value


class Remembers:
    """A loss with the last point in its memory, as it was handed over and not copied."""

    last, value, __name__ = None, None, "remembers"

    def __call__(self, x):
        if self.last is None or not np.array_equal(self.last, x):
            self.last, self.value = x, square(x)
        return self.value


class RemembersPart(Remembers):
    def __call__(self, x):
        if self.last is None or not np.array_equal(self.last, x[0]):
            self.last, self.value = x[0], square(x)
        return self.value


def pops(p):
    return square(p.pop("x"))


@pytest.mark.parametrize("loss", [changes, Remembers(), RemembersPart()], ids=["changes", "keeps", "keeps a view"])
def test_who_changes_or_keeps_what_it_is_given_gets_fresh_copies(loss):
    case, ready, _ = prepared(loss, X)

    assert ready.is_careful is False
    with ready.lend(case.at.arrays) as loan:
        for row in range(3):
            loan.arrays["x"][row, 0] = 5.0 + row
        value = loan.value()
        moved = np.array(loan.arrays["x"])
        assert (value, moved[2, 0]) == (square(moved), 7.0)


def test_a_container_that_loses_an_entry_is_built_anew():
    _, ready, _ = prepared(pops, ({"x": X},))

    assert ready.is_careful is False


@pytest.mark.parametrize("loss", [changes, Remembers()], ids=["changes", "keeps"])
def test_such_losses_are_judged_rightly(loss):
    mine = X.copy()

    assert gradcheck.check(loss, twice, at=mine)
    assert gradcheck.check(loss, lambda x: 2.001 * x, at=mine).outcome is Outcome.DISAGREE
    np.testing.assert_array_equal(mine, X)


def test_a_loss_that_changes_its_input_only_later_is_judged_rightly():
    calls = []

    def later(x):
        calls.append(1)
        return changes(x) if len(calls) % 7 == 0 else square(x)

    assert gradcheck.check(later, twice, at=X, stay=True)
    assert not gradcheck.check(later, lambda x: 2.001 * x, at=X, stay=True)


def test_an_error_within_a_block_is_told_with_its_line():
    calls = []

    def breaks(x):
        calls.append(1)
        if len(calls) > 20:
            raise KeyError("x9")
        return square(x)

    with pytest.raises(UserCodeError, match=r"line \d+ in breaks: KeyError: 'x9' \(while calling breaks\)"):
        gradcheck.check(breaks, twice, at=X)


def test_a_domain_edge_within_a_block_is_no_error():

    def edge(x):
        return math.sqrt(x[0]) + float(x[1])

    result = gradcheck.check(edge, lambda x: np.array([0.5 / math.sqrt(x[0]), 1.0]), at=np.array([1e-3, 1.0]))

    assert result
