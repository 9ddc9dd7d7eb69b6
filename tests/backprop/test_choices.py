"""What the chain rule can give at ties: the intervals, on paper."""

import pytest

from gradcheck.backprop.choices import choices
from gradcheck.backprop.replay import replay
from gradcheck.program.tracing import trace

HEAD = "import numpy as np\n"


def found(loss, **point):
    return choices(trace(f"{HEAD}def loss({', '.join(point)}):\n    return {loss}\n", "loss.py", "loss", None, point))


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        ("np.maximum(w, 0) - np.maximum(-w, 0)", (0, 2)),  # 0..1, less -(0..1)
        ("3 * np.abs(w) + w", (-2, 4)),
        ("-np.minimum(2 * w, 5 * w)", (-7, 0)),  # each argument of a tie may get all of the slope or none
        ("np.maximum(w + 1, 0) ** 3", (3, 3)),
        ("np.exp(np.maximum(w, 0)) * 2", (0, 2)),
    ],
)
def test_ties_leave_an_interval(loss, expected):
    assert found(loss, w=0.0)["w"] == pytest.approx(expected)


def test_an_input_that_the_loss_does_not_read_has_slope_zero():
    assert found("w * w", w=1.5, v=2.0)["v"] == (0, 0)


def test_without_ties_it_is_reverse_mode():
    text = f"{HEAD}def loss(a, b):\n    h = np.tanh(a * b)\n    return np.maximum(h, 0) / b + np.log(b) * h\n"
    program = trace(text, "loss.py", "loss", None, {"a": 0.7, "b": 1.3})
    expected = replay(program).gradient

    assert {label: low for label, (low, high) in choices(program).items()} == pytest.approx(expected)
    assert {label: high for label, (low, high) in choices(program).items()} == pytest.approx(expected)
