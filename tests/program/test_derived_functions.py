"""Functions that are made of primitives have the values and slopes that mpmath gives them."""

import mpmath
import numpy as np
import pytest

from gradcheck.backprop.replay import replay
from gradcheck.program.tracing import trace

POINTS = [(0.3, -0.7), (-0.6, 0.2), (-0.6, -0.9), (0.8, 0.1)]
CASES = {
    "math.log2(x + 1)": lambda x, y: mpmath.log(x + 1, 2),
    "np.log10(x + 1)": lambda x, y: mpmath.log(x + 1, 10),
    "math.exp2(x)": lambda x, y: mpmath.mpf(2) ** x,
    "math.cbrt(x)": lambda x, y: mpmath.sign(x) * mpmath.cbrt(abs(x)),
    "np.tan(x)": lambda x, y: mpmath.tan(x),
    "math.asin(x)": lambda x, y: mpmath.asin(x),
    "np.arccos(x)": lambda x, y: mpmath.acos(x),
    "math.asinh(x)": lambda x, y: mpmath.asinh(x),
    "np.arccosh(2 + x)": lambda x, y: mpmath.acosh(2 + x),
    "math.atanh(x)": lambda x, y: mpmath.atanh(x),
    "math.hypot(x, y, 2.0)": lambda x, y: mpmath.sqrt(x * x + y * y + 4),
    "np.hypot(np.array([x, y]), 2.0).sum()": lambda x, y: mpmath.hypot(x, 2) + mpmath.hypot(y, 2),
    "math.atan2(y, x)": lambda x, y: mpmath.atan2(y, x),
    "np.arctan2(x, y)": lambda x, y: mpmath.atan2(x, y),
    "np.logaddexp(x, y)": lambda x, y: mpmath.log(mpmath.exp(x) + mpmath.exp(y)),
}


@pytest.mark.parametrize(("x", "y"), POINTS)
@pytest.mark.parametrize("text", CASES)
def test_value_and_slopes(text, x, y):
    source = f"import math\nimport numpy as np\ndef loss(x, y):\n    return {text}\n"
    found = replay(trace(source, "f.py", "loss", None, {"x": x, "y": y}))
    slopes = [mpmath.diff(CASES[text], (x, y), one) for one in ((1, 0), (0, 1))]
    assert found.loss == pytest.approx(float(CASES[text](x, y)), rel=1e-14)
    assert [found.gradient["x"], found.gradient["y"]] == pytest.approx([float(one) for one in slopes], rel=1e-13)


def test_what_does_not_depend_on_a_parameter_is_the_modules_own():
    source = "import math\ndef loss(x):\n    return x * math.hypot(3.0, 4.0)\n"
    assert replay(trace(source, "f.py", "loss", None, {"x": np.float64(2.0)})).loss == 10.0


def test_what_is_added_to_nothing_on_a_log_scale_is_the_sum():
    text = "np.logaddexp(np.logaddexp(np.logaddexp(-np.inf, -np.inf), 2 * x), -np.inf)"
    found = replay(trace(f"import numpy as np\ndef loss(x):\n    return {text}\n", "f.py", "loss", None, {"x": 0.3}))
    assert (found.loss, found.gradient["x"]) == (0.6, 2.0)
