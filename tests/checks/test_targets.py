"""Modules and forward/backward pairs as targets of a check."""

import pytest

import gradcheck
from gradcheck.checks import check_file
from gradcheck.errors import SubjectError, UsageError
from gradcheck.results.outcomes import Outcome

LAYERS = "import numpy as np\n\ndef sigmoid(x):\n    return 1 / (1 + np.exp(-x))\n"
NET = """
import numpy as np
from .layers import sigmoid

point = {"w": 0.3, "b": -0.7}

def cost(w, b):
    return float(sigmoid(w * 2.0 + b) ** 2)

def slope(w, b):
    s = sigmoid(w * 2.0 + b)
    d = 2 * s * s * (1 - s)
    return {"w": 2.0 * d, "b": d}
"""
PAIR = """
import numpy as np

def point(seed):
    r = np.random.RandomState(seed)
    return {"x": r.randn(4, 3), "W": r.randn(3, 2), "b": r.randn(2)}

def forward(x, W, b):
    y = np.maximum(x @ W + b, 0.1 * (x @ W + b))
    return y, (x, W, y)

def backward(dout, cache):
    x, W, y = cache
    dz = dout * np.where(y > 0, 1.0, 0.1)
    return dz @ W.T, x.T @ dz, dz.sum(axis=0)

def forgetful(dout, cache):
    x, W, y = cache
    return dout @ W.T, x.T @ dout, dout.sum(axis=0)
"""


@pytest.fixture
def package(tmp_path, monkeypatch):
    folder = tmp_path / "my_nets"
    folder.mkdir()
    for name, text in {"__init__.py": "", "layers.py": LAYERS, "net.py": NET}.items():
        (folder / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    return folder


def test_a_module_of_a_package_is_run_with_its_relative_imports(package):
    result = gradcheck.check_file("my_nets.net:cost,slope")
    assert result
    assert result.subject.path == "my_nets/net.py"
    assert (result.subject.loss, result.subject.grad) == ("cost", "slope")
    assert gradcheck.check_file("my_nets.net", loss="cost", grad="slope")


def test_a_module_that_is_not_there(package):
    with pytest.raises(SubjectError, match=r"there is no file my_nets\.absent"):
        gradcheck.check_file("my_nets.absent:cost,slope")
    with pytest.raises(SubjectError, match=r"net.py defines no loss: looked for price"):
        gradcheck.check_file("my_nets.net:price,slope")


def test_a_pair_of_a_file(tmp_path):
    path = tmp_path / "pair.py"
    path.write_text(PAIR)
    result = gradcheck.check_file(path, vjp="forward,backward", seed=1)
    assert result
    assert list(result.point.values) == ["x", "W", "b"]
    assert (result.subject.path, result.subject.loss, result.subject.grad) == (str(path), "forward", "backward")
    assert "the outputs of forward were weighed by 2 random cotangents" in result.notes
    wrong = gradcheck.check_file(path, vjp="forward, forgetful")
    assert {v.name for v in wrong.parameters if v.outcome is Outcome.DISAGREE} == {"x", "W", "b"}


def test_a_pair_that_is_not_there(tmp_path):
    path = tmp_path / "pair.py"
    path.write_text(PAIR)
    with pytest.raises(UsageError, match="--vjp forward does not name two functions: write --vjp FORWARD,BACKWARD"):
        gradcheck.check_file(path, vjp="forward")
    with pytest.raises(SubjectError, match=r"defines no backward pass: looked for back; .* or give --vjp FORWARD,BACK"):
        gradcheck.check_file(path, vjp="forward,back")


def test_a_file_that_seeds_the_global_generator_leaves_the_callers_alone(tmp_path):
    import numpy as np

    path = tmp_path / "seeds.py"
    path.write_text(
        "import numpy as np\nnp.random.seed(0)\npoint = {'x': 0.5}\ndef loss(x):\n    return x * x\n"
        "def grad(x):\n    return {'x': 2 * x}\n"
    )
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    assert gradcheck.check_file(path)
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002


def test_methods_under_the_usual_names_are_functions(tmp_path):
    path = tmp_path / "net.py"
    path.write_text(
        "import numpy as np\nclass Net:\n    def __init__(self):\n        self.x = np.array([1.0, 2.0])\n"
        "    def loss(self, w, b):\n        return 0.5 * (w @ self.x + b) ** 2\n"
        "    def grads(self, w, b):\n        r = w @ self.x + b\n        return {'w': r * self.x, 'b': r}\n"
        "net = Net()\nloss = net.loss\npoint = {'w': np.array([0.3, 0.4]), 'b': 0.1}\ngrads = net.grads\n"
    )
    assert check_file(path)
    path.write_text(path.read_text().replace("'b': r}", "'b': 2 * r}"))
    assert [v.name for v in check_file(path, budget=0).parameters if v.outcome is Outcome.DISAGREE] == ["b"]
