"""What a file under check is taken for, and the sentences where it cannot be used."""

import sys

import numpy as np
import pytest

from gradcheck.errors import GradcheckError, SubjectError, UsageError, UserCodeError
from gradcheck.subject.cases import gradient_at, loss_at
from gradcheck.subject.files import MODULE, load_file
from gradcheck.subject.reruns import run_text
from gradcheck.subject.targets import case_of_file

GOOD = """
point = {"w": 2.0, "v": [1.0, 3.0]}

def loss(w, v):
    return w * (v[0] + v[1])

def grads(w, v):
    return {"w": v[0] + v[1], "v": [w, w]}
"""


@pytest.fixture
def write(tmp_path):
    def written(text, name="net.py"):
        path = tmp_path / name
        path.write_text(text)
        return path

    return written


def sentence(error, call, *args, **kwargs):
    with pytest.raises(error) as raised:
        call(*args, **kwargs)
    return str(raised.value)


def test_a_plain_file_is_loaded_and_called(write):
    case = case_of_file(write(GOOD))
    assert loss_at(case, case.at.arrays) == 8.0
    assert gradient_at(case, case.at.arrays) == {"w": 4.0, "v": [2.0, 2.0]}
    assert case.calls == {"loss": 1, "grad": 1}
    assert (case.subject.loss, case.subject.grad) == ("loss", "grads")


def test_other_names_are_given_behind_the_colon(write):
    path = write(GOOD.replace("def loss", "def price").replace("def grads", "def slope"))
    case = case_of_file(f"{path}:price,slope")
    assert (case.subject.loss, case.subject.grad) == ("price", "slope")


def test_one_name_behind_the_colon_returns_both(write):
    text = 'at = {"x": 3.0}\ndef both(x):\n    return x * x, {"x": 2 * x}\n'
    case = case_of_file(f"{write(text)}:both")
    assert loss_at(case, case.at.arrays) == 9.0
    assert gradient_at(case, case.at.arrays) == {"x": 6.0}


def test_a_point_of_a_seed_is_asked_for_its_seed(write):
    text = "def point(seed):\n    return {'x': 1.0 + seed}\ndef loss(x):\n    return x\ndef grads(x):\n    return {}\n"
    assert case_of_file(write(text), seed=4).at.arrays["x"] == 5.0


def test_a_point_may_lie_in_json(write, tmp_path):
    with pytest.raises(UsageError, match=r"at.npy is no point: name a value in the file, or a file whose name ends in"):
        case_of_file(write(GOOD), at="at.npy")
    (tmp_path / "at.json").write_text('{"w": 0.5, "v": [1, 2]}')
    case = case_of_file(write(GOOD), at=str(tmp_path / "at.json"))
    assert case.at.arrays["w"] == 0.5
    assert case.at.arrays["v"].tolist() == [1.0, 2.0]


def test_no_such_file(tmp_path):
    path = tmp_path / "absent.py"
    assert sentence(SubjectError, case_of_file, path) == f"there is no file {path}: check the path"


def test_a_syntax_error_has_its_line(write):
    path = write("point = {}\ndef loss(:\n")
    assert sentence(SubjectError, case_of_file, path).startswith(f"{path}, line 2: ")


def test_no_loss_says_what_was_looked_for(write):
    path = write("def price(x):\n    return x\n")
    assert sentence(SubjectError, case_of_file, path) == (
        f"{path} defines no loss: looked for loss, cost, objective or f; it has price: "
        "rename one, or give --loss NAME, or --vjp FORWARD,BACKWARD; a script that trains needs, in one turn of its "
        "loop, its loss in a variable (loss = ...) and each gradient kept under the name of its parameter "
        "(self.dW = ... for self.W, grads['W1'] = ... for params['W1'])"
    )


def test_a_file_without_functions_says_how_a_script_is_read(write):
    path = write("x = 3\n")
    assert sentence(SubjectError, case_of_file, path) == (
        f"{path} defines no loss: looked for loss, cost, objective or f; it has no functions: define one, or "
        "in a plain script name the loss loss, and each gradient after its parameter (dw1, grad_w1 for w1)"
    )


def test_no_gradient_and_no_point_say_so(write):
    assert "defines no gradient: looked for grads, grad, gradient or backward" in sentence(
        SubjectError, case_of_file, write("def loss(x):\n    return x\n")
    )
    assert "defines no point: looked for point, params or at" in sentence(
        SubjectError, case_of_file, write("def loss(x):\n    return x\ndef grad(x):\n    return {'x': 1.0}\n")
    )


def test_a_loss_that_raises_is_told_with_its_own_line(write):
    path = write("point = {'x': 1.0}\ndef loss(x):\n    y = x\n    return y / 0\ndef grad(x):\n    return {'x': 1.0}\n")
    case = case_of_file(path)
    said = sentence(UserCodeError, loss_at, case, case.at.arrays, let_through=())
    assert said == f"{path}, line 4 in loss: ZeroDivisionError: division by zero (while calling loss)".replace(
        "division by zero", "float division by zero"
    )


def test_a_file_that_raises_is_told_with_its_own_line(write):
    path = write("import math\n\nlimit = math.log(-1)\n")
    assert sentence(UserCodeError, case_of_file, path).startswith(f"{path}, line 3: ValueError: ")


def test_a_loss_that_returns_an_array(write):
    path = write(
        "import numpy as np\npoint = {'x': 1.0}\ndef loss(x):\n    return np.ones(3)\ndef grad(x):\n    return {}\n"
    )
    case = case_of_file(path)
    assert sentence(UsageError, loss_at, case, case.at.arrays) == (
        "loss returns an array of shape (3,): return one number, for example its sum or its mean"
    )


def test_a_loss_without_return(write):
    case = case_of_file(write("point = {'x': 1.0}\ndef loss(x):\n    x\ndef grad(x):\n    return {}\n"))
    assert sentence(UsageError, loss_at, case, case.at.arrays) == (
        "loss returns None: add a return statement with the loss"
    )


def test_the_main_part_of_a_file_does_not_run(write):
    case_of_file(write(GOOD + "\nif __name__ == '__main__':\n    raise SystemExit('ran')\n"))


def test_a_file_that_reads_options_takes_their_defaults(write, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["gradcheck", "check", "net.py"])
    path = write(
        "import argparse\nargs = argparse.ArgumentParser()\nargs.add_argument('--lam', type=float, default=0.5)\n"
        "lam = args.parse_args().lam\npoint = {'x': 3.0}\n"
        "def loss(x):\n    return lam * x\ndef grads(x):\n    return {'x': lam}\n"
    )
    assert loss_at(case_of_file(str(path)), {"x": np.array(3.0)}) == 1.5
    assert sys.argv == ["gradcheck", "check", "net.py"]


FORMS = {
    "a tuple in the order of the parameters": ("{'w': A, 'b': 0.5}", "w, b", "w @ A + b", "A, 1.0", ["w", "b"]),
    "a list in that order": ("{'w': A, 'b': 0.5}", "w, b", "w @ A + b", "[A, 1.0]", ["w", "b"]),
    "an array for the only parameter": ("{'w': A}", "w", "w @ A", "A", ["w"]),
    "the only parameter's own structure": (
        *("{'p': {'w': A, 'b': 0.5}}", "p", "p['w'] @ A + p['b']", "{'w': A, 'b': 1.0}", ["p.w", "p.b"]),
    ),
    "a function of one dict": (*("{'w': A, 'b': 0.5}", "p", "p['w'] @ A + p['b']", "{'w': A, 'b': 1.0}", ["w", "b"]),),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_gradient_is_read_in_the_form_that_it_has(write, form):
    point, names, value, gradient, labels = FORMS[form]
    path = write(
        f"import numpy as np\nA = np.array([1.0, 3.0])\npoint = {point}\n"
        f"def loss({names}):\n    return {value}\ndef grads({names}):\n    return {gradient}\n"
    )
    case = case_of_file(str(path))
    found = gradient_at(case, case.at.arrays)
    assert list(found) == labels
    assert list(found[labels[0]]) == [1.0, 3.0]


def test_a_gradient_of_too_few_parts_is_missing(write):
    path = write(
        "point = {'w': 1.0, 'b': 2.0}\ndef loss(w, b):\n    return w + b\ndef grads(w, b):\n    return (1.0,)\n"
    )
    case = case_of_file(str(path))
    assert gradient_at(case, case.at.arrays) == {}


DATACLASS = """from __future__ import annotations
from dataclasses import dataclass, KW_ONLY

@dataclass(slots=True)
class Cache:
    x: float
    _: KW_ONLY
    y: float = 2.0

point = {"w": 1.5}

def loss(w):
    return w * w * Cache(w).y

def grads(w):
    return {"w": 2 * w * Cache(w).y}
"""


def test_a_dataclass_whose_annotations_are_text_finds_its_module(tmp_path):
    path = tmp_path / "net.py"
    path.write_text(DATACLASS)
    assert load_file(path).module.Cache(1.0, y=3.0).y == 3.0
    assert run_text(case_of_file(path), DATACLASS.replace("2 * w", "3 * w")).grads(1.0) == {"w": 6.0}
    assert MODULE not in sys.modules


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("%matplotlib inline", "line 1: invalid syntax: a notebook's own command: take it out, then check again"),
        ("!pip install numpy", "line 1: invalid syntax: a notebook's own command: take it out, then check again"),
        ("w = (", "line 1: '(' was never closed: mend the syntax, then check again"),
        (
            "get_ipython().run_line_magic('matplotlib', 'inline')",
            "line 1: NameError: name 'get_ipython' is not defined (while running the file): only a notebook has it; "
            "take its commands out, or put them under `if 'get_ipython' in globals():`",
        ),
        (
            "from .beside import slope",
            "(while running the file): name the file as a module of its package, package.module in the place of "
            "package/module.py",
        ),
    ],
)
def test_what_a_file_alone_cannot_have_is_told_so(line, told, tmp_path):
    path = tmp_path / "net.py"
    path.write_text(line + "\n")
    with pytest.raises(GradcheckError) as raised:
        load_file(path)
    assert str(raised.value).endswith(told)
