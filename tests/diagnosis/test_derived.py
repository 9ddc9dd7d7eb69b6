"""Whole formulas that no small change gives: derived from the forward statements, verified like any fix."""

import pytest

from gradcheck import diagnose
from gradcheck.diagnosis.benches import changed_case
from gradcheck.diagnosis.edits import apply_edits
from gradcheck.subject.targets import case_of_file

ATTENTION = """\
import numpy as np

R = np.random.RandomState(3)
X, T = R.randn(4, 3), R.randn(4, 2)


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def point(seed):
    r = np.random.RandomState(seed)
    return {"Wq": r.randn(3, 2), "Wk": r.randn(3, 2), "Wv": r.randn(3, 2)}


def attend(Wq, Wk, Wv):
    Q, K, V = X @ Wq, X @ Wk, X @ Wv
    A = softmax(Q @ K.T / np.sqrt(2))
    return Q, K, V, A, A @ V


def loss(Wq, Wk, Wv):
    return 0.5 * np.sum((attend(Wq, Wk, Wv)[-1] - T) ** 2)


def grads(Wq, Wk, Wv):
    Q, K, V, A, O = attend(Wq, Wk, Wv)
    dO = O - T
    dA = dO @ V.T
    dS = A * (dA - (dA * A).sum(axis=1, keepdims=True)) / np.sqrt(2)
    return {"Wq": X.T @ (dS @ K), "Wk": X.T @ (dS.T @ Q), "Wv": X.T @ (A.T @ dO)}
"""

NORM = """\
import numpy as np

R = np.random.RandomState(3)
X, T = R.randn(5, 4), R.randn(5, 6)


def point(seed):
    r = np.random.RandomState(seed)
    return {"W": r.randn(4, 6), "g": r.rand(6) + 0.5, "b": r.randn(6)}


def layernorm(x, g, b):
    sd = np.sqrt(x.var(axis=1, keepdims=True) + 1e-5)
    xhat = (x - x.mean(axis=1, keepdims=True)) / sd
    return g * xhat + b, xhat, sd


def loss(W, g, b):
    return np.sum((np.tanh(layernorm(X @ W, g, b)[0]) - T) ** 2)


def grads(W, g, b):
    h, xhat, sd = layernorm(X @ W, g, b)
    a = np.tanh(h)
    dh = 2 * (a - T) * (1 - a ** 2)
    dg = (dh * xhat).sum(axis=0)
    db = dh.sum(axis=0)
    dxhat = dh * g
    m = dxhat.mean(axis=1, keepdims=True)
    dx = (dxhat - m - xhat * (dxhat * xhat).mean(axis=1, keepdims=True)) / sd
    return {"W": X.T @ dx, "g": dg, "b": db}
"""

LAYERS = """\
import numpy as np

R = np.random.RandomState(3)
X, T = R.randn(6, 4), R.randn(6, 3)


class Dense:
    def __init__(self, W, b):
        self.W, self.b = W, b

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout):
        self.dW = self.x.T @ dout
        self.db = dout.sum(axis=0)
        return dout @ self.W.T


class Gate:
    def __init__(self, s):
        self.s = s

    def forward(self, x):
        self.x = x
        self.gate = 1 / (1 + np.exp(-self.s * x))
        return x * self.gate

    def backward(self, dout):
        dpre = dout * self.x * self.gate * (1 - self.gate)
        self.ds = (dpre * self.x).sum(axis=0)
        return dout * self.gate + dpre * self.s


def layers(W1, b1, s, W2, b2):
    return [Dense(W1, b1), Gate(s), Dense(W2, b2)]


def point(seed):
    r = np.random.RandomState(seed)
    return {"W1": r.randn(4, 5), "b1": r.randn(5), "s": r.randn(5), "W2": r.randn(5, 3), "b2": r.randn(3)}


def run(net):
    h = X
    for layer in net:
        h = layer.forward(h)
    return h


def loss(**p):
    return np.sum((run(layers(**p)) - T) ** 2)


def grads(**p):
    net = layers(**p)
    d = 2 * (run(net) - T)
    for layer in reversed(net):
        d = layer.backward(d)
    return {"W1": net[0].dW, "b1": net[0].db, "s": net[1].ds, "W2": net[2].dW, "b2": net[2].db}
"""


STEP = """\
import numpy as np

R = np.random.RandomState(3)
A, B = R.randn(5, 3), R.randn(4, 3)


def point(seed):
    r = np.random.RandomState(seed)
    return {"w": r.randn(3), "rate": r.uniform(0.1, 0.3)}


def slope(w):
    return A.T @ np.tanh(A @ w)


def loss(w, rate):
    stepped = w - rate * slope(w)
    return np.sum((B @ stepped) ** 2)


def grads(w, rate):
    stepped = w - rate * slope(w)
    d = 2 * B.T @ (B @ stepped)
    dw = d - rate * A.T @ ((1 - np.tanh(A @ w) ** 2) * (A @ d))
    return {"w": dw, "rate": -slope(w) @ d}
"""


GELU = """\
import numpy as np

R = np.random.RandomState(3)
X, T = R.randn(5, 3), R.randn(5, 2)
K = 0.8


def point(seed):
    r = np.random.RandomState(seed)
    return {"W": r.randn(3, 4), "V": r.randn(4, 2)}


def forward(W, V):
    z = X @ W
    t = np.tanh(K * z)
    h = 0.5 * z * (1 + t)
    return z, t, h, h @ V


def loss(W, V):
    return np.sum((forward(W, V)[-1] - T) ** 2)


def grads(W, V):
    z, t, h, o = forward(W, V)
    do = 2 * (o - T)
    dh = do @ V.T
    dz = 0.5 * dh * (1 + t) + 0.5 * dh * z * K * (1 - t ** 2)
    return {"W": X.T @ dz, "V": h.T @ do}
"""


@pytest.mark.parametrize(
    ("text", "right", "wrong"),
    [
        (GELU, "0.5 * dh * (1 + t) + 0.5 * dh * z * K * (1 - t ** 2)", "dh * K * (1 - t)"),
        (STEP, "d - rate * A.T @ ((1 - np.tanh(A @ w) ** 2) * (A @ d))", "d"),
        (ATTENTION, "A * (dA - (dA * A).sum(axis=1, keepdims=True)) /", "dA * A * (1 - A) /"),
        (NORM, "(dxhat - m - xhat * (dxhat * xhat).mean(axis=1, keepdims=True)) / sd", "dxhat / sd"),
        (LAYERS, "dout @ self.W.T", "dout ** 2 @ np.abs(self.W.T)"),
    ],
)
def test_a_formula_is_derived(tmp_path, assert_same, text, right, wrong):
    planted = text.replace(right, wrong)
    assert planted != text
    path = tmp_path / "net.py"
    path.write_text(planted)
    case = case_of_file(path)

    best = diagnose(path, budget=20.0).fixes[0]

    mended, true = changed_case(case, apply_edits(planted, best.edits)), changed_case(case, text)
    assert best.edits[0].span.line == text[: text.index(right)].count("\n") + 1
    assert best.other_shapes >= 2
    assert_same(true, mended, range(900, 905))


RAGGED = """\
import numpy as np

R = np.random.RandomState(3)
X, Y = R.randn(5, 4), R.randint(0, 3, 5)


def point(seed):
    return {"W": np.random.RandomState(seed).randn(4, 3)}


def forward(W):
    Z = X @ W
    E = np.exp(Z)
    return Z, E / E.sum(axis=1, keepdims=True), E.sum(axis=1)


def loss(W):
    return -np.log(forward(W)[1][np.arange(5), Y]).sum()


def grads(W):
    Z, P, S = forward(W)
    d = P.copy()
    d[np.arange(5), Y] -= S
    return {"W": X.T @ d}
"""


def test_a_value_of_several_arrays_is_no_place_for_a_formula(tmp_path):
    path = tmp_path / "net.py"
    path.write_text(RAGGED, encoding="utf-8")
    found = diagnose(str(path))
    assert not any("fault of gradcheck" in note for note in found.notes), found.notes
    assert found.suspects[0].span.line == 24
