"""A guard that a gradient leaves out on purpose, log(p + 1e-12), neither hides a fault's line nor forbids its fix."""

import numpy as np
import pytest

from gradcheck import diagnose
from gradcheck.diagnosis.edits import apply_edits
from gradcheck.diagnosis.fairness import fair_truths_at, halfway
from gradcheck.diagnosis.true_gradients import truth_at
from gradcheck.subject.cases import own_point
from gradcheck.subject.targets import case_of_file

GUARDED = """\
import numpy as np

r = np.random.RandomState(0)
X, Y = r.randn(6, 4), np.eye(3)[[0, 2, 1, 1, 0, 2]]


def point(seed):
    r = np.random.RandomState(seed)
    return {"W": r.randn(4, 3) * (0.5 if seed == 0 else 4.0), "b": r.randn(3)}


def probabilities(W, b):
    e = np.exp(X @ W + b)
    return e / e.sum(axis=1, keepdims=True)


def loss(W, b):
    return -np.sum(Y * np.log(probabilities(W, b) + 1e-12)) / len(X)


def grads(W, b):
    dz = probabilities(W, b) - Y
    return {"W": X.T @ dz / len(X), "b": dz.sum(axis=0) / len(X)}
"""


@pytest.mark.parametrize(
    ("right", "wrong"), [("X.T @ dz / len(X)", "X.T @ dz"), ("dz.sum(axis=0) / len(X)", "dz.sum(axis=0)")]
)
def test_a_fault_beside_a_guard_is_mended(tmp_path, right, wrong):
    planted = GUARDED.replace(right, wrong)
    path = tmp_path / "net.py"
    path.write_text(planted)
    best = diagnose(path).fixes[0]
    assert apply_edits(planted, best.edits) in (GUARDED, GUARDED.replace(".sum(axis=0) / len(X)", ".mean(axis=0)"))
    assert best.verified_points >= 3


def test_points_are_moved_until_what_was_right_is_right(tmp_path):
    path = tmp_path / "net.py"
    path.write_text(GUARDED.replace("X.T @ dz / len(X)", "X.T @ dz"))
    case = case_of_file(path)
    points = [own_point(case, seed) for seed in range(4)]
    found = fair_truths_at(case, points, points[0], {"W"})
    assert found[0].point is points[0]
    for truth, point in zip(found[1:], points[1:], strict=True):
        part = np.linalg.norm(truth.point["W"] - points[0]["W"]) / np.linalg.norm(point["W"] - points[0]["W"])
        assert np.log2(part) == pytest.approx(round(np.log2(part)))
        assert part < 1
        exact = truth_at(case, truth.point)
        np.testing.assert_allclose(truth.values["b"], exact.values["b"], rtol=1e-9)
        off = np.abs(gradient_of_bias(truth.point) - exact.values["b"]).max() / np.abs(exact.values["b"]).max()
        assert off < 1e-10


def gradient_of_bias(point):
    r = np.random.RandomState(0)
    X, Y = r.randn(6, 4), np.eye(3)[[0, 2, 1, 1, 0, 2]]
    e = np.exp(X @ point["W"] + point["b"])
    return (e / e.sum(axis=1, keepdims=True) - Y).sum(axis=0) / 6


def test_what_is_right_at_the_first_point_by_chance_moves_none(tmp_path):
    path = tmp_path / "net.py"
    path.write_text(
        "import numpy as np\n\n\ndef point(seed):\n    r = np.random.RandomState(seed)\n"
        "    return {'a': r.rand(2), 'b': np.zeros(2) if seed == 0 else r.rand(2)}\n\n\n"
        "def loss(a, b):\n    return np.sum(a**2 * b**2 + a)\n\n\n"
        "def grads(a, b):\n    return {'a': 2 * a * b**2, 'b': 3 * a**2 * b}\n"
    )
    case = case_of_file(path)
    points = [own_point(case, seed) for seed in range(3)]
    found = fair_truths_at(case, points, points[0], {"a"})
    assert [truth.point for truth in found] == points
    assert not any(truth.is_eased for truth in found)


def test_halfway_is_the_middle():
    np.testing.assert_array_equal(halfway({"a": np.array([1.0, 2.0])}, {"a": np.array([3.0, -2.0])})["a"], [2.0, 0.0])
