"""A number that should be another one for every entry, a mask that spreads, a statement for some rounds alone."""

import pytest

from gradcheck import diagnose
from gradcheck.diagnosis.benches import changed_case
from gradcheck.diagnosis.edits import apply_edits
from gradcheck.subject.targets import case_of_file

HUBER = """\
import numpy as np

X = np.random.RandomState(40).randn(9, 3)
y = 3 * np.random.RandomState(41).randn(9)
D = 1.0


def point(seed):
    return {"w": np.random.RandomState(seed).randn(3)}


def loss(w):
    r = X @ w - y
    return np.where(np.abs(r) <= D, 0.5 * r ** 2, D * (np.abs(r) - 0.5 * D)).mean()


def grads(w):
    r = X @ w - y
    dr = np.where(np.abs(r) <= D, r, D * np.sign(r)) / len(y)
    return {"w": X.T @ dr}
"""

MASKED = """\
import numpy as np

R = np.random.RandomState(42)
X, Y = R.randn(3, 3, 2), R.randn(3, 2)
MASK = np.array([[1.0, 1, 1], [1, 1, 0], [1, 0, 0]])


def point(seed):
    r = np.random.RandomState(seed)
    return {"W": r.randn(2, 2), "U": r.randn(2, 2)}


def run(W, U):
    hs, new = [np.zeros((3, 2))], []
    for t in range(3):
        m = MASK[:, t:t + 1]
        new.append(np.tanh(X[:, t] @ W + hs[-1] @ U))
        hs.append(m * new[-1] + (1 - m) * hs[-1])
    return hs, new


def loss(W, U):
    return 0.5 * np.sum((run(W, U)[0][-1] - Y) ** 2)


def grads(W, U):
    hs, new = run(W, U)
    dh = hs[-1] - Y
    dW, dU = np.zeros_like(W), np.zeros_like(U)
    for t in reversed(range(3)):
        m = MASK[:, t:t + 1]
        dz = dh * m * (1 - new[t] ** 2)
        dW += X[:, t].T @ dz
        dU += hs[t].T @ dz
        dh = dz @ U.T + dh * (1 - m)
    return {"W": dW, "U": dU}
"""

STEPS = """\
import math

ROWS = [(0.4, 0), (-1.1, 2), (0.9, 1), (1.6, 2)]


def point(seed):
    import random
    r = random.Random(seed)
    return {"w": r.gauss(0, 1), "c": r.gauss(0, 1), "gap": r.uniform(0.5, 1.5)}


def loss(w, c, gap):
    total = 0.0
    for x, k in ROWS:
        s = math.tanh(w * x + c)
        total += 0.5 * (s - gap) ** 2 if k == 2 else math.exp(s)
    return total


def grads(w, c, gap):
    g = {"w": 0.0, "c": 0.0, "gap": 0.0}
    for x, k in ROWS:
        s = math.tanh(w * x + c)
        d = s - gap if k == 2 else math.exp(s)
        g["w"] += d * (1 - s * s) * x
        g["c"] += d * (1 - s * s)
        if k == 2:
            g["gap"] -= d
    return g
"""

ATTEND = """\
import numpy as np

X = np.random.RandomState(43).randn(4, 3)


def point(seed):
    r = np.random.RandomState(seed)
    return {"W": r.randn(2, 3), "A": r.randn(2, 2), "v": r.randn(2)}


def loss(W, A, v):
    return sum(v @ np.tanh(A @ np.tanh(W @ x)) + np.tanh(W @ x) @ v for x in X)


def grads(W, A, v):
    dW, dA, dv = np.zeros_like(W), np.zeros_like(A), np.zeros_like(v)
    for x in X:
        h = np.tanh(W @ x)
        k = np.tanh(A @ h)
        dv += k + h
        dh = v.copy()
        dk = v * (1 - k ** 2)
        dA += np.outer(dk, h)
        dW += np.outer((dh + A.T @ dk) * (1 - h ** 2), x)
    return {"W": dW, "A": dA, "v": dv}
"""


@pytest.mark.parametrize(
    ("text", "right", "wrong"),
    [
        (HUBER, "D * np.sign(r)) /", "D) /"),
        (MASKED, "dh * m * (1 - new", "dh * (1 - new"),
        (STEPS, '        if k == 2:\n            g["gap"] -= d\n', ""),
        (ATTEND, "(dh + A.T @ dk)", "dh"),
    ],
)
def test_what_is_missing_is_found(tmp_path, assert_same, text, right, wrong):
    planted = text.replace(right, wrong)
    assert planted != text
    path = tmp_path / "net.py"
    path.write_text(planted)
    case = case_of_file(path)

    best = diagnose(path, budget=20.0).fixes[0]

    mended, true = changed_case(case, apply_edits(planted, best.edits)), changed_case(case, text)
    assert_same(true, mended, range(900, 905))
