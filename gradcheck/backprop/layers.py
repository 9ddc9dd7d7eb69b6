"""One rule for every layer, activation and loss of `network.layers`: which primitives it is made of."""

from collections.abc import Callable

from gradcheck.backprop.tape import Tape
from gradcheck.network.dense import Dense


def dense(tape: Tape, layer: Dense, a: int, weights: int, bias: int | None) -> tuple[int, int]:
    """Slots of the pre-activation z = a·Wᵀ + b and of the activation, both (samples, units)."""
    z = tape.record("matmul", a, tape.record("transpose", weights))
    if bias is not None:
        z = tape.record("add", z, bias)
    return z, tape.record(ACTIVATION_RULES[layer.activation], z)


def half_square(tape: Tape, out: int, target: int) -> int:
    """½·Σ(y - out)² of every sample."""
    square = tape.record("square", tape.record("sub", target, out))
    return tape.record("mul", tape.constant(0.5), tape.record("sum_last", square))


def mean_square(tape: Tape, out: int, target: int) -> int:
    """The mean of (y - out)² over the outputs, of every sample."""
    square = tape.record("square", tape.record("sub", target, out))
    return tape.record("div", tape.record("sum_last", square), tape.constant(float(tape.values[out].shape[-1])))


def binary_cross_entropy(tape: Tape, out: int, target: int) -> int:
    """Σ(softplus(z) - y·z) of every sample: -y·log(p) - (1 - y)·log(1 - p) with p = sigmoid(z), from the logits z."""
    terms = tape.record("sub", tape.record("softplus", out), tape.record("mul", target, out))
    return tape.record("sum_last", terms)


def softmax_cross_entropy(tape: Tape, out: int, target: int) -> int:
    """-Σ y·(z - log Σ exp z) of every sample, from the logits z."""
    log_share = tape.record("sub", out, tape.record("log_sum_exp", out))
    return tape.record("neg", tape.record("sum_last", tape.record("mul", target, log_share)))


def output(tape: Tape, out: int, target: int) -> int:
    """The sum of the outputs of every sample; the target plays no part."""
    return tape.record("sum_last", out)


# Every activation is a primitive of its own.
ACTIVATION_RULES: dict[str, str] = {
    "identity": "identity",
    "sigmoid": "sigmoid",
    "tanh": "tanh",
    "relu": "relu",
    "leaky_relu": "leaky_relu",
    "softplus": "softplus",
    "elu": "elu",
    "gelu": "gelu",
    "silu": "silu",
}

# (tape, output slot, target slot) -> slot of the loss of every sample
LOSS_RULES: dict[str, Callable[[Tape, int, int], int]] = {
    "half_square": half_square,
    "mean_square": mean_square,
    "binary_cross_entropy": binary_cross_entropy,
    "softmax_cross_entropy": softmax_cross_entropy,
    "output": output,
}
