"""What user code returned, read as what it should be."""

from typing import Any

import numpy as np

from gradcheck.errors import UsageError

# What z * conj(z) leaves of an imaginary part is rounding; sums of many terms add it up.
ROUNDING = 2.0**-40


def read_loss(value: Any, name: str) -> float:
    """The loss as a float; raises UsageError with the mend where it is no single real number."""
    if value is None:
        raise UsageError(f"{name} returns None: add a return statement with the loss")
    array = np.asarray(value)
    if array.dtype.kind == "c":
        if abs(array.imag).sum() > ROUNDING * abs(array.real).sum():
            raise UsageError(f"{name} returns {array.dtype}: return one real number, for example its .real or its abs")
        array = array.real
    if array.dtype.kind not in "fiub":
        raise UsageError(f"{name} returns {type(value).__name__} ({array.dtype}): return one real number")
    if array.size != 1:
        mend = "return one number, for example its sum or its mean"
        raise UsageError(f"{name} returns an array of shape {array.shape}: {mend}")
    return float(array.reshape(()))


def read_pair(returned: Any, name: str) -> tuple[Any, Any]:
    """(value, gradient) of a function that returns both; raises UsageError where it does not."""
    if not isinstance(returned, tuple | list) or len(returned) != 2:
        mend = "return both, or name a gradient of its own"
        raise UsageError(f"{name} returns {type(returned).__name__}, not (value, gradient): {mend}")
    return returned[0], returned[1]
