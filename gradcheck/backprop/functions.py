"""Functions and slopes that neither overflow nor lose digits, however far out the argument lies."""

import math
from typing import Any

import numpy as np

from gradcheck.results.arrays import Floats


def sigmoid(z: Any) -> Any:
    """1 / (1 + exp(-z)), without overflow: exp is only taken of numbers below 0."""
    small = np.exp(-np.abs(z))
    return np.where(z < 0, small, 1.0) / (1 + small)


def sigmoid_slope(z: Any) -> Any:
    """sigmoid'(z) to full relative accuracy also where sigmoid rounds to 1: s·(1 - s) would lose it there."""
    small = np.exp(-np.abs(z))
    return small / (1 + small) ** 2


_erfc = np.frompyfunc(math.erfc, 1, 1)


def normal_below(z: Any) -> Floats:
    """The normal distribution function; by erfc, because 1 + erf loses the tail below 0."""
    return np.asarray(_erfc(-np.asarray(z) / math.sqrt(2)), dtype=np.float64) / 2


def normal_density(z: Any) -> Any:
    """The slope of `normal_below`."""
    return np.exp(-np.square(z) / 2) / math.sqrt(2 * math.pi)


def power_slope(a: Any, b: Any) -> Any:
    """d(a**b)/da = b·a**(b - 1), which is 0 and not 0·inf where b = 0."""
    return np.where(b == 0, 0.0, b * np.power(a, np.where(b == 0, 1.0, b - 1)))


def log_sum_exp(z: Floats) -> Floats:
    """log(sum(exp(z))) over the last axis, which is kept; without overflow, because the largest entry is taken out."""
    top = np.max(z, axis=-1, keepdims=True)
    return np.asarray(top + np.log(np.sum(np.exp(z - top), axis=-1, keepdims=True)))
