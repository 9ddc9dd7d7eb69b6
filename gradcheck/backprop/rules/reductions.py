"""Sums, extremes and norms over axes; `axis` is a tuple of numbers from 0, or None for all.

Where several entries tie for the largest or smallest, they share its slope equally.
"""

from typing import Any

import numpy as np

from gradcheck.backprop.functions import logsumexp as logsumexp_value
from gradcheck.backprop.functions import norm as norm_value
from gradcheck.backprop.functions import softmax as softmax_value
from gradcheck.backprop.kinds import is_complex, shape_of
from gradcheck.backprop.primitives import Primitive
from gradcheck.backprop.rules.complexes import conjugate, real
from gradcheck.backprop.rules.elementwise import exp
from gradcheck.backprop.rules.indexing import flip
from gradcheck.backprop.rules.kinks import where
from gradcheck.backprop.rules.shapes import reshape
from gradcheck.backprop.variables import apply, define

Axis = tuple[int, ...] | None


def with_axes(y: Any, a: Any, axis: Axis) -> Any:
    """A reduction's value (or its cotangent) with every reduced axis back as one of size 1."""
    shape = shape_of(a)
    return reshape(y, tuple(1 if axis is None or place in axis else size for place, size in enumerate(shape)))


def _sum(a: Any, axis: Axis, keepdims: bool = False) -> Any:
    return apply("sum", a, axis=axis, keepdims=keepdims)


def _spread(y_bar: Any, y: Any, a: Any, axis: Axis, keepdims: bool) -> Any:
    return apply("broadcast_to", with_axes(y_bar, a, axis), shape=shape_of(a))


def _weighted(weights: Any) -> Primitive:
    """A reduction to real numbers with slopes `weights(y, a)`, where y has its axes back; value comes later."""

    def vjp(y_bar: Any, y: Any, a: Any, axis: Axis, keepdims: bool) -> Any:
        return with_axes(y_bar, a, axis) * weights(with_axes(y, a, axis), a, axis)

    def jvp(x_dot: Any, y: Any, a: Any, axis: Axis, keepdims: bool) -> Any:
        share = _sum(x_dot * conjugate(weights(with_axes(y, a, axis), a, axis)), axis, keepdims)
        return real(share) if is_complex(share) else share

    return Primitive(weights, (vjp,), (jvp,))


def _ties(y: Any, a: Any, axis: Axis) -> Any:
    mask = apply("astype", apply("equal", a, y), dtype=np.dtype(np.float64))
    return mask / _sum(mask, axis, True)


def _reduction(name: str, value: Any, weights: Any) -> Any:
    rules = _weighted(weights)
    return define(name, Primitive(value, rules.vjps, rules.jvps))


sum_ = define(
    "sum",
    Primitive(
        lambda a, axis, keepdims: np.sum(a, axis, keepdims=keepdims),
        (_spread,),
        (lambda x_dot, y, a, axis, keepdims: _sum(x_dot, axis, keepdims),),
    ),
)
max_ = _reduction("max", lambda a, axis, keepdims: np.max(a, axis, keepdims=keepdims), _ties)
min_ = _reduction("min", lambda a, axis, keepdims: np.min(a, axis, keepdims=keepdims), _ties)
logsumexp = _reduction("logsumexp", logsumexp_value, lambda y, a, axis: exp(a - y))
# The slope of the norm at 0, where every unit vector is a subgradient, is 0.
norm = _reduction("norm", norm_value, lambda y, a, axis: a / where(apply("equal", y, 0), 1.0, y))


def _softmax_rule(bar: Any, y: Any, a: Any, axis: int) -> Any:
    """Its Jacobian diag(y) - y·yᵀ is symmetric: the same forward and backward."""
    return y * (bar - _sum(bar * y, (axis,), True))


softmax = define("softmax", Primitive(softmax_value, (_softmax_rule,), (_softmax_rule,)))


def _cumsum(a: Any, axis: int) -> Any:
    return apply("cumsum", a, axis=axis)


define(
    "cumsum",
    Primitive(
        lambda a, axis: np.cumsum(a, axis),
        (lambda y_bar, y, a, axis: flip(_cumsum(flip(y_bar, axis), axis), axis),),
        (lambda x_dot, y, a, axis: _cumsum(x_dot, axis),),
    ),
)
