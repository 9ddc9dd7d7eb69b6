"""Every activation and loss has a rule, and it is the one that jax and torch have."""

import warnings

import numpy as np
import pytest

from gradcheck.backprop.layers import ACTIVATION_RULES, LOSS_RULES
from gradcheck.backprop.networks import gradient
from gradcheck.network.layers import ACTIVATIONS, LOSSES, Dense
from gradcheck.network.networks import Network
from gradcheck.strategies import point_at


def test_every_activation_has_a_rule_and_no_rule_is_left_over():
    assert tuple(ACTIVATION_RULES) == ACTIVATIONS


def test_every_loss_has_a_rule_and_no_rule_is_left_over():
    assert tuple(LOSS_RULES) == LOSSES


def nets(reductions=("sum", "mean")):
    """Each activation and each loss once, for a batch."""
    for activation in ACTIVATIONS:
        yield pytest.param(Network(2, (Dense(3, activation), Dense(2, activation))), id=activation)
    for loss in LOSSES:
        for reduction in reductions:
            yield pytest.param(Network(2, (Dense(3, "tanh"), Dense(2)), loss, reduction), id=f"{loss}-{reduction}")


def close(ours, theirs):
    np.testing.assert_allclose(np.asarray(theirs), ours, rtol=1e-12, atol=1e-13)


def read(library):
    """The library, whose own deprecation warnings are not ours."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip(library)


@pytest.fixture(scope="module")
def jax():
    library = read("jax")
    before = library.config.jax_enable_x64
    library.config.update("jax_enable_x64", True)
    yield library
    library.config.update("jax_enable_x64", before)


@pytest.mark.parametrize("network", list(nets(["mean"])))
def test_gradient_is_that_of_jax(jax, network):
    point = point_at(network, seed=3, samples=3)

    def loss(params):
        a = jax.numpy.asarray(point.inputs)
        for k, layer in enumerate(network.layers):
            z = a @ params[f"W{k + 1}"].T + params[f"b{k + 1}"]
            a = jax_activation(jax, layer.activation)(z)
        y = jax.numpy.asarray(point.targets)
        per_sample = {
            "half_square": lambda: ((y - a) ** 2).sum(1) / 2,
            "mean_square": lambda: ((y - a) ** 2).mean(1),
            "binary_cross_entropy": lambda: -(y * jax.nn.log_sigmoid(a) + (1 - y) * jax.nn.log_sigmoid(-a)).sum(1),
            "softmax_cross_entropy": lambda: -(y * jax.nn.log_softmax(a)).sum(1),
            "output": lambda: a.sum(1),
        }[network.loss]()
        return per_sample.sum() if network.reduction == "sum" else per_sample.mean()

    ours = gradient(network, point)
    value, theirs = jax.value_and_grad(loss)({name: jax.numpy.asarray(a) for name, a in point.params.items()})
    close(ours.loss, value)
    for name, array in ours.gradient.items():
        close(array, theirs[name])


def jax_activation(jax, name):
    if name == "gelu":
        return lambda z: jax.nn.gelu(z, approximate=False)
    return getattr(jax.nn, name)


@pytest.mark.parametrize("network", list(nets()))
def test_gradient_is_that_of_torch(network):
    torch = read("torch")
    point = point_at(network, seed=5, samples=3)
    params = {name: torch.tensor(np.array(a), requires_grad=True) for name, a in point.params.items()}
    a, y = torch.tensor(np.array(point.inputs)), torch.tensor(np.array(point.targets))
    for k, layer in enumerate(network.layers):
        z = torch.nn.functional.linear(a, params[f"W{k + 1}"], params[f"b{k + 1}"])
        a = z if layer.activation == "identity" else torch_activation(torch, layer.activation)(z)
    functional = torch.nn.functional
    loss = {
        "half_square": lambda: functional.mse_loss(a, y, reduction="sum") / 2,
        "mean_square": lambda: functional.mse_loss(a, y, reduction="sum") / network.outputs,
        "binary_cross_entropy": lambda: functional.binary_cross_entropy_with_logits(a, y, reduction="sum"),
        "softmax_cross_entropy": lambda: functional.cross_entropy(a, y, reduction="sum"),
        "output": lambda: a.sum(),
    }[network.loss]()
    loss = loss if network.reduction == "sum" else loss / point.samples
    loss.backward()
    ours = gradient(network, point)
    close(ours.loss, loss.detach().numpy())
    for name, array in ours.gradient.items():
        close(array, params[name].grad.numpy())


def torch_activation(torch, name):
    return getattr(torch, name) if name in ("sigmoid", "tanh") else getattr(torch.nn.functional, name)
