"""A point across a limit: by hand where the value is linear, and where it curves; none where there is no way."""

import numpy as np
import pytest

from gradcheck.checks.branches import comparisons_of
from gradcheck.checks.far_sides import point_beyond
from gradcheck.program.tracing import trace


def crossed(body, bounds=None, **point):
    point = {name: np.asarray(value, dtype=float) for name, value in point.items()}
    program = trace(
        f"import numpy as np\ndef loss({', '.join(point)}):\n    return {body}\n", "f.py", "loss", None, point
    )
    one = comparisons_of(program)[0]
    return point_beyond(program, one.left, one.right, point, bounds)


def test_a_linear_value_is_mirrored_at_the_limit():
    """z = 2a + 1 is 3 at a = 1, which lies 2 before 5: at 7, a is 3."""
    assert crossed("2 * a + 1 if 2 * a + 1 < 5 else 0.0", a=1.0) == {"a": 3.0}


def test_parameters_move_in_proportion_to_their_size():
    """z = a + b is 101 and goes to 299: by 198 in all, of which each has its squared size, 10,000 to 1."""
    moved = crossed("a + b if a + b < 200 else 0.0", a=100.0, b=1.0)
    assert moved["a"] == pytest.approx(100 + 198 * 10_000 / 10_001, rel=1e-2)
    assert moved["b"] == pytest.approx(1 + 198 / 10_001, rel=1e-2)


def test_a_value_that_curves_is_reached():
    moved = crossed("np.exp(a) if np.exp(a) < 20 else 0.0", a=1.0)
    assert np.exp(moved["a"]) == pytest.approx(40 - np.e, rel=1e-2)


def test_a_limit_that_is_never_reached_has_no_other_side():
    assert crossed("a * a if np.tanh(a) < 2 else 0.0", a=0.5) is None
    assert crossed("0 * a if 0 * a < 2 else 0.0", a=0.5) is None


def test_the_point_stays_in_its_bounds():
    assert crossed("a if a < 5 else 0.0", {"a": (0.0, 6.0)}, a=1.0) == {"a": 6.0}


def test_a_number_that_has_no_part_in_it_stays():
    moved = crossed("a * b[0] if a < 2 else 0.0", a=1.0, b=[0.123456789, 7.7])
    assert moved["b"].tolist() == [0.123456789, 7.7]
