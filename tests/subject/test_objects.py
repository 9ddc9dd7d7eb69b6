"""Scripts whose parameters and gradients are kept by an object that a loop trains."""

import ast

import numpy as np
import pytest

from gradcheck.checks import check_file
from gradcheck.report.as_text import to_text
from gradcheck.results.outcomes import Outcome
from gradcheck.subject.cases import gradient_at, loss_at
from gradcheck.subject.objects import find_keeper
from gradcheck.subject.targets import case_of_file

SCRIPT = """\
import numpy as np

X = np.random.RandomState(0).randn(6, 3)
Y = np.random.RandomState(1).randn(6, 1)


class Net:
    def __init__(self):
        r = np.random.RandomState(2)
        self.W = r.randn(3, 4)
        self.b = r.randn(4)
        self.V = r.randn(4, 1)

    def forward(self, x):
        self.x = x
        self.h = np.tanh(x @ self.W + self.b)
        return self.h @ self.V

    def backward(self, e):
        self.dV = self.h.T @ e
        dz = (e @ self.V.T) * (1 - self.h ** 2)
        self.dW = self.x.T @ dz
        self.db = dz.sum(axis=0)

    def step(self, rate):
        self.W -= rate * self.dW
        self.b -= rate * self.db
        self.V -= rate * self.dV


if __name__ == "__main__":
    net = Net()
    for epoch in range(100):
        for k in range(2):
            out = net.forward(X)
            loss = np.mean((out - Y) ** 2)
            net.backward(2 * (out - Y) / len(X))
            net.step(0.1)
            print(loss)
"""


@pytest.fixture
def path_of(tmp_path):
    def write(text):
        path = tmp_path / "train.py"
        path.write_text(text)
        return path

    return write


def test_one_turn_of_the_loop_is_a_function_of_the_objects_parameters(path_of):
    case = case_of_file(path_of(SCRIPT))
    assert list(case.at.arrays) == ["V", "W", "b"]
    r = np.random.RandomState(2)
    W, b, V = r.randn(3, 4), r.randn(4), r.randn(4, 1)
    X, Y = np.random.RandomState(0).randn(6, 3), np.random.RandomState(1).randn(6, 1)
    assert np.array_equal(case.at.arrays["W"], W)
    h = np.tanh(X @ W + b)
    e = 2 * (h @ V - Y) / 6
    for _ in range(2):  # no call leaves anything behind in the object
        assert loss_at(case, case.at.arrays) == np.mean((h @ V - Y) ** 2)
        np.testing.assert_allclose(gradient_at(case, case.at.arrays)["V"], h.T @ e, rtol=1e-13)


def test_a_right_one_agrees_and_is_told_as_a_script(path_of, capsys):
    result = check_file(path_of(SCRIPT))
    assert result.outcome is Outcome.AGREE
    text = to_text(result)
    assert "a script   loss: loss" in text
    assert "kept by net, a Net: net.V: net.dV, net.W: net.dW, net.b: net.db" in " ".join(text.split())
    assert capsys.readouterr().out == ""  # the loop itself does not run


def test_a_wrong_line_in_a_method_is_named_and_mended(path_of):
    result = check_file(path_of(SCRIPT.replace("1 - self.h ** 2", "1 - self.h")))
    assert result.outcome is Outcome.DISAGREE
    fix = result.diagnosis.fixes[0]
    assert (fix.edits[0].span.line, fix.edits[0].new.strip()) == (21, "** 2")
    assert not any("never used" in note for note in result.diagnosis.notes)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("net.backward", "net.think"),  # nothing makes the gradients
        ("    net = Net()", "    net, other = Net(), Net()"),
        ("loss = np.mean", "quality = np.mean"),
        ("self.dW", "self.slope"),
        ("self.dV", "self.rise"),
    ],
)
def test_what_is_not_clear_is_left_to_the_user(old, new):
    found = find_keeper(ast.parse(SCRIPT.replace(old, new)))
    assert found is None or set(found.gradients) < {"W", "b", "V"}
