"""Wrong exactly at the point and right beside it: branches whose edges meet there, or a fault of its own."""

import numpy as np
import pytest

import gradcheck
from gradcheck.results.outcomes import Outcome, Reason

CANCELS = """
import numpy as np

def point(seed=0):
    return {"w": np.array([0.0, 0.5, -0.3, 0.0])}

def loss(w):
    return float(np.sum(np.maximum(w, 0) - np.maximum(-w, 0)) + np.sum(w**3))

def grads(w):
    return {"w": 1.0 * (w > 0) + (w < 0) + 3 * w**2}
"""
BRANCHES = """
def point(seed=0):
    return {"w": 0.0, "v": 1.3}

def relu(z):
    return z if z > 0 else 0.0

def loss(w, v):
    return v * relu(w) - relu(-w)

def grads(w, v):
    return {"w": v * (w > 0) + (w < 0), "v": relu(w)}
"""
PRODUCT = """
import numpy as np

def point(seed=0):
    return {"x": np.array([2.0, 0.0, 3.0, 1.5])}

def loss(x):
    return float(np.prod(x))

def grads(x):
    return {"x": np.where(x != 0, np.prod(x) / np.where(x != 0, x, 1), 0.0)}
"""


def file_of(tmp_path, text):
    path = tmp_path / "case.py"
    path.write_text(text)
    return path


@pytest.mark.parametrize("text", [CANCELS, BRANCHES], ids=["maximum", "if"])
def test_masks_at_corners_that_cancel_are_a_choice_of_subgradient(tmp_path, text):
    result = gradcheck.check_file(file_of(tmp_path, text))

    assert result.outcome is Outcome.AGREE
    assert any("a choice of subgradient at your point" in note for note in result.notes)


def test_who_stays_there_stays_undecided(tmp_path):
    result = gradcheck.check_file(file_of(tmp_path, CANCELS), stay=True)

    assert (result.outcome, result.reason) == (Outcome.INCONCLUSIVE, Reason.KINK)


@pytest.mark.parametrize("fault", ["3.1 * w**2", "3 * w**2 + 5 * (w == 0)", "3 * w**2 - 1 * (w == 0)"])
def test_what_no_choice_gives_or_what_shows_beside_too_disagrees(tmp_path, fault):
    result = gradcheck.check_file(file_of(tmp_path, CANCELS.replace("3 * w**2", fault)))

    assert result.outcome is Outcome.DISAGREE


def test_a_fault_at_the_point_only_is_a_fault_where_nothing_branches(tmp_path):
    result = gradcheck.check_file(file_of(tmp_path, PRODUCT))

    assert result.parameters[0].wrong_entries == ((1,),)
    assert result.parameters[0].remark == (
        "wrong only exactly at this point, a millionth beside it your gradient agrees: give the values that tie or "
        "vanish here (x has zeros) a case of their own"
    )


def test_a_fault_everywhere_is_not_said_to_be_at_the_point_only(tmp_path):
    text = PRODUCT.replace("np.where(x != 0", "np.array([1.0, 1.0, 1.0, 1.1]) * np.where(x != 0")
    text = text.replace("return float(np.prod(x))", "return float(np.prod(x)) + x[3] ** 2")
    result = gradcheck.check_file(file_of(tmp_path, text))

    assert result.parameters[0].wrong_entries == ((1,), (3,))
    assert "only exactly" not in (result.parameters[0].remark or "")


def test_a_fault_on_one_side_of_the_point_is_a_fault(tmp_path):
    leaky = BRANCHES.replace("v * relu(w) - relu(-w)", "v * relu(w) - 0.1 * relu(-w) + w")
    result = gradcheck.check_file(file_of(tmp_path, leaky.replace("v * (w > 0) + (w < 0)", "(v + 1) * (w > 0)")))

    assert result.outcome is Outcome.DISAGREE


def test_edges_that_part_are_found_where_nothing_can_be_traced():
    rows = np.array([[1.0, 2.0], [-1.0, 1.0]])
    signs = np.array([1.0, -1.0])  # relu(w0 + 2 w1) - relu(w1 - w0) has slope 1 along w0, the masks give 0 - 0

    def loss(w):
        return float(signs @ np.maximum(rows @ w, 0))

    result = gradcheck.check(loss, lambda w: rows.T @ (signs * (rows @ w > 0)), at=np.zeros(2))

    assert result.outcome is Outcome.AGREE
    assert any("a choice of subgradient at your point" in note for note in result.notes)
