"""A mask that a backward pass forgot is found, though every unit is on at the point that was given."""

import numpy as np
import pytest

from gradcheck.checks import check_file
from gradcheck.checks.branches import in_words, sides_of, unseen_of
from gradcheck.program.tracing import trace
from gradcheck.results.outcomes import Outcome

FILE = """
import numpy as np
x, y = np.array([0.5, -1.2]), 0.3
point = {{"w": np.array([0.7, -0.4]), "b": 0.2, "v": 0.9}}

def loss(w, b, v):
    z = w @ x + b
    h = {relu}
    return 0.5 * (v * h - y) ** 2

def grads(w, b, v):
    z = w @ x + b
    h = {relu}
    d = (v * h - y) * {mask}
    return {{"w": d * v * x, "b": d * v, "v": (v * h - y) * h}}
"""
RELUS = ["max(z, 0)", "np.maximum(z, 0)", "np.where(z > 0, z, 0.0)", "(z if z > 0 else 0.0)"]


def written(folder, relu, mask):
    path = folder / "net.py"
    path.write_text(FILE.format(relu=relu, mask=mask))
    return path


@pytest.mark.parametrize("relu", RELUS)
def test_a_missing_mask_is_found_on_the_other_side(tmp_path, relu):
    result = check_file(written(tmp_path, relu, "1.0"))
    assert result.outcome is Outcome.DISAGREE
    assert result.blind
    assert "line 8" in result.why
    assert [point.outcome for point in result.points] == [Outcome.AGREE, Outcome.DISAGREE]


@pytest.mark.parametrize("relu", RELUS)
def test_the_right_mask_agrees_on_both_sides(tmp_path, relu):
    assert check_file(written(tmp_path, relu, "(1.0 if z > 0 else 0.0)"))


def test_a_side_that_no_point_reaches_is_said(tmp_path):
    path = tmp_path / "net.py"
    path.write_text(
        "point = {'a': 1.5}\n"
        "def loss(a):\n    return a * a if a * a > -1 else 0.0\n"
        "def grads(a):\n    return {'a': 2 * a}\n"
    )
    result = check_file(path)
    assert result
    assert any("a fault there would not show" in note for note in result.notes)


def test_values_compared_with_one_another_have_no_other_side():
    source = "def loss(a, b):\n    return a if a > b else b\n"
    assert sides_of(trace(source, "f.py", "loss", None, {"a": 2.0, "b": 1.0})) == frozenset()
    source = "def loss(a):\n    return a if a > 0.5 else 0.0\n"
    seen = sides_of(trace(source, "f.py", "loss", None, {"a": 2.0}))
    assert seen == {(2, "a > 0.5", True)}
    assert unseen_of(seen) == {(2, "a > 0.5", False)}


def test_the_same_comparison_at_another_point_is_no_other_branch():
    """The differences to a median have no names, and other values at every point."""
    text = (
        "import numpy as np\n"
        "def loss(x):\n    d = x - np.median(x)\n    return sum(t if t > 0.0 else -2 * t for t in d * d * d)\n"
    )
    sides = [sides_of(trace(text, "loss.py", "loss", None, {"x": x})) for x in ([0.1, 2.0, -1.3], [3.5, 0.7, 0.2])]

    assert sides[0] == sides[1] == {(4, "a value > 0", True), (4, "a value > 0", False)}


HUBER = """
X, Y, DELTA = [0.5, 1.5, -1.0], [0.3, 0.8, -0.9], 0.7
point = {{"m": 0.6, "c": 0.05}}

def loss(m, c):
    total = 0.0
    for x, y in zip(X, Y):
        r = m * x + c - y
        total += 0.5 * r * r if abs(r) <= DELTA else DELTA * (abs(r) - 0.5 * DELTA)
    return total

def grads(m, c):
    dm = dc = 0.0
    for x, y in zip(X, Y):
        r = m * x + c - y
        d = r if abs(r) <= DELTA else {slope}
        dm, dc = dm + d * x, dc + d
    return {{"m": dm, "c": dc}}
"""


def test_a_fault_behind_two_branches_is_reached_one_after_the_other(tmp_path):
    """The slope DELTA is right where r > DELTA: only large and negative residuals show what is missing."""
    path = tmp_path / "net.py"
    path.write_text(HUBER.format(slope="DELTA"))
    assert check_file(path).outcome is Outcome.DISAGREE
    path.write_text(HUBER.format(slope="(DELTA if r > 0 else -DELTA)"))
    result = check_file(path)
    assert result
    assert not any("no point was found" in note for note in result.notes)


def test_a_bound_that_is_far_away_is_crossed(tmp_path):
    path = tmp_path / "net.py"
    path.write_text(
        "import numpy as np\n"
        "point = {'w': np.array([0.3, -0.2])}\n"
        "x = np.array([1.0, 2.0])\n"
        "def loss(w):\n    return np.clip(w @ x, -50.0, 50.0) ** 2\n"
        "def grads(w):\n    z = w @ x\n    return {'w': 2 * np.clip(z, -50.0, 50.0) * x}\n"
    )
    result = check_file(path)
    assert result.outcome is Outcome.DISAGREE
    assert result.blind


def test_units_of_one_array_and_turns_of_one_loop_are_one_comparison():
    """Some are on and some are off: both sides were seen, and nothing is looked for."""
    text = "import numpy as np\ndef loss(h):\n    return sum(h[h > 0.0])\n"
    seen = sides_of(trace(text, "loss.py", "loss", None, {"h": np.array([0.5, -1.0])}))
    assert seen == {(3, "h > 0", True), (3, "h > 0", False)}
    text = (
        "def loss(a):\n    s = 0.0\n"
        "    for x in (1.0, -1.0):\n        z = a * x\n        s += z if z > 0 else 0.0\n    return s\n"
    )
    seen = sides_of(trace(text, "loss.py", "loss", None, {"a": 0.5}))
    assert seen == {(5, "z > 0", True), (5, "z > 0", False)}


def test_sides_are_sentences():
    sides = frozenset({(12, "a value <= DELTA", False), (12, "the argument of abs > 0", True)})
    assert in_words(sides) == "a value <= DELTA is false (line 12) or the argument of abs > 0 is true (line 12)"
