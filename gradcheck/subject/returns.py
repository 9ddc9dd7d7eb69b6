"""What user code returned, read as what it should be."""

from typing import Any

import numpy as np

from gradcheck.errors import UsageError


def read_loss(value: Any, name: str) -> float:
    """The loss as a float; raises UsageError with the mend where it is no single real number."""
    if value is None:
        raise UsageError(f"{name} returns None: add a return statement with the loss")
    array = np.asarray(value)
    if array.dtype.kind not in "fiub":
        raise UsageError(f"{name} returns {type(value).__name__} ({array.dtype}): return one real number")
    if array.size != 1:
        mend = "return one number, for example its sum or its mean"
        raise UsageError(f"{name} returns an array of shape {array.shape}: {mend}")
    return float(array.reshape(()))


def read_pair(returned: Any, name: str) -> tuple[Any, Any]:
    """(value, gradient) of a function that returns both; raises UsageError where it does not."""
    if not isinstance(returned, tuple | list) or len(returned) != 2:
        raise UsageError(f"{name} returns {type(returned).__name__}: with value_and_grad it returns (value, gradient)")
    return returned[0], returned[1]
