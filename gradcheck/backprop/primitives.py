"""The one table of primitives: a value, and one vector-Jacobian product (VJP) per argument."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradcheck.backprop.functions import (
    log_sum_exp,
    normal_below,
    normal_density,
    power_slope,
    sigmoid,
    sigmoid_slope,
)
from gradcheck.network.tables import ELU_HEIGHT, LEAKY_SLOPE
from gradcheck.results.arrays import Floats

Vjp = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Primitive:
    """value: (*args) -> y.  vjps, one per argument: (y_bar, y, *args) -> that argument's bar, in its shape.

    None stands for an argument that has no derivative (an index).
    """

    value: Callable[..., Any]
    vjps: tuple[Vjp | None, ...]


def unbroadcast(bar: Any, like: Any) -> Any:
    """The cotangent of an argument that was stretched to the shape of `bar`: the sum over every stretched axis."""
    shape = np.shape(like)
    if np.shape(bar) == shape:
        return bar
    extra = np.ndim(bar) - len(shape)
    stretched = (*range(extra), *(extra + axis for axis, size in enumerate(shape) if size == 1))
    return np.sum(bar, axis=stretched).reshape(shape)


def scattered(bar: Floats, like: Floats, index: Any) -> Floats:
    """Zeros like `like` with `bar` added at `index`; an index that occurs twice receives both."""
    total = np.zeros_like(like)
    np.add.at(total, index, bar)
    return total


def swapped(a: Floats) -> Floats:
    """The last two axes exchanged."""
    return np.swapaxes(a, -1, -2)


# On a kink maximum and minimum take the side of their first argument, relu and leaky relu the left one, abs the mean.
ELEMENTWISE = {
    "identity": Primitive(lambda a: a, (lambda y_bar, y, a: y_bar,)),
    "neg": Primitive(lambda a: -a, (lambda y_bar, y, a: -y_bar,)),
    "exp": Primitive(np.exp, (lambda y_bar, y, a: y_bar * y,)),
    "expm1": Primitive(np.expm1, (lambda y_bar, y, a: y_bar * np.exp(a),)),
    "log": Primitive(np.log, (lambda y_bar, y, a: y_bar / a,)),
    "log1p": Primitive(np.log1p, (lambda y_bar, y, a: y_bar / (1 + a),)),
    "sqrt": Primitive(np.sqrt, (lambda y_bar, y, a: y_bar / (2 * y),)),
    "square": Primitive(np.square, (lambda y_bar, y, a: y_bar * 2 * a,)),
    "sin": Primitive(np.sin, (lambda y_bar, y, a: y_bar * np.cos(a),)),
    "cos": Primitive(np.cos, (lambda y_bar, y, a: -y_bar * np.sin(a),)),
    "sinh": Primitive(np.sinh, (lambda y_bar, y, a: y_bar * np.cosh(a),)),
    "cosh": Primitive(np.cosh, (lambda y_bar, y, a: y_bar * np.sinh(a),)),
    "arctan": Primitive(np.arctan, (lambda y_bar, y, a: y_bar / (1 + a * a),)),
    "abs": Primitive(np.abs, (lambda y_bar, y, a: y_bar * np.sign(a),)),
    # tanh(z) = 2·sigmoid(2z) - 1
    "tanh": Primitive(np.tanh, (lambda y_bar, y, a: y_bar * 4 * sigmoid_slope(2 * a),)),
    "sigmoid": Primitive(sigmoid, (lambda y_bar, y, a: y_bar * sigmoid_slope(a),)),
    "softplus": Primitive(lambda a: np.logaddexp(0.0, a), (lambda y_bar, y, a: y_bar * sigmoid(a),)),
    "relu": Primitive(lambda a: np.maximum(a, 0.0), (lambda y_bar, y, a: y_bar * (a > 0),)),
    "leaky_relu": Primitive(
        lambda a: np.where(a > 0, a, LEAKY_SLOPE * a), (lambda y_bar, y, a: y_bar * np.where(a > 0, 1.0, LEAKY_SLOPE),)
    ),
    "elu": Primitive(
        lambda a: np.where(a > 0, a, ELU_HEIGHT * np.expm1(np.minimum(a, 0.0))),
        (lambda y_bar, y, a: y_bar * np.where(a > 0, 1.0, ELU_HEIGHT * np.exp(np.minimum(a, 0.0))),),
    ),
    "gelu": Primitive(
        lambda a: a * normal_below(a), (lambda y_bar, y, a: y_bar * (normal_below(a) + a * normal_density(a)),)
    ),
    "silu": Primitive(lambda a: a * sigmoid(a), (lambda y_bar, y, a: y_bar * (sigmoid(a) + a * sigmoid_slope(a)),)),
    "add": Primitive(
        lambda a, b: a + b,
        (lambda y_bar, y, a, b: unbroadcast(y_bar, a), lambda y_bar, y, a, b: unbroadcast(y_bar, b)),
    ),
    "sub": Primitive(
        lambda a, b: a - b,
        (lambda y_bar, y, a, b: unbroadcast(y_bar, a), lambda y_bar, y, a, b: unbroadcast(-y_bar, b)),
    ),
    "mul": Primitive(
        lambda a, b: a * b,
        (lambda y_bar, y, a, b: unbroadcast(y_bar * b, a), lambda y_bar, y, a, b: unbroadcast(y_bar * a, b)),
    ),
    "div": Primitive(
        lambda a, b: a / b,
        (lambda y_bar, y, a, b: unbroadcast(y_bar / b, a), lambda y_bar, y, a, b: unbroadcast(-y_bar * y / b, b)),
    ),
    "pow": Primitive(
        lambda a, b: a**b,
        (
            lambda y_bar, y, a, b: unbroadcast(y_bar * power_slope(a, b), a),
            lambda y_bar, y, a, b: unbroadcast(y_bar * np.where(y == 0, 0.0, y * np.log(np.where(y == 0, 1.0, a))), b),
        ),
    ),
    "maximum": Primitive(
        np.maximum,
        (
            lambda y_bar, y, a, b: unbroadcast(y_bar * (a >= b), a),
            lambda y_bar, y, a, b: unbroadcast(y_bar * (a < b), b),
        ),
    ),
    "minimum": Primitive(
        np.minimum,
        (
            lambda y_bar, y, a, b: unbroadcast(y_bar * (a <= b), a),
            lambda y_bar, y, a, b: unbroadcast(y_bar * (a > b), b),
        ),
    ),
}

ARRAYS = {
    "matmul": Primitive(
        lambda a, b: a @ b,
        (
            lambda y_bar, y, a, b: unbroadcast(y_bar @ swapped(b), a),
            lambda y_bar, y, a, b: unbroadcast(swapped(a) @ y_bar, b),
        ),
    ),
    "transpose": Primitive(swapped, (lambda y_bar, y, a: swapped(y_bar),)),
    "take": Primitive(lambda a, index: a[index], (lambda y_bar, y, a, index: scattered(y_bar, a, index), None)),
    "sum": Primitive(np.sum, (lambda y_bar, y, a: np.broadcast_to(y_bar, np.shape(a)),)),
    "sum_last": Primitive(
        lambda a: np.sum(a, axis=-1), (lambda y_bar, y, a: np.broadcast_to(y_bar[..., None], np.shape(a)),)
    ),
    "log_sum_exp": Primitive(log_sum_exp, (lambda y_bar, y, a: y_bar * np.exp(a - y),)),
}

PRIMITIVES: dict[str, Primitive] = {**ELEMENTWISE, **ARRAYS}
