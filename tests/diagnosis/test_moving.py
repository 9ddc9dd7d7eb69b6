"""Other data: what a change is right by through a coincidence of the file's numbers, it is not right by there."""

import time

import numpy as np
import pytest

from gradcheck.diagnosis.benches import changed_case
from gradcheck.diagnosis.moving import moved
from gradcheck.diagnosis.reshaping import reshaped
from gradcheck.diagnosis.truths import wrong_names
from gradcheck.subject.cases import gradient_at, own_point
from gradcheck.subject.targets import case_of_file

SALES = """\
import numpy as np

YEARS = [(1.0, 0.31, 2), (0.9, 0.42, 1), (1.2, 0.38, 2)]
WEIGHTS = np.array([0.2, 0.5, 0.3])
MASK = np.array([1.0, 0.0, 1.0])
X = np.array([0.7, 1.0, -0.4])
TWICE = 2 * X


def point(seed):
    return {"w": np.random.default_rng(seed).normal(size=3)}


def loss(w):
    total = 0.0
    for price, target, _ in YEARS:
        total += (price * np.tanh(w[0]) - target) ** 2
    return total + np.sum(WEIGHTS * MASK * np.tanh(X * w) ** 2) + np.sum(TWICE * w)


def grads(w):
    d, t = np.zeros(3), np.tanh(X * w)
    for price, target, _ in YEARS:
        d[0] += 2 * (price * np.tanh(w[0]) - target) * price * (1 - np.tanh(w[0]) ** 2)
    return {"w": d + 2 * WEIGHTS * MASK * t * (1 - t ** 2) * X + 2 * X}
"""


@pytest.fixture
def other(tmp_path):
    path = tmp_path / "sales.py"
    path.write_text(SALES)
    case = case_of_file(path)
    ways = reshaped(case, own_point(case, 3), {"w"}, time.process_time() + 30)
    return next(one for one in ways if one.words == "other data")


def test_measured_numbers_are_moved_and_what_a_gradient_may_rely_on_is_not(other):
    space = other.case.functions.loss.__globals__

    (p, q, r), (a, b, c), counts = zip(*space["YEARS"], strict=True)
    assert counts == (2, 1, 2)
    for new, old in zip(
        (p, q, r, a, b, c, *space["X"]), (1.0, 0.9, 1.2, 0.31, 0.42, 0.38, 0.7, 1.0, -0.4), strict=True
    ):
        assert 0 < abs(new / old - 1) <= 0.1
    np.testing.assert_array_equal(space["WEIGHTS"], [0.2, 0.5, 0.3])
    np.testing.assert_array_equal(space["MASK"], [1.0, 0.0, 1.0])
    np.testing.assert_array_equal(space["TWICE"], 2 * space["X"])


def test_the_right_text_is_right_with_other_data_and_one_by_coincidence_is_not(other):
    def wrong(text):
        return wrong_names(other.truth, gradient_at(changed_case(other.case, text), other.truth.point))

    assert not wrong(SALES)
    assert wrong(SALES.replace("- target) * price *", "- target) * price * YEARS[0][0] *"))
    assert wrong(SALES.replace("+ 2 * X}", "+ 2 * X * YEARS[0][0]}"))


@pytest.mark.parametrize(
    "value", [3, 2.5, "text", (), np.arange(4), np.arange(4.0), [1, 2], [[0.0, 1.0], [1.0, 0.0]], {"a": (1, 2)}, None]
)
def test_what_has_no_measured_number_stays(value):
    assert repr(moved(value)) == repr(value)


def test_what_is_symmetric_stays_so():
    matrix = moved(np.array([[0.0, 0.25, 2.5], [0.25, 0.0, 1.5], [2.5, 1.5, 0.5]]))
    np.testing.assert_array_equal(matrix, matrix.T)
    assert matrix[0, 1] != 0.25
