"""The gradient of a network, against formulas on paper."""

import math

import numpy as np
import pytest

from gradcheck.backprop.networks import forward, gradient, layer_values, loss_of
from gradcheck.errors import NetworkError
from gradcheck.labels import by_label
from gradcheck.network.dense import Dense
from gradcheck.network.networks import Network, Point
from gradcheck.network.sources import SOURCES
from gradcheck.network.tables import ACTIVATIONS, LOSSES
from gradcheck.strategies import point_at

# exp(outputs) is what they are: it overflows where the outputs do.
EXPONENTIAL = ("gaussian", "poisson")


def sigmoid(z):
    return 1 / (1 + math.exp(-z))


def test_source_example_is_its_formulas_factor_by_factor():
    source = SOURCES["source-2-2-1"]
    w5, w6, x1, x2, y = 0.3, -0.7, 0.02, 0.03, 7.0
    params = {**source.point.params, "w5": np.array(w5), "w6": np.array(w6)}
    result = gradient(source.network, source.point.with_params(params))
    outh1 = outh2 = sigmoid(0.2 * x1 + 0.2 * x2 + 0.5)
    out = w5 * outh1 + w6 * outh2 + 0.5
    delta, slope = -(y - out), outh1 * (1 - outh1)
    on_paper = {
        "w1": delta * w5 * slope * x1,
        "w2": delta * w5 * slope * x2,
        "w3": delta * w6 * slope * x1,
        "w4": delta * w6 * slope * x2,
        "w5": delta * outh1,
        "w6": delta * outh2,
        "b1": delta * (w5 + w6) * slope,
        "b2": delta,
    }
    assert result.loss == pytest.approx((y - out) ** 2 / 2, rel=1e-15)
    assert {k: float(v) for k, v in result.gradient.items()} == pytest.approx(on_paper, rel=1e-14)
    assert list(result.values) == ["neth1", "neth2", "outh1", "outh2", "neto", "out"]
    assert float(result.adjoints["neth2"]) == pytest.approx(delta * w6 * slope, rel=1e-14)
    assert float(result.adjoints["out"]) == pytest.approx(delta, rel=1e-15)


def test_deep_net_obeys_bp1_to_bp4():
    network, point = SOURCES["deep"].network, SOURCES["deep"].point
    result = gradient(network, point)
    depth = len(network.layers)
    a = [point.inputs[0], *(result.values[f"a{k}"] for k in range(1, depth + 1))]
    slope = [None, *(a[k] * (1 - a[k]) for k in range(1, depth + 1))]
    delta = (a[-1] - point.targets[0]) * slope[-1]
    for k in range(depth, 0, -1):
        np.testing.assert_allclose(result.adjoints[f"z{k}"], delta, rtol=1e-13)
        np.testing.assert_allclose(result.gradient[f"b{k}"], delta, rtol=1e-13)
        np.testing.assert_allclose(result.gradient[f"W{k}"], np.outer(delta, a[k - 1]), rtol=1e-13)
        delta = (point.params[f"W{k}"].T @ delta) * slope[k - 1] if k > 1 else delta


@pytest.mark.parametrize("bias", ["unit", "shared", "none"])
def test_both_namings_are_the_same_network(bias):
    layers = (Dense(3, "tanh", bias), Dense(2, "sigmoid", bias))
    matrix, article = (Network(2, layers, naming=naming) for naming in ("matrix", "article"))
    one, other = (gradient(network, point_at(network, 7, samples=2)) for network in (matrix, article))
    assert one.loss == other.loss
    numbers = sorted(by_label(one.gradient).values())
    assert sorted(by_label(other.gradient).values()) == pytest.approx(numbers, rel=1e-13)
    adjoints = sorted(by_label(one.adjoints).values())
    assert sorted(by_label(other.adjoints).values()) == pytest.approx(adjoints, rel=1e-13)


@pytest.mark.parametrize(("reduction", "share"), [("sum", 1.0), ("mean", 0.25)])
@pytest.mark.parametrize("loss", LOSSES)
def test_a_batch_is_the_sum_or_the_mean_of_its_samples(loss, reduction, share):
    network = Network(3, (Dense(3, "softplus", "shared"), Dense(2)), loss, reduction)
    point = point_at(network, seed=2, samples=4)
    whole = gradient(network, point)
    parts = [gradient(network, Point(point.params, point.inputs[i], point.targets[i])) for i in range(4)]
    assert whole.loss == pytest.approx(share * sum(part.loss for part in parts), rel=1e-14)
    for name, array in whole.gradient.items():
        np.testing.assert_allclose(array, share * sum(part.gradient[name] for part in parts), rtol=1e-12, atol=1e-15)
    assert whole.values["z1"].shape == (4, 3)
    assert parts[0].values["z1"].shape == (3,)


@pytest.mark.parametrize("z", [-800.0, 0.0, 800.0])
@pytest.mark.parametrize("loss", [name for name in LOSSES if name not in EXPONENTIAL])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_far_out_nothing_overflows_and_nothing_warns(activation, loss, z):
    network = Network(1, (Dense(2, activation), Dense(2)), loss)
    params = {"W1": [[z], [-z]], "b1": [0.0, 0.0], "W2": [[1.0, -0.5], [0.25, 1.0]], "b2": [0.5, 0.25]}
    point = Point(params, [[1.0]], [[0.25, 0.75][: network.target_shape[0]]])
    result = gradient(network, point)
    assert math.isfinite(forward(network, point))
    assert all(np.isfinite(array).all() for array in result.gradient.values())


def test_what_overflows_is_infinite_without_a_warning():
    network = Network(1, (Dense(1, bias="none"),))
    point = Point({"W1": [[1e200]]}, [[1.0]], [[0.0]])
    assert math.isinf(forward(network, point))
    assert math.isinf(gradient(network, point).loss)


# Slopes at -30 and 30 by mpmath, 50 digits: 1 - s(30) = 9.4e-14 has lost its last digits if it is taken from 1.
@pytest.mark.parametrize(
    ("activation", "z", "slope"),
    [
        ("sigmoid", 30.0, 9.3576229688384233e-14),
        ("sigmoid", -30.0, 9.3576229688384233e-14),
        ("tanh", 15.0, 3.7430491875353693e-13),
        ("softplus", -30.0, 9.357622968839299e-14),
        ("gelu", -8.0, -3.979607261086796e-14),
        ("silu", -30.0, -2.713710660963134e-12),
        ("elu", -30.0, 9.3576229688401746e-14),
    ],
)
def test_slopes_keep_their_digits_far_out(activation, z, slope):
    network = Network(1, (Dense(1, activation, "none"),), "output")
    result = gradient(network, Point({"W1": [[z]]}, [[1.0]], [[0.0]]))
    assert float(result.gradient["W1"][0, 0]) == pytest.approx(slope, rel=2e-15)


def test_forward_and_gradient_tell_the_same_loss():
    network = Network(2, (Dense(3, "gelu"), Dense(2)), "softmax_cross_entropy", "mean")
    point = point_at(network, samples=3)
    assert forward(network, point) == gradient(network, point).loss == loss_of(network, point)(point.params)


def test_layer_values_are_the_values_of_the_gradient():
    network = Network(2, (Dense(3, "tanh"), Dense(2)))
    point = point_at(network, samples=3)
    values = gradient(network, point).values
    alone = layer_values(network, point)
    assert alone.keys() == values.keys()
    assert all(np.array_equal(alone[name], array) for name, array in values.items())


def test_the_result_is_read_only():
    source = SOURCES["deep"]
    with pytest.raises(ValueError, match="read-only"):
        gradient(source.network, source.point).gradient["W1"][0, 0] = 9


@pytest.mark.parametrize("opinion", [forward, gradient, layer_values])
def test_a_point_of_another_network_is_refused(opinion):
    with pytest.raises(NetworkError, match="this network needs"):
        opinion(SOURCES["deep"].network, SOURCES["n-m-k"].point)
