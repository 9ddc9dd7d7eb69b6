"""A thorough check plants mistakes in the lines of a gradient that agrees, and says which it would not have seen."""

from gradcheck.checks import check_file
from gradcheck.checks.planted_lines import KIND
from gradcheck.examples import path_of
from gradcheck.report.as_text import to_text
from gradcheck.results.outcomes import Outcome


def planted(result):
    return next((kind for kind in result.audit.kinds if kind.kind == KIND), None)


def checked(folder, text, level="thorough"):
    path = folder / "net.py"
    path.write_text(text)
    result = check_file(path, level=level)
    assert result.outcome is Outcome.AGREE
    return result


def test_every_line_of_the_example_is_planted_in_and_caught():
    kind = planted(check_file(path_of("two_two_one_mended.py"), level="thorough"))
    assert kind.planted > 30
    assert kind.caught == kind.planted


def test_a_standard_check_plants_nothing_in_the_text():
    assert planted(check_file(path_of("two_two_one_mended.py"))) is None


COARSE = """
import numpy as np
point = {"w": 0.7}
def loss(w):
    return float(np.float32(w * w))
def grads(w):
    small = 1e-7 * w
    return {"w": 2 * w + small}
"""


def test_what_a_coarse_loss_hides_is_named_with_its_line(tmp_path):
    result = checked(tmp_path, COARSE)
    kind = planted(result)
    assert 0 < kind.caught < kind.planted
    assert any(words.startswith("line 7: ") for words in result.audit.missed)
    assert "Not seen: line 7: " in " ".join(to_text(result).split())


def test_nothing_is_planted_where_the_gradient_writes_files(tmp_path):
    text = COARSE.replace("    small", "    open('/dev/null', 'a').close()\n    small")
    assert planted(checked(tmp_path, text)) is None


def test_a_mistake_that_does_not_run_is_caught(tmp_path):
    text = 'import math\npoint = {"w": 0.7}\ndef loss(w):\n    return w * w\n'
    text += 'def grads(w):\n    return {"w": math.sqrt(w * w) * 0 + 2 * w}\n'
    kind = planted(checked(tmp_path, text))
    assert kind.caught == kind.planted > 0
