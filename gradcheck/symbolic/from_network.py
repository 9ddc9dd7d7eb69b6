"""The named definitions of a network at a point: the symbolic opinion's own forward pass, sample by sample."""

from collections.abc import Callable, Sequence

import sympy

from gradcheck.labels import by_label, label
from gradcheck.network.fitting import fit
from gradcheck.network.layers import ELU_HEIGHT, LEAKY_SLOPE
from gradcheck.network.names import (
    activation_name,
    bias_place,
    input_name,
    pre_activation_name,
    target_name,
    weight_place,
)
from gradcheck.network.networks import Network, Point
from gradcheck.symbolic.partials import ensure_size
from gradcheck.symbolic.systems import Number, System, symbol

Exprs = Sequence[sympy.Expr]

# The decimals of the papers, not the doubles next to them: they differ by less than one rounding.
SLOPE = sympy.Rational(str(LEAKY_SLOPE))
HEIGHT = sympy.Rational(str(ELU_HEIGHT))

ACTIVATION_RULES: dict[str, Callable[[sympy.Expr], sympy.Expr]] = {
    "identity": lambda z: z,
    "sigmoid": lambda z: 1 / (1 + sympy.exp(-z)),
    "tanh": sympy.tanh,
    "relu": lambda z: sympy.Max(0, z),
    "leaky_relu": lambda z: sympy.Piecewise((z, z > 0), (SLOPE * z, True)),
    "softplus": lambda z: sympy.log(1 + sympy.exp(z)),
    "elu": lambda z: sympy.Piecewise((z, z > 0), (HEIGHT * (sympy.exp(z) - 1), True)),
    "gelu": lambda z: z / 2 * (1 + sympy.erf(z / sympy.sqrt(2))),
    "silu": lambda z: z / (1 + sympy.exp(-z)),
}


def log_sum_exp(outputs: Exprs) -> sympy.Expr:
    """log Σ exp(z): what the softmax cross-entropy is normalised by."""
    return sympy.log(sympy.Add(*(sympy.exp(z) for z in outputs)))


# Loss of one sample from its outputs, its targets and the named log Σ exp(z) of its outputs.
LOSS_RULES: dict[str, Callable[[Exprs, Exprs, sympy.Symbol], sympy.Expr]] = {
    "half_square": lambda out, y, _: sympy.Add(*((t - a) ** 2 / 2 for a, t in zip(out, y, strict=True))),
    "mean_square": lambda out, y, _: sympy.Add(*((t - a) ** 2 / len(out) for a, t in zip(out, y, strict=True))),
    "binary_cross_entropy": lambda out, y, _: sympy.Add(
        *(sympy.log(1 + sympy.exp(z)) - t * z for z, t in zip(out, y, strict=True))
    ),
    "softmax_cross_entropy": lambda out, y, total: sympy.Add(*(-t * (z - total) for z, t in zip(out, y, strict=True))),
    "output": lambda out, y, _: sympy.Add(*out),
}
NORMALISED = ("softmax_cross_entropy",)


def system_of(network: Network, point: Point) -> System:
    """The loss of a network at a point as named definitions; raises NetworkError or TooLarge.

    Names are those of gradcheck.network.names. Of several samples each has a loss of its own (`Loss[0]`, in the
    article's way `Loss_1`), and `Loss` is their sum or mean.
    """
    fit(network, point)
    ensure_size(point.samples * sum(a * b for a, b in zip(network.sizes, network.sizes[1:], strict=False)))
    values: dict[str, Number] = dict(by_label(point.params))
    parameters = tuple(values)
    definitions: dict[str, sympy.Expr] = {}
    losses = []
    for sample in range(point.samples):
        values.update(_data(network, point, sample))
        definitions.update(_layers(network, sample, point.samples))
        definitions.update(_loss(network, sample, point.samples))
        losses.append(symbol(next(reversed(definitions))))
    if point.samples > 1:
        share = sympy.Integer(point.samples if network.reduction == "mean" else 1)
        definitions["Loss"] = sympy.Add(*(loss / share for loss in losses))
    return System(values, definitions, "Loss", parameters)


def _data(network: Network, point: Point, sample: int) -> dict[str, Number]:
    inputs = {input_name(network, k, sample, point.samples): float(x) for k, x in enumerate(point.inputs[sample])}
    targets = {target_name(network, k, sample, point.samples): float(y) for k, y in enumerate(point.targets[sample])}
    return {**inputs, **targets}


def _layers(network: Network, sample: int, samples: int) -> dict[str, sympy.Expr]:
    """Pre-activations and activations of one sample, layer by layer."""
    definitions = {}
    below = [symbol(input_name(network, k, sample, samples)) for k in range(network.inputs)]
    for k, layer in enumerate(network.layers):
        here = []
        for unit in range(layer.units):
            z = pre_activation_name(network, k, unit, sample, samples)
            a = activation_name(network, k, unit, sample, samples)
            definitions[z] = _pre_activation(network, k, unit, below)
            definitions[a] = ACTIVATION_RULES[layer.activation](symbol(z))
            here.append(symbol(a))
        below = here
    return definitions


def _pre_activation(network: Network, layer: int, unit: int, below: Exprs) -> sympy.Expr:
    weights = (symbol(label(*weight_place(network, layer, unit, k))) for k in range(len(below)))
    terms = [weight * value for weight, value in zip(weights, below, strict=True)]
    bias = bias_place(network, layer, unit)
    return sympy.Add(*terms, *([] if bias is None else [symbol(label(*bias))]))


def _loss(network: Network, sample: int, samples: int) -> dict[str, sympy.Expr]:
    """The loss of one sample under its own name, behind what it is normalised by where the loss needs that."""
    last = len(network.layers) - 1
    out = [symbol(activation_name(network, last, k, sample, samples)) for k in range(network.outputs)]
    targets = [symbol(target_name(network, k, sample, samples)) for k in range(network.outputs)]
    total = _sample_name(network, "logsumexp", sample, samples)
    loss = {_sample_name(network, "Loss", sample, samples): LOSS_RULES[network.loss](out, targets, symbol(total))}
    return {total: log_sum_exp(out), **loss} if network.loss in NORMALISED else loss


def _sample_name(network: Network, word: str, sample: int, samples: int) -> str:
    if samples == 1:
        return word
    return f"{word}_{sample + 1}" if network.naming == "article" else f"{word}[{sample}]"
