"""Parts of complex numbers. A bar is dL/d(real) + i dL/d(imag): the adjoint in the inner product Re(conj(a)·b)."""

from typing import Any

import numpy as np

from gradcheck.backprop.kinds import is_complex
from gradcheck.backprop.primitives import Primitive
from gradcheck.backprop.variables import apply, define


def conjugate(a: Any) -> Any:
    """conj(a); real numbers as they are."""
    return apply("conj", a) if is_complex(a) else a


def _real(x_dot: Any, y: Any, a: Any) -> Any:
    return apply("real", x_dot)


conj = define(
    "conj",
    Primitive(np.conj, (lambda y_bar, y, a: conjugate(y_bar),), (lambda x_dot, y, a: conjugate(x_dot),)),
)
real = define("real", Primitive(np.real, (lambda y_bar, y, a: y_bar * 1.0,), (_real,)))
imag = define(
    "imag",
    Primitive(np.imag, (lambda y_bar, y, a: y_bar * 1j,), (lambda x_dot, y, a: apply("imag", x_dot),)),
)
