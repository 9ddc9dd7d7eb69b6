"""Partials that equal data make equal: no point can tell them apart, and the answer says so."""

import pytest

from gradcheck.checks import check_file
from gradcheck.results.outcomes import Outcome

FILE = """
import numpy as np
{data}

def point(seed):
    w1, w2, b = np.random.RandomState(seed).randn(3)
    return {{"w1": w1, "w2": w2, "b": b}}

def loss(w1, w2, b):
    return float((np.tanh(w1 * {x1} + w2 * {x2} + b) - 0.3) ** 2)

def grads(w1, w2, b):
    h = np.tanh(w1 * {x1} + w2 * {x2} + b)
    d = 2 * (h - 0.3) * (1 - h * h)
    return {{"w1": d * {x1}, "w2": d * {taken}, "b": d}}
"""


def result_of(tmp_path, data, x1, x2, taken):
    path = tmp_path / "net.py"
    path.write_text(FILE.format(data=data, x1=x1, x2=x2, taken=taken))
    return check_file(path)


@pytest.mark.parametrize(
    ("data", "x1", "x2", "words"),
    [
        ("x1 = x2 = 0.5", "x1", "x2", "x1 = x2 (0.5)"),
        ("x = np.array([0.5, 0.5])", "x[0]", "x[1]", "all entries of x are 0.5"),
        ("x = np.array([0.5, 0.5, 2.0])", "x[0]", "x[1]", "x[0] = x[1] (0.5)"),
    ],
)
def test_equal_data_hide_which_of_two_was_taken(tmp_path, data, x1, x2, words):
    result = result_of(tmp_path, data, x1, x2, x1)

    assert result.outcome is Outcome.AGREE
    assert (
        f"the partials of w1 = w2 are equal at every point tried, and in the data {words}: one taken for the other "
        "would not show; give data that differ"
    ) in result.notes


def test_data_that_differ_show_it_and_need_no_note(tmp_path):
    right, wrong = (result_of(tmp_path, "x1, x2 = 0.5, 0.7", "x1", "x2", taken) for taken in ("x2", "x1"))

    assert (right.outcome, wrong.outcome) == (Outcome.AGREE, Outcome.DISAGREE)
    assert not any("equal at every point" in note for note in right.notes)


def test_partials_that_are_equal_by_the_formula_alone_need_no_note(tmp_path):
    path = tmp_path / "sum.py"
    path.write_text(
        "import numpy as np\n\ndef point(seed):\n    return {'w': np.random.RandomState(seed).randn(3)}\n\n"
        "def loss(w):\n    return float(np.sum(w) ** 2)\n\n"
        "def grads(w):\n    return {'w': np.full(3, 2 * np.sum(w))}\n"
    )
    result = check_file(path)

    assert result.outcome is Outcome.AGREE
    assert result.notes == ()
