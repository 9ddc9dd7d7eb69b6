"""A traced program run again: its loss, its true gradient, and the hand-written one."""

import math

import numpy as np
import pytest

from gradcheck.backprop.replay import ALIAS, derivatives_of, hand_gradient, replay
from gradcheck.errors import UsageError
from gradcheck.program.programs import LEAVES, Node, Program
from gradcheck.program.shims import UNARY
from gradcheck.program.tracing import trace
from gradcheck.results.outcomes import Outcome
from gradcheck.verification import verify

# out = w·x + b as `net`, then `out = net`; Loss = (y - out)² / 2; the hand-written gradient of b forgets its sign.
NODES = (
    Node("input", (), 2.0, "w"),
    Node("input", (), 0.5, "b"),
    Node("data", (), 3.0, "x"),
    Node("data", (), 7.0, "y"),
    Node("mul", (0, 2), 6.0),
    Node("add", (4, 1), 6.5, "net", 4),
    Node("name", (5,), 6.5, "out", 5),
    Node("sub", (3, 6), 0.5),
    Node("number", (), 2.0),
    Node("pow", (7, 8), 0.25),
    Node("div", (9, 8), 0.125, "Loss", 6),
    Node("neg", (7,), -0.5, "delta", 9),
    Node("mul", (11, 2), -1.5, "dw", 10),
)
PROGRAM = Program(NODES, {"w": 0, "b": 1}, 10, {"w": 12, "b": 7}, 11)


def test_at_the_traced_point_everything_is_as_on_paper():
    result = replay(PROGRAM)
    assert result.loss == 0.125
    assert result.gradient == {"w": -1.5, "b": -0.5}
    assert result.yours == {"w": -1.5, "b": 0.5}
    assert result.values == {"w": 2.0, "b": 0.5, "x": 3.0, "y": 7.0, "net": 6.5, "out": 6.5, "Loss": 0.125}
    assert result.adjoints == {"w": -1.5, "b": -0.5, "x": -1.0, "y": 0.5, "net": -0.5, "out": -0.5, "Loss": 1.0}


def test_names_of_the_gradient_phase_are_not_values_of_the_loss():
    assert "delta" not in replay(PROGRAM).values


def test_another_point_needs_only_what_changes():
    assert replay(PROGRAM, {"b": 2.0}).gradient == {"w": 3.0, "b": 1.0}


def test_many_points_at_once_are_the_points_one_by_one():
    w, b = np.meshgrid(np.linspace(-1, 1, 5), np.linspace(0, 2, 4))
    at_once = replay(PROGRAM, {"w": w, "b": b})
    assert at_once.gradient["b"].shape == w.shape
    for place in np.ndindex(w.shape):
        alone = replay(PROGRAM, {"w": w[place], "b": b[place]})
        for field in ("gradient", "yours", "adjoints"):
            many, one = getattr(at_once, field), getattr(alone, field)
            assert {name: float(array[place]) for name, array in many.items()} == one


def test_a_number_among_arrays_has_a_gradient_at_every_point():
    result = replay(PROGRAM, {"w": np.array([1.0, 2.0])})
    assert result.gradient["b"].tolist() == [-3.5, -0.5]
    assert result.adjoints["x"].tolist() == [-3.5, -1.0]


def test_an_input_that_the_loss_does_not_read_has_gradient_zero():
    lonely = Program((*NODES, Node("input", (), 1.0, "c")), {"w": 0, "b": 1, "c": 13}, 10, {}, 11)
    assert replay(lonely).gradient["c"] == 0
    assert replay(lonely, {"w": np.ones(3)}).gradient["c"].tolist() == [0, 0, 0]


def test_hand_gradient_walks_like_replay():
    run = hand_gradient(PROGRAM)
    for w in (1.0, -2.5):
        loss, yours = run({"w": w, "b": 0.5})
        there = replay(PROGRAM, {"w": w, "b": 0.5})
        assert (loss, yours) == (there.loss, there.yours)


def test_derivatives_are_those_of_all_numbers_and_uses_but_not_of_a_mere_negative():
    nodes = (
        Node("input", (), 2.0, "x"),
        Node("input", (), 5.0, "y"),
        Node("mul", (0, 1), 10.0, "p"),
        Node("number", (), 2.0),
        Node("sub", (2, 3), 8.0, "a"),
        Node("number", (), 3.0),
        Node("add", (2, 5), 13.0, "b"),
        Node("mul", (4, 6), 104.0, "q"),
        Node("neg", (1,), -5.0),
        Node("mul", (7, 8), -520.0, "loss"),
    )
    wholes, parts = derivatives_of(Program(nodes, {"x": 0, "y": 1}, 9, {}, 10))
    # On paper, with p = x y = 10, a = p - 2 = 8, b = p + 3 = 13, q = a b = 104, loss = -q y = -520:
    by = {"loss": 1, "q": -5, "a": -65, "b": -40, "p": -105, "x": -525, "y": -314, "y by p": -210, "y by -y": -104}
    assert sorted(set(np.round(wholes, 9))) == sorted(by.values())
    assert {-65, -40} <= set(np.round(parts, 9))  # of p: by a, and by b
    assert not np.isclose([*wholes, *parts], 104).any()  # of -y


def test_outside_the_domain_is_nan_or_infinite_without_a_warning():
    nodes = (Node("input", (), 1.0, "x"), Node("log", (0,), 0.0, "log_x"), Node("div", (1, 0), 0.0, "Loss"))
    program = Program(nodes, {"x": 0}, 2, {}, 3)
    assert math.isnan(replay(program, {"x": -1.0}).loss)
    assert math.isinf(replay(program, {"x": 0.0}).loss)


def test_an_unknown_input_is_named_with_those_there_are():
    with pytest.raises(UsageError, match="no input c: it has w, b"):
        replay(PROGRAM, {"c": 1.0})


@pytest.mark.parametrize("reader", [replay, hand_gradient])
def test_a_program_without_a_loss_is_refused(reader):
    with pytest.raises(UsageError, match="has no loss: trace"):
        reader(Program(NODES, {"w": 0, "b": 1}, None, {}, 11))


EVERY_OPERATION = """
import math
import numpy as np

def loss(x, y):
    signs = -x + abs(y - x) - (+y) / 3 + 2 / y - 2 * x + 2**x + x**y + x**2 + y**-0.5
    roots = math.exp(x) * math.expm1(y) + math.log(y) * math.log1p(x) + math.sqrt(x * y) + math.fabs(x)
    waves = math.sin(x) * math.cos(y) + math.tanh(x * y) + math.sinh(x) - math.cosh(y) + math.atan(x - y)
    sides = np.maximum(x, y) * np.minimum(x, 3 * y) + max(x, 0.0) + min(y, 9.0) + np.tan(x) + np.log2(y) + np.square(y)
    return signs + roots * waves + sides
"""


def test_whatever_can_be_traced_has_a_primitive_with_its_true_gradient():
    at = {"x": np.array(0.7), "y": np.array(1.3)}
    program = trace(EVERY_OPERATION, "every.py", "loss", None, at)
    space = {}
    exec(EVERY_OPERATION, space)
    result = replay(program)
    assert float(result.loss) == pytest.approx(space["loss"](0.7, 1.3), rel=1e-15)
    verdicts = verify(lambda p: float(space["loss"](float(p["x"]), float(p["y"]))), result.gradient, at)
    assert [verdict.outcome for verdict in verdicts] == [Outcome.AGREE] * 2
    assert {node.op for node in program.nodes} - {*LEAVES, ALIAS} >= {*UNARY, "pow", "neg", "maximum", "minimum"}


def test_a_power_of_zero_has_slope_zero_and_not_nan():
    program = trace("def loss(x):\n    return x**0 + x**2 + x**1", "zero.py", "loss", None, {"x": np.array(0.0)})
    assert replay(program).gradient["x"] == 1.0
