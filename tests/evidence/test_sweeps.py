"""A loss is swept on whole arrays as it stands: layers, buffers, lists, loops; torch and formulas say what is right."""

from dataclasses import replace
from pathlib import Path
from textwrap import dedent

import numpy as np
import pytest
import torch

from gradcheck.backprop.primitives import PRIMITIVES
from gradcheck.evidence.opinions import LARGEST, opinions_on
from gradcheck.evidence.sweeps import swept
from gradcheck.evidence.swept_gradients import swept_gradient
from gradcheck.subject.cases import loss_at
from gradcheck.subject.targets import case_of_file

HEAD = """
    import math
    import numpy as np

    def point(seed):
        random = np.random.default_rng(seed)
        return {"W": random.normal(size=(4, 3)), "b": random.normal(size=3)}

    def grads(W, b):
        return {"W": W, "b": b}

    X = np.random.default_rng(9).normal(size=(SIZE, 4))
"""
# Each is the mean of tanh(X W + b) squared, written in another way.
LOSSES = {
    "as it is": "return np.mean(np.tanh(X @ W + b) ** 2)",
    "a method of the data": "return float(np.mean(np.tanh(X.dot(W) + b) ** 2))",
    "a buffer": """
        H = np.zeros((SIZE, 3))
        for i in range(SIZE):
            H[i] = np.tanh(X[i] @ W + b)
        return (H**2).mean()""",
    "in place": """
        H = np.zeros((SIZE, 3))
        H += X @ W
        H += b
        total = 0.0
        for row in np.tanh(H):
            total += np.dot(row, row)
        return total / (3 * SIZE)""",
    "numbers": """
        total = 0.0
        for row in X[:, None] @ W:
            for j in range(3):
                total += math.tanh(row[0, j] + b[j]) ** 2
        return total / (3 * SIZE)""",
    "lists": """
        rows = [np.tanh(x @ W + b) for x in X]
        return np.sum(np.array(rows) ** 2) / (3 * SIZE)""",
    "a class": """
        class Layer:
            def forward(self, x):
                self.out = np.empty((len(x), 3))
                self.out[:] = np.tanh(x @ W + b)
                return self.out
        return np.mean(Layer().forward(X) ** 2)""",
}


def case_with(tmp_path: Path, body: str, size: int = 5):
    head = dedent(HEAD).replace("SIZE", str(size))
    lines = dedent(body if body.startswith("\n") else f"\n{body}").strip("\n").replace("SIZE", str(size))
    text = head + "\ndef loss(W, b):\n" + "\n".join(f"    {line}" for line in lines.splitlines()) + "\n"
    path = tmp_path / "net.py"
    path.write_text(text, encoding="utf-8")
    return case_of_file(path)


def right_at(point, size: int = 5):
    """The gradient by torch."""
    W, b = (torch.tensor(point[name], requires_grad=True) for name in ("W", "b"))
    X = torch.tensor(np.random.default_rng(9).normal(size=(size, 4)))
    (torch.tanh(X @ W + b) ** 2).mean().backward()
    return {"W": W.grad.numpy(), "b": b.grad.numpy()}


@pytest.mark.parametrize("body", LOSSES.values(), ids=LOSSES)
def test_a_loss_is_swept_however_it_is_written(tmp_path, body):
    case = case_with(tmp_path, body)
    found = swept(case, case.at.arrays)
    for name, right in right_at(case.at.arrays).items():
        np.testing.assert_allclose(found.gradient[name], right, rtol=1e-12, atol=1e-15)
    assert found.loss == pytest.approx(loss_at(case, case.at.arrays), rel=1e-14)


WRONG = {
    "a view": """
        H = np.zeros((SIZE, 3))
        row = H[0]
        row += X[0] @ W
        return np.mean(np.tanh(H + b) ** 2)""",
    "a rounded number": "return np.mean(np.tanh(X @ W + b) ** 2) * int(abs(W[0, 0]) * 1e9) / 1e9",
    "another module": "import ctypes\nreturn ctypes.c_double(np.mean(W)).value",
}


@pytest.mark.parametrize("body", WRONG.values(), ids=WRONG)
def test_what_a_sweep_misses_is_not_believed(tmp_path, body):
    case = case_with(tmp_path, body)
    assert swept_gradient(case, case.at.arrays, loss_at(case, case.at.arrays)) is None


def test_a_planted_fault_of_a_rule_is_found_by_differences(tmp_path, monkeypatch):
    case = case_with(tmp_path, LOSSES["as it is"])
    loss = loss_at(case, case.at.arrays)
    assert swept_gradient(case, case.at.arrays, loss) is not None
    rule = PRIMITIVES["tanh"].vjps[0]
    bent = replace(PRIMITIVES["tanh"], vjps=(lambda *args: rule(*args) * (1 + 1e-6),))
    monkeypatch.setitem(PRIMITIVES, "tanh", bent)
    assert swept_gradient(case, case.at.arrays, loss) is None


def test_a_program_too_large_to_trace_has_the_reverse_mode_opinion_all_the_same(tmp_path):
    size = LARGEST // 20
    case = case_with(tmp_path, LOSSES["as it is"], size)
    found = opinions_on(case, case.at.arrays, loss_at(case, case.at.arrays))
    assert found.program is None
    assert "take less data" in found.missing
    for name, right in right_at(case.at.arrays, size).items():
        np.testing.assert_allclose(found.backprop_gradient[name], right, rtol=1e-12)
