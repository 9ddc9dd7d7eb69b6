"""The true gradient at several points: from one trace where its branches hold, else from another, else differences."""

import numpy as np
import pytest

from gradcheck.diagnosis import truths
from gradcheck.diagnosis.truths import truths_at
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
    count, original = [], truths.trace_loss

    def counted(case, point):
        count.append(point)
        return original(case, point)

    monkeypatch.setattr(truths, "trace_loss", counted)
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
