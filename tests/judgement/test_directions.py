"""Ties: what is right along every axis may still be no subgradient."""

import numpy as np
import pytest

from gradcheck.numeric.directions import estimate_along, lines_through, opens_both_ways
from gradcheck.results.outcomes import Outcome, Reason
from gradcheck.verification import verify

TIED = np.array([[0.54, 0.54, 0.54, 0.54], [0.1, 0.7, 0.2, 0.7], [0.3, 0.9, 0.4, 0.5]])
C = np.array([1.0, 2.0, 0.5])


def judged(f, yours, x):
    return verify(lambda arrays: float(f(arrays["x"])), {"x": np.asarray(yours, dtype=float)}, {"x": x})[0]


def row_maxima(x):
    return C @ x.max(axis=1)


def shares(weight):
    """Every tied entry gets C times weight(number of ties)."""
    top = TIED.max(axis=1, keepdims=True) == TIED
    return C[:, None] * top * [[weight(n)] for n in top.sum(axis=1)]


def test_shares_that_add_to_one_are_a_choice():
    assert judged(row_maxima, shares(lambda n: 1 / n), TIED).reason is Reason.KINK


def test_one_of_the_ties_may_take_all():
    first = np.zeros(TIED.shape)
    first[range(3), TIED.argmax(axis=1)] = C

    assert judged(row_maxima, first, TIED).reason is Reason.KINK


@pytest.mark.parametrize("weight", [lambda n: 2 / (n + 1), lambda n: 1.0, lambda n: 0.9 if n > 1 else 1.0])
def test_shares_that_do_not_add_to_one_are_no_subgradient(weight):
    verdict = judged(row_maxima, shares(weight), TIED)

    assert (verdict.outcome, verdict.reason) == (Outcome.DISAGREE, Reason.SUBGRADIENT)
    tied = {(0, 0), (0, 1), (0, 2), (0, 3), (1, 1), (1, 3)}
    assert set(verdict.wrong_entries) <= tied
    assert {row for row, _ in verdict.wrong_entries} == {0, 1}
    assert verdict.remark.startswith("along x[")


def test_minima_are_concave_and_judged_alike():
    def f(x):
        return np.min(x)

    assert judged(f, [1 / 3, 1 / 3, 1 / 3], np.full(3, 0.2)).reason is Reason.KINK
    assert judged(f, [0.5, 0.5, 0.5], np.full(3, 0.2)).reason is Reason.SUBGRADIENT
    assert judged(f, [0, 0, 0], np.full(3, 0.2)).reason is Reason.SUBGRADIENT


def relu(z):
    return np.maximum(z, 0)


MIXED = {
    "relu - relu": (lambda x: relu(x[0]) - relu(x[1]), 2),
    "two ups, two downs": (lambda x: relu(x[0]) + 2 * relu(x[1]) - relu(x[2]) - 3 * relu(x[3]), 4),
    "difference of norms": (lambda x: 3 * np.abs(x).sum() - np.abs(x[0] - x[1]) - np.abs(x[1] + x[2]), 3),
    "hidden down": (lambda x: 2 * relu(x[0]) + 2 * relu(x[1]) - relu(x[0] + x[1]) + x[2] ** 2, 3),
    "sum of ups": (lambda x: relu(x).sum() + relu(x[0] + x[1]), 3),
}


@pytest.mark.parametrize("case", MIXED)
def test_the_usual_gradient_zero_is_not_blamed_where_corners_open_both_ways(case):
    f, size = MIXED[case]

    assert judged(f, np.zeros(size), np.zeros(size)).outcome is not Outcome.DISAGREE


def test_slopes_within_every_corner_of_a_sum_are_a_choice():
    weights, x = np.array([0.3, 0.0, -1.0, 1.0]), np.array([0.0, 0.0, 0.0, 0.5])

    assert judged(lambda z: np.abs(z).sum(), weights, x).reason is Reason.KINK


def test_smooth_entries_are_not_moved_and_single_corners_have_no_line():
    chosen = np.array([[True, False, True], [False, True, True]])

    assert lines_through(np.array([True, False])) == ()
    lines = lines_through(chosen)
    assert all(not line[~chosen].any() and np.count_nonzero(line) > 1 for line in lines)
    assert any(np.array_equal(line, chosen) for line in lines)
    assert any(np.array_equal(line, [[1, 0, 1], [0, 0, 0]]) for line in lines)
    assert any(np.array_equal(line, [[0, 0, 1], [0, 0, 1]]) for line in lines)
    assert len({line.tobytes() for line in lines}) == len(lines) <= 60


def test_estimates_along_lines_know_both_slopes_of_a_corner():
    at = {"x": np.array([0.3, 0.3, 7.0]), "y": np.array(2.0)}
    lines = [np.array([1.0, 1.0, 0.0]), np.array([1.0, -1.0, 0.0]), np.array([0.0, 0.5, 1.0])]
    answers = estimate_along(lambda a: float(a["x"][:2].max() * a["y"] + a["x"][2] ** 2), at, "x", lines)

    assert abs(answers[0].value - 2) <= answers[0].bar  # the maximum moves along with both
    assert np.abs(answers[1].slopes - [-2, 2]).max() <= answers[1].bar
    assert np.abs(answers[2].slopes - [14, 15]).max() <= answers[2].bar


def test_slopes_of_one_entry_are_no_bounds_where_its_corners_open_both_ways():
    """The usual gradient takes 0 for every relu at 0: of relu(x) + relu(-x + y) - 3 relu(2x + y) that is 0."""

    def f(x):
        return relu(x[0]) + 2 * relu(x[1] - x[0]) - relu(2 * x[0] + x[1])

    at = np.zeros(2)
    assert judged(f, [0.0, 0.0], at).outcome is not Outcome.DISAGREE
    assert opens_both_ways(lambda a: float(f(a["x"])), {"x": at}, "x", np.array([1.0, 0.0]))


@pytest.mark.parametrize("f", [lambda x: np.abs(x).sum(), np.max, lambda x: -np.abs(x).sum() + np.exp(x).sum(), np.sin])
def test_corners_of_one_opening_do_not_open_both_ways(f):
    def summed(arrays):
        return float(np.sum(f(arrays["x"])))

    assert not opens_both_ways(summed, {"x": np.full(3, 0.0)}, "x", np.array([1.0, 0.0, 0.0]))
    assert not opens_both_ways(summed, {"x": np.full(3, 0.0)}, "x", np.ones(3))


@pytest.mark.parametrize("yours", [1.5, -1.2])
def test_outside_of_the_slopes_of_corners_of_one_opening_is_wrong(yours):
    assert judged(lambda x: np.abs(x).sum(), [yours, 0.0], np.zeros(2)).wrong_entries == ((0,),)
