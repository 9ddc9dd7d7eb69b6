"""What has no derivative: comparisons, signs, whole numbers, places of extremes."""

from collections.abc import Callable
from typing import Any

import numpy as np

from gradcheck.backprop.primitives import Primitive
from gradcheck.backprop.variables import define


def _flat(value: Callable[..., Any]) -> Primitive:
    return Primitive(value)


equal = define("equal", _flat(np.equal))
not_equal = define("not_equal", _flat(np.not_equal))
less = define("less", _flat(np.less))
less_equal = define("less_equal", _flat(np.less_equal))
greater = define("greater", _flat(np.greater))
greater_equal = define("greater_equal", _flat(np.greater_equal))
bitwise_and = define("bitwise_and", _flat(np.bitwise_and))
bitwise_or = define("bitwise_or", _flat(np.bitwise_or))
bitwise_xor = define("bitwise_xor", _flat(np.bitwise_xor))
invert = define("invert", _flat(np.invert))
isfinite = define("isfinite", _flat(np.isfinite))
isnan = define("isnan", _flat(np.isnan))
isinf = define("isinf", _flat(np.isinf))
sign = define("sign", _flat(np.sign))
floor = define("floor", _flat(np.floor))
ceil = define("ceil", _flat(np.ceil))
rint = define("rint", _flat(np.rint))
trunc = define("trunc", _flat(np.trunc))
any_ = define("any", _flat(np.any))
all_ = define("all", _flat(np.all))
argmax = define("argmax", _flat(np.argmax))
argmin = define("argmin", _flat(np.argmin))
argsort = define("argsort", _flat(np.argsort))
