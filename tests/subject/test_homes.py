"""A file's module stands in sys.modules while its code and its functions run, and nothing stands there afterwards."""

import sys
from types import ModuleType

import pytest

import gradcheck
from gradcheck.program.modules import in_modules
from gradcheck.results.outcomes import Outcome
from gradcheck.subject.cases import gradient_at, loss_at
from gradcheck.subject.reruns import run_text
from gradcheck.subject.targets import case_of_file

# What the libraries look up in sys.modules, at the top of a file and in its functions.
USES = {
    "a dataclass with its types as text": (
        "from dataclasses import dataclass\n@dataclass\nclass Rate:\n    k: float = 2.0\n",
        "Rate().k",
    ),
    "the module by its name": ("import sys\nK = 2.0\n", "sys.modules[__name__].K"),
    "pickle": (
        "import pickle\nclass Rate:\n    def __init__(self):\n        self.k = 2.0\n",
        "pickle.loads(pickle.dumps(Rate())).k",
    ),
    "the types of a class": (
        "import typing\nclass Rate:\n    k: Size\nclass Size(float): pass\n",
        'typing.get_type_hints(Rate)["k"](2)',
    ),
    "an enum": (
        "import enum, pickle\nclass Rate(enum.Enum):\n    K = 2.0\n",
        "pickle.loads(pickle.dumps(Rate.K)).value",
    ),
    "one function for several types": (
        "import functools\nclass Rate: pass\n@functools.singledispatch\ndef k(one): return 1.0\n"
        "@k.register\ndef _(one: Rate): return 2.0\n",
        "k(Rate())",
    ),
    "a named tuple": (
        "import pickle, typing\nclass Rate(typing.NamedTuple):\n    k: float = 2.0\n",
        "pickle.loads(pickle.dumps(Rate())).k",
    ),
}
FILE = """from __future__ import annotations
{top}
def loss(w):
    return {value} * w * w

def grads(w):
    return {{"w": {value} * 2 * w}}

def point(seed):
    return {{"w": {value} + seed}}
"""
SCRIPT = """from __future__ import annotations
from dataclasses import dataclass
import sys
@dataclass
class Rate:
    k: float = 2.0
w, rate = 0.7, Rate()
for turn in range(20):
    y = rate.k * w + sys.modules[__name__].rate.k
    loss = (y - 1.0) ** 2
    dw = 2 * (y - 1.0) * rate.k{wrong}
    w -= 0.01 * dw
"""


@pytest.fixture(params=USES)
def text(request):
    top, value = USES[request.param]
    return FILE.format(top=top, value=value)


def _written(tmp_path, text):
    file = tmp_path / "net.py"
    file.write_text(text)
    return str(file)


def test_what_looks_the_module_up_is_checked_and_mended(tmp_path, text):
    assert gradcheck.check_file(_written(tmp_path, text)).outcome is Outcome.AGREE
    found = gradcheck.diagnose(_written(tmp_path, text.replace("* 2 * w}", "* 3 * w}")))
    assert found.fixes[0].edits[0].span.line == len(text.splitlines()) - 3
    assert "gradcheck_subject" not in sys.modules


@pytest.mark.parametrize("wrong", ["", " * 3"])
def test_a_script_finds_its_module_too(tmp_path, wrong):
    found = gradcheck.check_file(_written(tmp_path, SCRIPT.format(wrong=wrong)))
    assert found.outcome is (Outcome.DISAGREE if wrong else Outcome.AGREE)


def test_each_of_several_texts_finds_its_own_module(tmp_path):
    top, value = USES["the module by its name"]
    text = FILE.format(top=top, value=value)
    case = case_of_file(_written(tmp_path, text))
    other = case.origin.remake(run_text(case, text.replace("K = 2.0", "K = 5.0")))
    assert [loss_at(one, {"w": 1.0}) for one in (other, case, other)] == [5.0, 2.0, 5.0]
    assert [gradient_at(one, {"w": 1.0})["w"] for one in (case, other)] == [4.0, 10.0]


def test_what_stood_under_the_name_stands_there_again(monkeypatch):
    own, ours = ModuleType("elsewhere"), ModuleType("elsewhere")
    monkeypatch.setitem(sys.modules, "elsewhere", own)
    with in_modules(ours):
        assert sys.modules["elsewhere"] is ours
    assert sys.modules["elsewhere"] is own
