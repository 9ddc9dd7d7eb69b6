"""Functions with a kink or a choice; on a kink the side that is stated here counts.

maximum and minimum take the side of their first argument, relu the left one (0), abs the mean (0).
"""

from typing import Any

import numpy as np

from gradcheck.backprop.kinds import is_complex
from gradcheck.backprop.primitives import Primitive
from gradcheck.backprop.rules.comparisons import equal, greater, greater_equal, less, less_equal, sign
from gradcheck.backprop.rules.complexes import conjugate, real
from gradcheck.backprop.rules.shapes import stretched, unbroadcast
from gradcheck.backprop.variables import apply, define


def where(mask: Any, a: Any, b: Any) -> Any:
    """a where the mask is true, else b."""
    return apply("where", mask, a, b)


def _direction(y: Any, a: Any) -> Any:
    """a / |a|: the sign of a real number; 0 where a is 0."""
    return a / where(equal(y, 0), 1.0, y) if is_complex(a) else sign(a)


def _abs_jvp(x_dot: Any, y: Any, a: Any) -> Any:
    share = conjugate(_direction(y, a)) * x_dot
    return real(share) if is_complex(share) else share


define(
    "where",
    Primitive(
        np.where,
        (
            None,
            lambda y_bar, y, mask, a, b: unbroadcast(where(mask, y_bar, 0.0), a),
            lambda y_bar, y, mask, a, b: unbroadcast(where(mask, 0.0, y_bar), b),
        ),
        (
            None,
            lambda x_dot, y, mask, a, b: stretched(where(mask, x_dot, 0.0), y),
            lambda x_dot, y, mask, a, b: stretched(where(mask, 0.0, x_dot), y),
        ),
    ),
)
absolute = define("abs", Primitive(np.abs, (lambda y_bar, y, a: y_bar * _direction(y, a),), (_abs_jvp,)))
relu = define(
    "relu",
    Primitive(
        lambda a: np.maximum(a, 0),
        (lambda y_bar, y, a: y_bar * greater(y, 0),),
        (lambda x_dot, y, a: x_dot * greater(y, 0),),
    ),
)
maximum = define(
    "maximum",
    Primitive(
        np.maximum,
        (
            lambda y_bar, y, a, b: unbroadcast(y_bar * greater_equal(a, b), a),
            lambda y_bar, y, a, b: unbroadcast(y_bar * less(a, b), b),
        ),
        (lambda x_dot, y, a, b: x_dot * greater_equal(a, b), lambda x_dot, y, a, b: x_dot * less(a, b)),
    ),
)
minimum = define(
    "minimum",
    Primitive(
        np.minimum,
        (
            lambda y_bar, y, a, b: unbroadcast(y_bar * less_equal(a, b), a),
            lambda y_bar, y, a, b: unbroadcast(y_bar * greater(a, b), b),
        ),
        (lambda x_dot, y, a, b: x_dot * less_equal(a, b), lambda x_dot, y, a, b: x_dot * greater(a, b)),
    ),
)
