"""Every activation and loss against jax in float64, on batches, with every kind of bias."""

import numpy as np
import pytest

from gradcheck.labels import by_label
from gradcheck.network.layers import ACTIVATIONS, BIASES, LOSSES, REDUCTIONS, Dense
from gradcheck.network.names import parameter_shapes
from gradcheck.network.networks import Network, Point
from gradcheck.symbolic.from_network import system_of
from gradcheck.symbolic.numbers import evaluate
from gradcheck.symbolic.partials import differentiate

jax = pytest.importorskip("jax", minversion="0.10")
jnp = jax.numpy


def jax_activations():
    nn = jax.nn
    return {
        "identity": lambda z: z,
        "sigmoid": nn.sigmoid,
        "tanh": jnp.tanh,
        "relu": nn.relu,
        "leaky_relu": lambda z: nn.leaky_relu(z, 0.01),
        "softplus": nn.softplus,
        "elu": nn.elu,
        "gelu": lambda z: nn.gelu(z, approximate=False),
        "silu": nn.silu,
    }


# Loss of one sample.
JAX_LOSSES = {
    "half_square": lambda out, y: jnp.sum((y - out) ** 2) / 2,
    "mean_square": lambda out, y: jnp.mean((y - out) ** 2),
    "binary_cross_entropy": lambda out, y: -jnp.sum(y * jax.nn.log_sigmoid(out) + (1 - y) * jax.nn.log_sigmoid(-out)),
    "softmax_cross_entropy": lambda out, y: -jnp.sum(y * jax.nn.log_softmax(out)),
    "output": lambda out, y: jnp.sum(out),
}


def jax_loss(params, network, inputs, targets):
    def one(x, y):
        a = x
        for k, layer in enumerate(network.layers, start=1):
            z = params[f"W{k}"] @ a + params.get(f"b{k}", 0.0)
            a = jax_activations()[layer.activation](z)
        return JAX_LOSSES[network.loss](a, y)

    losses = jax.vmap(one)(inputs, targets)
    return jnp.mean(losses) if network.reduction == "mean" else jnp.sum(losses)


def draw(network, samples, seed):
    rng = np.random.default_rng(seed)
    number = lambda *shape: np.round(rng.uniform(-1.5, 1.5, shape), 2) + 0.003  # noqa: E731
    params = {name: number(*shape) for name, shape in parameter_shapes(network).items()}
    return Point(params, number(samples, network.inputs), np.round(rng.uniform(0, 1, (samples, network.outputs)), 2))


def assert_same(network, samples, seed):
    point = draw(network, samples, seed)
    exact = evaluate(differentiate(system_of(network, point)))
    with jax.enable_x64(True):
        params = {name: jnp.asarray(array) for name, array in point.params.items()}
        inputs, targets = jnp.asarray(point.inputs), jnp.asarray(point.targets)
        loss, gradient = jax.jit(jax.value_and_grad(jax_loss), static_argnums=1)(params, network, inputs, targets)
        expected = by_label({name: np.asarray(array) for name, array in gradient.items()})
        assert exact.loss == pytest.approx(float(loss), rel=1e-12)
    assert exact.gradient == pytest.approx(expected, rel=1e-11, abs=1e-13)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_activation_has_the_gradient_of_jax(activation):
    assert_same(Network(3, (Dense(3, activation), Dense(2, activation, "shared"))), samples=2, seed=3)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("loss", LOSSES)
def test_loss_has_the_gradient_of_jax(loss, reduction):
    layers = (Dense(2, "tanh", "none"), Dense(3, "identity"))
    assert_same(Network(2, layers, loss=loss, reduction=reduction), samples=3, seed=5)


@pytest.mark.parametrize("bias", BIASES)
def test_bias_has_the_gradient_of_jax(bias):
    assert_same(Network(2, (Dense(2, "sigmoid", bias), Dense(1, "sigmoid", bias))), samples=2, seed=11)
