"""What a slow statement left behind, put back into another module: what hangs together hangs together there too."""

import ast
import threading
from typing import Any

import numpy as np
import pytest

from gradcheck.program.tops import Kept, Top, keys_of, packed, put_back, run_steps, steps_of

HEAD = '''"""Words."""
from __future__ import annotations
import math


class Net:
    def __init__(self, width: Unknown) -> None:
        self.width = width

    def area(self):
        return math.pi * self.width**2


def double(x):
    return 2 * x


'''
DATA = """whole = np.arange(6.0)
part = whole[2:].reshape(2, 2)
net = Net(3)
table = {"double": double, "sin": math.sin, "same": net}
np.random.seed(4)
drawn = np.random.rand()
"""
WORDS = '"another word"\n'


def run(text: str, top: Top | None = None) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "some_file", "np": np}
    run_steps(steps_of(ast.parse(text), "some_file.py", top or Top()), names)
    return names


def kept_after(text: str) -> Top:
    kept = packed(run(text), frozenset({"drawn"}))
    assert kept is not None
    return Top({keys_of(ast.parse(text).body)[-1] or "": kept})


def test_data_come_back_in_fresh_copies_that_share_what_they_shared() -> None:
    first = run(HEAD + DATA)
    kept = packed(first, frozenset())
    assert kept is not None
    names = run(HEAD + "np = None")
    put_back(kept, names)
    assert names["whole"] is not first["whole"]
    assert names["table"]["same"] is names["net"]
    names["whole"][2] = 70.0
    assert names["part"][0, 0] == 70.0, "a part of an array shows what is written into the array"
    assert first["part"][0, 0] == 2.0


def test_what_refers_to_functions_and_classes_refers_to_those_of_the_new_module() -> None:
    top = kept_after(HEAD + DATA)
    names = run(HEAD.replace("2 * x", "3 * x").replace("width**2", "width") + DATA, top)
    assert names["table"]["double"](2) == 6
    assert type(names["net"]) is names["Net"]
    assert names["net"].area() == pytest.approx(3 * np.pi)


def test_a_kept_statement_is_not_run_and_the_generators_go_on_as_after_it() -> None:
    slow = HEAD + DATA + "ran.append(1)\n"
    names = {"np": np, "ran": [], "__name__": "some_file"}
    tree = ast.parse(slow)
    run_steps(steps_of(tree, "some_file.py"), names)
    kept = packed(names, frozenset())
    assert kept is not None
    expected = np.random.rand()  # noqa: NPY002
    top = Top({keys_of(tree.body)[-1] or "": kept})
    again = {"np": np, "ran": ["not run"], "__name__": "some_file"}
    run_steps(steps_of(tree, "some_file.py", top), again)
    assert again["ran"] == [1]
    assert np.random.rand() == expected  # noqa: NPY002


@pytest.mark.parametrize(
    ("change", "holds"),
    [(("2 * x", "3 * x"), True), (("import math", "import math, os"), True), (("arange(6.0)", "arange(7.0)"), False)],
)
def test_it_is_good_for_texts_with_the_same_data_before_it(change: tuple[str, str], holds: bool) -> None:
    top = kept_after(HEAD + DATA)
    steps = steps_of(ast.parse((HEAD + DATA).replace(*change)), "some_file.py", top)
    assert any(isinstance(step, Kept) for step in steps) == holds


def test_the_words_of_a_file_are_said_each_time() -> None:
    assert [key is None for key in keys_of(ast.parse(HEAD + WORDS + "x = 1").body)] == [True] * 6 + [False]


def test_what_cannot_be_copied_stays_as_it_is_unless_it_was_changed() -> None:
    names = {"lock": threading.Lock(), "x": 3.0}
    assert packed(names, frozenset({"lock"})) is None
    kept = packed(names, frozenset({"x"}))
    assert kept is not None
    put_back(kept, other := {"lock": "another", "x": 0.0})
    assert other == {"lock": "another", "x": 3.0}


def test_what_reaches_outside_keeps_what_it_changed_and_shares_what_there_is_but_once() -> None:
    names = {"lock": (lock := threading.Lock()), "x": 3.0, "__name__": "some_file"}
    kept = packed(names, frozenset({"lock"}), is_outside=True)
    assert kept is not None
    put_back(kept, other := {"x": 0.0})
    assert other == {"lock": lock, "x": 0.0}
    exec("class Own:\n    def __init__(self, held): self.held = held\nlock = Own(lock)", names)
    assert packed(names, frozenset({"lock"}), is_outside=True) is None, "its methods would be the old ones"


def test_words_in_the_middle_are_not_the_words_of_the_file_and_the_future_is_everywhere() -> None:
    names = run(HEAD + WORDS + DATA)
    assert names["__doc__"] == "Words."
    assert names["Net"].__init__.__annotations__["width"] == "Unknown"
