"""The tape: what is recorded, and that every edge is visited once."""

from dataclasses import replace

import numpy as np
import pytest

from gradcheck.backprop import tape as tapes
from gradcheck.backprop.networks import gradient
from gradcheck.backprop.primitives import PRIMITIVES, unbroadcast
from gradcheck.backprop.tape import Tape
from gradcheck.network.dense import Dense
from gradcheck.network.networks import Network
from gradcheck.strategies import point_at


def test_a_value_used_twice_receives_both_cotangents():
    tape = Tape()
    x = tape.variable(3.0)
    assert tape.pullback(tape.record("mul", x, x))[x] == 6.0


def test_a_constant_has_no_adjoint_and_leaves_no_record():
    tape = Tape()
    two, x = tape.constant(2.0), tape.variable(3.0)
    tape.record("exp", two)
    bars = tape.pullback(tape.record("mul", two, x))
    assert bars[x] == 2.0
    assert two not in bars
    assert len(tape.records) == 1


def test_what_the_output_does_not_depend_on_has_no_adjoint():
    tape = Tape()
    x, y = tape.variable(1.0), tape.variable(1.0)
    tape.record("exp", y)
    assert y not in tape.pullback(tape.record("exp", x))


def test_an_index_that_occurs_twice_receives_both_cotangents():
    tape = Tape()
    x = tape.variable(np.array([1.0, 2.0, 3.0]))
    taken = tape.record("take", x, tape.constant(np.array([0, 2, 0])))
    weighted = tape.record("mul", taken, tape.constant(np.array([5.0, 7.0, 11.0])))
    assert tape.pullback(tape.record("sum", weighted))[x].tolist() == [16.0, 0.0, 7.0]


@pytest.mark.parametrize("shape", [(), (1,), (3,), (2, 1), (1, 3), (1, 1), (2, 3), (4, 2, 3), (1, 1, 3)])
def test_unbroadcast_is_the_transpose_of_broadcasting(shape):
    """<broadcast(x), bar> = <x, unbroadcast(bar)> for every x and bar."""
    full = (4, 2, 3)
    x = np.arange(np.prod(shape), dtype=float).reshape(shape) + 0.25
    bar = np.cos(np.arange(24.0)).reshape(full)
    back = unbroadcast(bar, x)
    assert back.shape == shape
    assert np.sum(np.broadcast_to(x, full) * bar) == pytest.approx(np.sum(x * back), rel=1e-14)


def test_every_edge_is_visited_once(monkeypatch):
    visits = []

    def counted(name):
        vjps = tuple(
            None if vjp is None else lambda *args, vjp=vjp, i=i: visits.append((name, i)) or vjp(*args)
            for i, vjp in enumerate(PRIMITIVES[name].vjps)
        )
        return replace(PRIMITIVES[name], vjps=vjps)

    monkeypatch.setattr(tapes, "PRIMITIVES", {name: counted(name) for name in PRIMITIVES})
    tape = Tape()
    value = tape.variable(1.0)
    for _ in range(40):
        value = tape.record("mul", value, value)
    tape.pullback(value)
    assert len(visits) == 80


def test_a_net_with_two_to_the_forty_paths_has_its_true_gradient():
    """Path by path this would be 2**40 products; on paper a tangent goes forward through the 41 layers."""
    layers = (*(Dense(2, "tanh") for _ in range(40)), Dense(1))
    network = Network(1, layers, "output")
    point = point_at(network)
    a, a_dot = point.inputs[0], np.zeros(1)
    for k, layer in enumerate(layers, start=1):
        W_dot = np.array([[1.0], [0.0]]) if k == 1 else 0 * point.params[f"W{k}"]
        z_dot = W_dot @ a + point.params[f"W{k}"] @ a_dot
        z = point.params[f"W{k}"] @ a + point.params[f"b{k}"]
        a, a_dot = (np.tanh(z), z_dot / np.cosh(z) ** 2) if layer.activation == "tanh" else (z, z_dot)
    assert gradient(network, point).gradient["W1"][0, 0] == pytest.approx(a_dot[0], rel=1e-11)
    assert a_dot[0] != 0
