"""Functions of one number that networks are made of, and bounds; on a kink the side that is stated counts."""

from typing import Any

import numpy as np

from gradcheck.backprop.kinds import is_complex
from gradcheck.backprop.rules.complexes import conjugate, imag, real
from gradcheck.backprop.rules.elementwise import arctan2, expm1, log, normal_below, tanh
from gradcheck.backprop.rules.kinks import maximum, minimum, where
from gradcheck.backprop.rules.sigmoids import sigmoid, softplus
from gradcheck.backprop.variables import apply


def silu(a: Any) -> Any:
    """a·sigmoid(a)."""
    return a * sigmoid(a)


def gelu(a: Any) -> Any:
    """a times the normal distribution function of a."""
    return a * normal_below(a)


def mish(a: Any) -> Any:
    """a·tanh(softplus(a))."""
    return a * tanh(softplus(a))


def leaky_relu(a: Any, slope: float = 0.01) -> Any:
    """a on the right of 0, slope·a elsewhere, at 0 too."""
    return where(apply("greater", a, 0), a, slope * a)


def elu(a: Any, height: float = 1.0) -> Any:
    """a on the right of 0, height·(exp(a) - 1) elsewhere, at 0 too."""
    return where(apply("greater", a, 0), a, height * expm1(minimum(a, 0.0)))


def clip(a: Any, lower: Any = None, upper: Any = None) -> Any:
    """a within the bounds; on a bound the slope is that inside."""
    above = a if lower is None else maximum(a, lower)
    return above if upper is None else minimum(above, upper)


def angle(a: Any) -> Any:
    """The argument of a complex number."""
    return arctan2(imag(a), real(a))


def log2(a: Any) -> Any:
    """The logarithm to base 2."""
    return log(a) * (1 / np.log(2.0))


def log10(a: Any) -> Any:
    """The logarithm to base 10."""
    return log(a) * (1 / np.log(10.0))


def absolute_square(a: Any) -> Any:
    """|a|², without a kink at 0."""
    return real(a * conjugate(a)) if is_complex(a) else a * a
