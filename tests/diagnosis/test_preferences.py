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
