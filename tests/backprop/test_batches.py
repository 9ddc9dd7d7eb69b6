"""A traced loss at many points at once: the numbers of a replay, point by point, and of a formula on paper."""

import numpy as np
import pytest

from gradcheck.backprop.batches import gradients_at
from gradcheck.backprop.replay import replay
from gradcheck.errors import UsageError
from gradcheck.program.programs import Node, Program
from gradcheck.program.tracing import trace

NET = """\
import numpy as np
X = np.array([[0.3, -1.2, 0.8], [1.1, 0.4, -0.7]])


def loss(W, b, v):
    h = np.tanh(X @ W + b)
    s = np.exp(h @ v)
    return np.sum(np.log(1 + s)) / np.sqrt(np.sum(h ** 2)) + np.max(v) * np.abs(b[0])
"""


def traced(point):
    return trace(NET, "net.py", "loss", None, point)


def points(count):
    r = np.random.default_rng(0)
    return [{"W": r.normal(size=(3, 2)), "b": r.normal(size=2), "v": np.array([0.1, 0.9])} for _ in range(count)]


def labelled(point):
    return {
        f"{name}[{','.join(map(str, i))}]": array[i] for name, array in point.items() for i in np.ndindex(array.shape)
    }


def test_every_point_has_the_numbers_of_a_replay():
    some = points(5)
    program = traced(some[0])
    columns = {label: np.array([labelled(one)[label] for one in some]) for label in program.inputs}
    losses, gradient = gradients_at(program, columns)
    for place, point in enumerate(some):
        alone = replay(program, labelled(point))
        assert losses[place] == pytest.approx(alone.loss, rel=1e-14)
        for label, value in alone.gradient.items():
            assert gradient[label][place] == pytest.approx(value, rel=1e-12, abs=1e-14)


def test_a_product_and_an_alias_as_on_paper():
    nodes = (
        Node("input", (), 2.0, "w"),
        Node("input", (), 0.0, "unused"),
        Node("number", (), 3.0),
        Node("mul", (0, 0), 4.0),
        Node("name", (3,), 4.0, "square"),
        Node("mul", (4, 2), 12.0, "Loss"),
        Node("exp", (0,), 7.0, "not_read"),
    )
    program = Program(nodes, {"w": 0, "unused": 1}, 5, {}, 7)
    losses, gradient = gradients_at(program, {"w": np.array([1.0, 2.0]), "unused": np.array([5.0, 5.0])})
    assert losses.tolist() == [3.0, 12.0]
    assert gradient["w"].tolist() == [6.0, 12.0]
    assert gradient["unused"].tolist() == [0.0, 0.0]


def test_a_program_without_a_loss_has_no_gradient():
    with pytest.raises(UsageError, match="no loss"):
        gradients_at(Program((), {}, None, {}, 0), {})
