"""One rule for every layer, activation and loss of `network.layers`, written with array functions."""

from collections.abc import Callable
from functools import partial
from typing import Any

from gradcheck.backprop import arrays
from gradcheck.network.layers import ELU_HEIGHT, LEAKY_SLOPE, Dense


def dense(layer: Dense, a: Any, weights: Any, bias: Any) -> tuple[Any, Any]:
    """The pre-activation z = a·Wᵀ + b and the activation, both (samples, units); no bias is None."""
    z = arrays.matmul(a, arrays.transpose(weights))
    if bias is not None:
        z = arrays.add(z, bias)
    return z, ACTIVATION_RULES[layer.activation](z)


def half_square(out: Any, target: Any) -> Any:
    """½·Σ(y - out)² of every sample."""
    return 0.5 * arrays.sum(arrays.square(target - out), -1)


def mean_square(out: Any, target: Any) -> Any:
    """The mean of (y - out)² over the outputs, of every sample."""
    return arrays.sum(arrays.square(target - out), -1) / float(out.shape[-1])


def binary_cross_entropy(out: Any, target: Any) -> Any:
    """Σ(softplus(z) - y·z) of every sample: -y·log(p) - (1 - y)·log(1 - p) with p = sigmoid(z), from the logits z."""
    return arrays.sum(arrays.softplus(out) - target * out, -1)


def softmax_cross_entropy(out: Any, target: Any) -> Any:
    """-Σ y·(z - log Σ exp z) of every sample, from the logits z."""
    return -arrays.sum(target * arrays.log_softmax(out), -1)


def output(out: Any, target: Any) -> Any:
    """The sum of the outputs of every sample; the target plays no part."""
    return arrays.sum(out, -1)


ACTIVATION_RULES: dict[str, Callable[[Any], Any]] = {
    "identity": arrays.identity,
    "sigmoid": arrays.sigmoid,
    "tanh": arrays.tanh,
    "relu": arrays.relu,
    "leaky_relu": partial(arrays.leaky_relu, slope=LEAKY_SLOPE),
    "softplus": arrays.softplus,
    "elu": partial(arrays.elu, height=ELU_HEIGHT),
    "gelu": arrays.gelu,
    "silu": arrays.silu,
}

# (outputs, targets) -> the loss of every sample
LOSS_RULES: dict[str, Callable[[Any, Any], Any]] = {
    "half_square": half_square,
    "mean_square": mean_square,
    "binary_cross_entropy": binary_cross_entropy,
    "softmax_cross_entropy": softmax_cross_entropy,
    "output": output,
}
