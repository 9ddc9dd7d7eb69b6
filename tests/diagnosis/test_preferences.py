"""Of two changes that both make every gradient right the one is meant that leaves more right on the way."""

import pytest

from gradcheck import diagnose

BAGS = """\
import numpy as np

BAGS, GOALS = [[0, 2, 1], [1, 3], [3, 0, 1, 4], [2, 4]], np.array([0.3, -0.2, 0.9, 0.4])


def point(seed):
    r = np.random.RandomState(seed)
    return {"E": r.randn(5, 3), "V": r.randn(3, 2)}


def loss(E, V):
    total = 0.0
    for bag, goal in zip(BAGS, GOALS):
        h = E[bag].mean(axis=0)
        total += np.sum((np.tanh(h @ V) - goal) ** 2)
    return total / len(BAGS)


def grads(E, V):
    dE, dV, n = np.zeros_like(E), np.zeros_like(V), len(BAGS)
    for bag, goal in zip(BAGS, GOALS):
        h = E[bag].mean(axis=0)
        t = np.tanh(h @ V)
        ds = 2 * (t - goal) * (1 - t ** 2)
        dV += np.outer(h, ds) / n
        dh = V @ ds
        for one in bag:
            dE[one] += dh / len(bag) / n
    return {"E": dE, "V": dV}
"""


@pytest.mark.parametrize(
    ("right", "wrong"),
    [("dE[one] += dh / len(bag) / n", "dE[one] += dh / n"), ("dh = V @ ds", "dh = -V @ ds")],
)
def test_what_holds_a_multiple_of_a_derivative_is_not_blamed(tmp_path, right, wrong):
    path = tmp_path / "bags.py"
    assert BAGS.count(right) == 1
    path.write_text(BAGS.replace(right, wrong), encoding="utf-8")

    found = diagnose(path, budget=20.0)

    assert found.suspects[0].span.line == 1 + BAGS[: BAGS.index(right)].count("\n")
    assert found.fixes[0].edits[0].span.line == found.suspects[0].span.line


MASKED = """\
import numpy as np

X = np.array([[0.4, -1.2, 0.7], [1.1, 0.3, -0.8], [-0.5, 0.9, 0.2], [0.6, -0.1, 1.3]])
T = np.array([[0.2], [-0.4], [0.9], [0.1]])
KEEP = np.array([[1, 0, 1, 1, 0], [0, 1, 1, 0, 1], [1, 1, 0, 1, 1], [1, 0, 1, 0, 1]]) / 0.6


def point(seed):
    r = np.random.RandomState(seed)
    return {"A": r.randn(3, 5), "B": r.randn(5, 1)}


def forward(A, B):
    s = X @ A
    r = np.maximum(s, 0)
    k = r * KEEP
    return s, r, k, k @ B


def loss(A, B):
    return np.mean((forward(A, B)[-1] - T) ** 2)


def grads(A, B):
    s, r, k, o = forward(A, B)
    d_o = 2 * (o - T) / o.size
    d_B = k.T @ d_o
    d_k = d_o @ B.T
    d_r = d_k
    d_s = d_r * (s > 0)
    return {"A": X.T @ d_s, "B": d_B}
"""


def test_a_lost_mask_is_put_where_every_name_keeps_its_promise(tmp_path):
    """d_k @ ... * KEEP would give the same numbers, but d_k would then be the derivative by r."""
    path = tmp_path / "masked.py"
    path.write_text(MASKED, encoding="utf-8")
    found = diagnose(path)
    (edit,) = found.fixes[0].edits
    assert edit.span.line == MASKED.splitlines().index("    d_r = d_k") + 1
    assert "KEEP" in edit.new
