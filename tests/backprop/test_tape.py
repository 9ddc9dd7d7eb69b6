"""The tape: what is recorded, that every edge is visited once, and that reading parts costs no more than the whole."""

from dataclasses import replace

import numpy as np
import pytest

from gradcheck.backprop import arrays as xp
from gradcheck.backprop.networks import gradient as gradient_of_network
from gradcheck.backprop.primitives import PRIMITIVES
from gradcheck.backprop.rules.shapes import unbroadcast
from gradcheck.backprop.tape import Tape
from gradcheck.backprop.transforms import gradient, jvp, value_and_gradient
from gradcheck.network.dense import Dense
from gradcheck.network.networks import Network
from gradcheck.strategies import point_at


@pytest.fixture
def calls(monkeypatch):
    """The sizes of all arrays that primitives made, by name; VJP rules are made of primitives too."""
    made = []

    def counted(name, primitive):
        def value(*args, **options):
            y = primitive.value(*args, **options)
            made.append((name, np.size(y)))
            return y

        return replace(primitive, value=value)

    for name, primitive in list(PRIMITIVES.items()):
        monkeypatch.setitem(PRIMITIVES, name, counted(name, primitive))
    return made


def test_a_value_used_twice_receives_both_cotangents():
    assert gradient(lambda x: x * x, 3.0) == 6.0


def test_a_constant_leaves_no_record():
    tape = Tape()
    x = tape.variable(3.0)
    np.exp(2.0) * x
    assert [record.name for record in tape.records] == ["mul"]


def test_what_the_output_does_not_depend_on_has_gradient_zero():
    bar = gradient(lambda x, y: np.exp(x), (1.0, np.ones((2, 3))))[1]
    assert bar.tolist() == np.zeros((2, 3)).tolist()


def test_a_constant_function_has_gradient_zero():
    assert value_and_gradient(lambda x: 7.0, np.ones(2))[1].tolist() == [0.0, 0.0]


def test_an_index_that_occurs_twice_receives_both_cotangents():
    weight = np.array([5.0, 7.0, 11.0])
    bar = gradient(lambda x: np.sum(x[np.array([0, 2, 0])] * weight), np.array([1.0, 2.0, 3.0]))
    assert bar.tolist() == [16.0, 0.0, 7.0]


@pytest.mark.parametrize("shape", [(), (1,), (3,), (2, 1), (1, 3), (1, 1), (2, 3), (4, 2, 3), (1, 1, 3)])
def test_unbroadcast_is_the_transpose_of_broadcasting(shape):
    """<broadcast(x), bar> = <x, unbroadcast(bar)> for every x and bar."""
    full = (4, 2, 3)
    x = np.arange(np.prod(shape), dtype=float).reshape(shape) + 0.25
    bar = np.cos(np.arange(24.0)).reshape(full)
    back = unbroadcast(bar, x)
    assert back.shape == shape
    assert np.sum(np.broadcast_to(x, full) * bar) == pytest.approx(np.sum(x * back), rel=1e-14)


@pytest.mark.parametrize("derive", [gradient, lambda f, x: jvp(f, x, 1.0)], ids=["reverse", "forward"])
def test_cost_is_linear_in_edges_where_paths_double_with_every_link(derive, calls):
    """n links have 2**n paths and 4·n edges."""

    def chain(x, links):
        for _ in range(links):
            x = (x * x + x) * 0.5
        return x

    counts = []
    for links in (10, 20, 40):
        calls.clear()
        derive(lambda x, links=links: chain(x, links), 0.1)
        counts.append(len(calls))
    assert counts[2] - counts[1] == 2 * (counts[1] - counts[0])
    assert counts[2] < 4 * 4 * 40


@pytest.mark.parametrize("derive", [gradient, lambda f, x: jvp(f, x, np.ones_like(x))], ids=["reverse", "forward"])
@pytest.mark.parametrize(
    "f",
    [
        lambda x: sum(np.sum(np.tanh(x[t])) for t in range(len(x))),
        lambda x: np.sum(np.concatenate([x[t : t + 1] * x[t] for t in range(len(x))]) ** 2),
        lambda x: np.sum(np.stack([np.sin(row) for row in x])),
        lambda x: sum(np.sum(part**2) for part in np.split(x, len(x))),
    ],
    ids=["rows", "concatenate", "stack", "split"],
)
def test_reading_and_joining_row_by_row_costs_no_more_than_the_array(f, derive, calls):
    entries = []
    for steps in (8, 16, 32):
        calls.clear()
        derive(f, np.ones((steps, 5)))
        entries.append(sum(size for _, size in calls))
    assert entries[2] - entries[1] == 2 * (entries[1] - entries[0])


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
    assert gradient_of_network(network, point).gradient["W1"][0, 0] == pytest.approx(a_dot[0], rel=1e-11)
    assert a_dot[0] != 0


def test_an_array_function_of_plain_arrays_leaves_no_trace():
    assert isinstance(xp.sigmoid(np.ones(3)), np.ndarray)
    assert type(np.sum(np.ones(3))) is np.float64
