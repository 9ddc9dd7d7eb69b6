"""Functions of one or two numbers, smooth where they are defined; two arguments are stretched to a common shape."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from gradcheck.backprop.functions import normal_below as normal_below_value
from gradcheck.backprop.primitives import Primitive, Rule
from gradcheck.backprop.rules.comparisons import equal
from gradcheck.backprop.rules.complexes import conjugate
from gradcheck.backprop.rules.kinks import where
from gradcheck.backprop.rules.shapes import stretched, unbroadcast
from gradcheck.backprop.variables import define


def smooth(value: Callable[..., Any], slope: Callable[[Any, Any], Any]) -> Primitive:
    """A primitive of one argument from its slope, a function of (y, a)."""
    return Primitive(
        value,
        (lambda y_bar, y, a: y_bar * conjugate(slope(y, a)),),
        (lambda x_dot, y, a: x_dot * slope(y, a),),
    )


def smooth_pair(value: Callable[..., Any], *slopes: Rule) -> Primitive:
    """A primitive of two arguments from its slopes, functions of (y, a, b)."""
    return Primitive(
        value,
        tuple(
            lambda y_bar, y, *args, i=i, slope=slope: unbroadcast(y_bar * conjugate(slope(y, *args)), args[i])
            for i, slope in enumerate(slopes)
        ),
        tuple(lambda x_dot, y, *args, slope=slope: x_dot * slope(y, *args) for slope in slopes),
    )


identity: Rule = define("identity", Primitive(lambda a: a, (lambda y_bar, y, a: y_bar,), (lambda x_dot, y, a: x_dot,)))
negative: Rule = define("neg", Primitive(np.negative, (lambda y_bar, y, a: -y_bar,), (lambda x_dot, y, a: -x_dot,)))
exp: Rule = define("exp", smooth(np.exp, lambda y, a: y))
expm1: Rule = define("expm1", smooth(np.expm1, lambda y, a: exp(a)))
log: Rule = define("log", smooth(np.log, lambda y, a: 1 / a))
log1p: Rule = define("log1p", smooth(np.log1p, lambda y, a: 1 / (1 + a)))
sqrt: Rule = define("sqrt", smooth(np.sqrt, lambda y, a: 0.5 / y))
square: Rule = define("square", smooth(np.square, lambda y, a: 2 * a))
reciprocal: Rule = define("reciprocal", smooth(np.reciprocal, lambda y, a: -y * y))
sin: Rule = define("sin", smooth(np.sin, lambda y, a: cos(a)))
cos: Rule = define("cos", smooth(np.cos, lambda y, a: -sin(a)))
tan: Rule = define("tan", smooth(np.tan, lambda y, a: 1 + y * y))
sinh: Rule = define("sinh", smooth(np.sinh, lambda y, a: cosh(a)))
cosh: Rule = define("cosh", smooth(np.cosh, lambda y, a: sinh(a)))
arcsin: Rule = define("arcsin", smooth(np.arcsin, lambda y, a: 1 / sqrt((1 - a) * (1 + a))))
arccos: Rule = define("arccos", smooth(np.arccos, lambda y, a: -1 / sqrt((1 - a) * (1 + a))))
arctan: Rule = define("arctan", smooth(np.arctan, lambda y, a: 1 / (1 + a * a)))
arcsinh: Rule = define("arcsinh", smooth(np.arcsinh, lambda y, a: 1 / sqrt(1 + a * a)))
arccosh: Rule = define("arccosh", smooth(np.arccosh, lambda y, a: 1 / (sqrt(a - 1) * sqrt(a + 1))))
arctanh: Rule = define("arctanh", smooth(np.arctanh, lambda y, a: 1 / ((1 - a) * (1 + a))))
# The slope 1 - y² would lose its digits far out, where y rounds to 1.
tanh: Rule = define("tanh", smooth(np.tanh, lambda y, a: 1 / square(cosh(a))))
# The normal distribution function.
normal_below: Rule = define(
    "normal_below", smooth(normal_below_value, lambda y, a: exp(-0.5 * a * a) * (1 / math.sqrt(2 * math.pi)))
)

add: Rule = define(
    "add",
    Primitive(
        np.add,
        (lambda y_bar, y, a, b: unbroadcast(y_bar, a), lambda y_bar, y, a, b: unbroadcast(y_bar, b)),
        (lambda x_dot, y, a, b: stretched(x_dot, y), lambda x_dot, y, a, b: stretched(x_dot, y)),
    ),
)
subtract: Rule = define(
    "sub",
    Primitive(
        np.subtract,
        (lambda y_bar, y, a, b: unbroadcast(y_bar, a), lambda y_bar, y, a, b: -unbroadcast(y_bar, b)),
        (lambda x_dot, y, a, b: stretched(x_dot, y), lambda x_dot, y, a, b: -stretched(x_dot, y)),
    ),
)
multiply: Rule = define("mul", smooth_pair(np.multiply, lambda y, a, b: b, lambda y, a, b: a))
divide: Rule = define(
    "div",
    Primitive(
        np.divide,
        (
            lambda y_bar, y, a, b: unbroadcast(y_bar / conjugate(b), a),
            lambda y_bar, y, a, b: unbroadcast(-y_bar * conjugate(y / b), b),
        ),
        (lambda x_dot, y, a, b: x_dot / b, lambda x_dot, y, a, b: -x_dot * y / b),
    ),
)


def _power_slope(y: Any, a: Any, b: Any) -> Any:
    """b·a**(b - 1), which is 0 and not 0·inf where both are 0."""
    if isinstance(b, int | float) and b:
        return b * power(a, b - 1)
    return b * power(a, where(equal(a, 0) & equal(b, 0), 1.0, b - 1))


# d(a**b)/db is 0 and not 0·inf where a**b is 0.
power: Rule = define("pow", smooth_pair(np.power, _power_slope, lambda y, a, b: y * log(where(equal(y, 0), 1.0, a))))


def _share(y: Any, part: Any) -> Any:
    """exp(part - y), which is 0 and not exp(inf - inf) where both are minus infinity."""
    return exp(where(equal(y, -np.inf), y, part - y))


logaddexp: Rule = define(
    "logaddexp", smooth_pair(np.logaddexp, lambda y, a, b: _share(y, a), lambda y, a, b: _share(y, b))
)
arctan2: Rule = define(
    "arctan2",
    smooth_pair(np.arctan2, lambda y, a, b: b / (a * a + b * b), lambda y, a, b: -a / (a * a + b * b)),
)
