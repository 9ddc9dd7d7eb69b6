"""The true gradient at several points: from one trace where its branches hold, else from another, else differences."""

import numpy as np
import pytest

from gradcheck.diagnosis import true_gradients
from gradcheck.diagnosis.true_gradients import truths_at
from gradcheck.diagnosis.truths import Truth, is_refuted, refuted
from gradcheck.evidence.opinions import trace_case

BRANCHES = """
    def point(seed):
        return {"w": 1.0 + seed}

    def loss(w):
        return w * w if w > 0 else -3 * w

    def grads(w):
        return {"w": 2 * w}
"""

UNTRACEABLE = """
    import ctypes

    def point(seed):
        return {"w": 1.0 + seed}

    def loss(w):
        return ctypes.c_double(w).value ** 3

    def grads(w):
        return {"w": 3 * w**2}
"""


def points(*values):
    return [{"w": np.array(value)} for value in values]


@pytest.fixture
def traces(monkeypatch):
    """How often a loss was traced."""
    count, original = [], true_gradients.trace_loss

    def counted(case, point):
        count.append(point)
        return original(case, point)

    monkeypatch.setattr(true_gradients, "trace_loss", counted)
    return count


def test_points_on_two_sides_of_a_branch_are_both_traced(bench_of, traces):
    found = truths_at(bench_of(BRANCHES).original, points(1.0, -2.0, 3.0, -4.0))
    assert [float(one.values["w"]) for one in found] == [2.0, -3.0, 6.0, -3.0]
    assert len(traces) == 2


def test_a_trace_that_is_there_already_serves_every_point_on_its_side(bench_of, traces):
    case = bench_of(BRANCHES).original
    program = trace_case(case, points(1.0)[0])
    found = truths_at(case, points(5.0, 2.0), program=program)
    assert [float(one.values["w"]) for one in found] == [10.0, 4.0]
    assert not traces


def test_what_cannot_be_traced_is_tried_once_and_told_by_differences(bench_of, traces):
    found = truths_at(bench_of(UNTRACEABLE).original, points(1.0, 2.0))
    assert [float(one.values["w"]) for one in found] == pytest.approx([3.0, 12.0], rel=1e-9)
    assert len(traces) == 1


GIVEN = {"W": np.array([[1.0, -2.0], [3.0, np.nan]]), "b": np.array(0.5)}
EXACT = Truth(GIVEN, 1.0, GIVEN, {name: np.full(np.shape(array), 1e-9) for name, array in GIVEN.items()})


@pytest.mark.parametrize(
    ("gradient", "is_wrong"),
    [
        ({"W": GIVEN["W"], "b": 0.5}, False),
        ({"W": GIVEN["W"] + 0.9e-9, "b": np.float64(0.5)}, False),
        ({"W": [[1, -2], [3, 7]], "b": np.array([0.5])}, False),
        ({"W": GIVEN["W"].astype(np.float32), "b": np.float32(0.5 + 1e-7)}, False),
        ({"W": np.array([[1.0, -2.0], [3.0, 7.0]]), "b": 0.5}, False),
        ({"W": GIVEN["W"] + 1e-7, "b": 0.5}, True),
        ({"W": GIVEN["W"], "b": 0.5 + 1e-7}, True),
        ({"W": GIVEN["W"], "b": np.nan}, True),
        ({"W": GIVEN["W"][:, 0], "b": 0.5}, True),
        ({"W": GIVEN["W"].ravel(), "b": 0.5}, True),
        ({"W": GIVEN["W"]}, True),
    ],
)
def test_a_gradient_is_refuted_by_one_number_that_is_known_to_be_another(gradient, is_wrong):
    assert is_refuted(EXACT, gradient) is is_wrong
    assert any(mask.any() for mask in refuted(EXACT, gradient).values()) is is_wrong
