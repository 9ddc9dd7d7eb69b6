"""What the primitives can say of the functions of math and numpy that are none: each by its formula.

Formulas: Abramowitz and Stegun, Handbook of Mathematical Functions, 4.3.27, 4.4.4 to 4.4.42 and 4.6.20 to 4.6.22.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from gradcheck.program.scalars import Traced, primitive

Rule = Callable[[Traced], Any]
_exp, _log, _log1p, _sqrt, _sin, _cos, _atan = (
    primitive(op, getattr(np, op)) for op in ("exp", "log", "log1p", "sqrt", "sin", "cos", "arctan")
)


def _arcsin(x: Traced) -> Any:
    return _atan(x / _sqrt((1 - x) * (1 + x)))


def _arcsinh(x: Traced) -> Any:
    """Odd; written for the side on which nothing cancels."""
    return -_arcsinh(-x) if x.value < 0 else _log(x + _sqrt(x * x + 1))


def _cbrt(x: Traced) -> Any:
    return -_cbrt(-x) if x.value < 0 else x ** (1 / 3)


# Name in math, name in numpy, formula.
FORMULAS: tuple[tuple[str, str, Rule], ...] = (
    ("log2", "log2", lambda x: _log(x) / math.log(2)),
    ("log10", "log10", lambda x: _log(x) / math.log(10)),
    ("exp2", "exp2", lambda x: _exp(x * math.log(2))),
    ("cbrt", "cbrt", _cbrt),
    ("tan", "tan", lambda x: _sin(x) / _cos(x)),
    ("asin", "arcsin", _arcsin),
    ("acos", "arccos", lambda x: math.pi / 2 - _arcsin(x)),
    ("asinh", "arcsinh", _arcsinh),
    ("acosh", "arccosh", lambda x: _log(x + _sqrt((x - 1) * (x + 1)))),
    ("atanh", "arctanh", lambda x: (_log1p(x) - _log1p(-x)) / 2),
)
# Tests of a number: they say what it is here, and are no branch.
TESTS: tuple[str, ...] = ("isnan", "isinf", "isfinite")


def hypotenuse(*sides: Any) -> Any:
    """The root of the sum of squares of traced or plain numbers."""
    return _sqrt(sum(side * side for side in sides))


def angle(y: Any, x: Any) -> Any:
    """atan2: the arctangent of y/x, half a turn further where x is negative, of -x/y where y is larger."""
    above, right = (float(getattr(one, "value", one)) for one in (y, x))
    if abs(above) > abs(right):
        return math.copysign(math.pi / 2, above) - _atan(x / y)
    return _atan(y / x) + (math.copysign(math.pi, above) if right < 0 else 0.0)


def log_add_exp(a: Any, b: Any) -> Any:
    """log(exp(a) + exp(b)) without overflow; the other number where one is minus infinity, as in a lattice."""
    larger, smaller = (a, b) if float(getattr(a, "value", a)) >= float(getattr(b, "value", b)) else (b, a)
    if float(getattr(smaller, "value", smaller)) == -math.inf:
        return larger
    return larger + _log1p(_exp(smaller - larger))
