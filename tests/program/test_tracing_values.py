"""A traced program computes what the untraced functions compute, in every style of code that users write."""

import numpy as np
import pytest

from gradcheck.labels import by_label
from gradcheck.program.tracing import trace

ARTICLE = """
import math

x1 = 0.02
x2 = 0.03
y = 7

def loss(w1, w2, w3, w4, w5, w6, b1, b2):
    neth1 = w1*x1 + w2*x2 + b1
    neth2 = w3*x1 + w4*x2 + b1
    outh1 = 1/(1 + math.exp(-neth1))
    outh2 = 1/(1 + math.exp(-neth2))
    neto = w5*outh1 + w6*outh2 + b2
    out = neto
    return 1/2*(y - out)**2

def grads(w1, w2, w3, w4, w5, w6, b1, b2):
    outh1 = 1/(1 + math.exp(-(w1*x1 + w2*x2 + b1)))
    outh2 = 1/(1 + math.exp(-(w3*x1 + w4*x2 + b1)))
    d = w5*outh1 + w6*outh2 + b2 - y
    d1, d2 = d*w5*outh1*(1 - outh1), d*w6*outh2*(1 - outh2)
    return dict(w1=d1*x1, w2=d1*x2, w3=d2*x1, w4=d2*x2, w5=d*outh1, w6=d*outh2, b1=d1 + d2, b2=d)
"""

SOFTMAX = """
import numpy as np

rng = np.random.default_rng(0)
X = rng.normal(size=(5, 3))
T = np.eye(4)[rng.integers(0, 4, size=5)]
sigma = lambda z: 1/(1 + np.exp(-z))

def forward(W1, b1, W2, b2):
    Z1 = X @ W1 + b1
    A1 = np.maximum(Z1, 0)
    Z2 = A1 @ W2 + b2
    E = np.exp(Z2 - np.max(Z2, axis=1, keepdims=True))
    return Z1, A1, E / np.sum(E, axis=1, keepdims=True)

def loss(W1, b1, W2, b2):
    P = forward(W1, b1, W2, b2)[-1]
    return float(-np.mean(np.sum(T*np.log(P), axis=1)))

def grads(W1, b1, W2, b2):
    Z1, A1, P = forward(W1, b1, W2, b2)
    dZ2 = (P - T)/len(X)
    dA1 = dZ2 @ W2.T
    dA1[Z1 <= 0] = 0
    return {"W1": X.T @ dA1, "b1": dA1.sum(axis=0), "W2": A1.T @ dZ2, "b2": np.sum(dZ2, axis=0)}
"""

LOOPS = """
import numpy as np
from math import tanh

xs = np.array([0.3, -0.2, 0.5, 0.9])
SCALE = 2
steps = len(xs)

def cell(x, h, w, u):
    z = w*x + u*h
    return tanh(z)

def run(w, u):
    hs = np.zeros(steps + 1)
    for t in range(steps):
        hs[t + 1] = cell(xs[t], hs[t], w, u)
    return hs

def loss(w, u, v):
    hs = run(w, u)
    total = 0.0
    for t in range(1, steps + 1):
        total += sum([(v[k]*hs[t] - k)**2 for k in range(SCALE)])
    return total / SCALE

def grads(w, u, v):
    hs = run(w, u)
    gv = np.zeros_like(v)
    gw = gu = 0.0
    dh = 0.0
    for t in range(steps, 0, -1):
        for k in range(SCALE):
            e = 2*(v[k]*hs[t] - k)/SCALE
            gv[k] += e*hs[t]
            dh = dh + e*v[k]
        dz = dh*(1 - hs[t]**2)
        gw += dz*xs[t - 1]
        gu += dz*hs[t - 1]
        dh = dz*u
    return {"w": gw, "u": gu, "v": gv}
"""

MIXED = """
import numpy as np

class Layer:
    def __init__(self, W):
        self.W = W
    def forward(self, x):
        self.x = x
        self.z = self.W.dot(x)
        return np.where(self.z > 0, self.z, 0.1*self.z)
    def backward(self, dy):
        dz = dy*np.where(self.z > 0, 1.0, 0.1)
        return np.outer(dz, self.x), self.W.T @ dz

x = np.array([0.4, -0.7])

def loss(**p):
    h = Layer(p["A"]).forward(x)
    return np.sqrt(np.sum(np.square(h))) + np.log1p(np.exp(-h)).sum() + 0.5*np.linalg.norm(p["A"])**2 + np.abs(h[0])

def grads(**p):
    layer = Layer(p["A"])
    h = layer.forward(x)
    dh = h/np.sqrt(np.sum(h**2)) - 1/(1 + np.exp(h))
    dh[0] += np.sign(h[0])
    return {"A": layer.backward(dh)[0] + p["A"]}
"""

ALGEBRA = """
import numpy as np
from numpy.linalg import inv
rhs = np.array([0.3, -0.7, 0.2])

def loss(A):
    import numpy.linalg as la
    sign, logarithm = np.linalg.slogdet(A)
    return sign*logarithm + rhs @ np.linalg.solve(A, rhs) + np.sum(inv(A)**2) + la.det(A)

def grads(A):
    B = inv(A)
    u, v = np.linalg.solve(A.T, rhs), B @ rhs
    sign, _ = np.linalg.slogdet(A)
    return {"A": sign*B.T - np.outer(u, v) - 2*B.T @ B @ B.T + np.linalg.det(A)*B.T}
"""


def scalars(*names):
    return {name: 0.31 - 0.17 * k + 0.05 * k * k for k, name in enumerate(names)}


def arrays(**shapes):
    rng = np.random.default_rng(3)
    return {name: rng.normal(size=shape) for name, shape in shapes.items()}


CASES = {
    "article": (ARTICLE, scalars("w1", "w2", "w3", "w4", "w5", "w6", "b1", "b2")),
    "softmax": (SOFTMAX, arrays(W1=(3, 6), b1=(6,), W2=(6, 4), b2=(4,))),
    "loops": (LOOPS, {"w": 0.7, "u": -0.4, "v": np.array([0.9, 1.3])}),
    "mixed": (MIXED, arrays(A=(3, 2))),
    "algebra": (ALGEBRA, arrays(A=(3, 3))),
}


def untraced(source, point):
    space = {"__name__": "plain"}
    exec(compile(source, "plain.py", "exec"), space)
    return space["loss"](**point), space["grads"](**point)


@pytest.mark.parametrize("case", CASES)
def test_traced_values_are_the_untraced_ones(case):
    source, point = CASES[case]
    value, gradient = untraced(source, point)
    program = trace(source, "plain.py", "loss", "grads", point)
    assert program.untraced is None
    traced = {label: program.nodes[node].value for label, node in program.gradient.items()}
    expected = by_label({name: np.asarray(part) for name, part in gradient.items()})
    if case in ("article", "loops"):  # scalar code: the same operations in the same order
        assert program.nodes[program.loss].value == value
        assert traced == expected
    else:  # NumPy adds up arrays in another order
        assert program.nodes[program.loss].value == pytest.approx(value, rel=1e-14)
        assert traced == pytest.approx(expected, rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("case", CASES)
def test_two_traces_are_equal(case):
    source, point = CASES[case]
    assert trace(source, "plain.py", "loss", "grads", point) == trace(source, "plain.py", "loss", "grads", point)


@pytest.mark.parametrize("case", CASES)
def test_args_come_before_their_node(case):
    source, point = CASES[case]
    program = trace(source, "plain.py", "loss", "grads", point)
    assert all(arg < number for number, node in enumerate(program.nodes) for arg in node.args)


@pytest.mark.parametrize("case", CASES)
def test_names_are_unique(case):
    source, point = CASES[case]
    program = trace(source, "plain.py", "loss", "grads", point)
    assert len(program.named()) == sum(node.name is not None for node in program.nodes)


def test_parameters_are_not_changed_by_code_that_works_in_place():
    source = "def loss(w):\n    w *= 2\n    return w.sum()\n\ndef grads(w):\n    return {'w': 2 + 0*w}\n"
    point = {"w": np.array([1.0, 2.0])}
    program = trace(source, "in_place.py", "loss", "grads", point)
    assert program.nodes[program.loss].value == 6.0
    assert point["w"].tolist() == [1.0, 2.0]


@pytest.mark.parametrize("code", ["np.array([s])", "np.array(s)", "float(s)", "np.float64(s)", "[[s]][0][0]"])
def test_a_loss_of_one_number_is_taken_in_every_form(code):
    source = f"import numpy as np\ndef loss(w):\n    s = w*w\n    return {code}\n"
    program = trace(source, "forms.py", "loss", None, {"w": 3.0})
    assert program.nodes[program.loss].value == 9.0
