"""Scripts as tutorials have them: the parameters in a class, a list, a dict, a function: one turn is checked."""

import ast
import textwrap

import numpy as np
import pytest

from gradcheck.checks import check_file
from gradcheck.errors import GradcheckError, SubjectError
from gradcheck.report.as_text import to_text
from gradcheck.results.outcomes import Outcome
from gradcheck.subject.cases import gradient_at, loss_at
from gradcheck.subject.targets import case_of_file
from gradcheck.subject.trainings import find_training

IN_A_DICT_OF_A_CLASS = """
import numpy as np

class TwoLayers:
    def __init__(self, n, h, k):
        r = np.random.RandomState(1)
        self.params = {"W1": r.randn(n, h), "b1": np.zeros(h), "W2": r.randn(h, k), "b2": np.zeros(k)}

    def loss(self, X, y, reg=0.0):
        p, n = self.params, len(X)
        h = np.maximum(0, X @ p["W1"] + p["b1"])
        scores = h @ p["W2"] + p["b2"]
        e = np.exp(scores - scores.max(axis=1, keepdims=True))
        probs = e / e.sum(axis=1, keepdims=True)
        loss = -np.log(probs[np.arange(n), y]).mean() + reg * sum(np.sum(p[k] ** 2) for k in ("W1", "W2"))
        d = probs.copy()
        d[np.arange(n), y] -= 1
        d /= n
        grads = {"W2": h.T @ d + 2 * reg * p["W2"], "b2": d.sum(axis=0)}
        dh = d @ p["W2"].T * (h > 0)
        grads["W1"] = X.T @ dh + 2 * reg * p["W1"]
        grads["b1"] = dh.sum(axis=0)
        return loss, grads

    def train(self, X, y, rate=0.1, turns=5, batch=4):
        history = []
        for turn in range(turns):
            rows = np.random.choice(len(X), batch)
            loss, grads = self.loss(X[rows], y[rows], reg=0.1)
            history.append(loss)
            for name in self.params:
                self.params[name] -= rate * grads[name]
        return history

np.random.seed(0)
net = TwoLayers(3, 5, 2)
net.train(np.random.randn(9, 3), np.arange(9) % 2)
"""
PASSED_FROM_FUNCTION_TO_FUNCTION = """
import numpy as np

def forward(X, parameters):
    A1 = np.tanh(parameters["W1"] @ X + parameters["b1"])
    return 1 / (1 + np.exp(-(parameters["W2"] @ A1 + parameters["b2"]))), {"A1": A1}

def compute_cost(A2, Y):
    cost = -np.mean(Y * np.log(A2) + (1 - Y) * np.log(1 - A2))
    return cost

def backward(parameters, cache, A2, X, Y):
    m = X.shape[1]
    dZ2 = A2 - Y
    dZ1 = parameters["W2"].T @ dZ2 * (1 - cache["A1"] ** 2)
    return {
        "dW1": dZ1 @ X.T / m, "db1": dZ1.sum(axis=1, keepdims=True) / m,
        "dW2": dZ2 @ cache["A1"].T / m, "db2": dZ2.sum(axis=1, keepdims=True) / m,
    }

def update(parameters, grads, rate=0.5):
    return {name: value - rate * grads["d" + name] for name, value in parameters.items()}

def model(X, Y, n_h, turns=10, verbose=False):
    np.random.seed(3)
    parameters = {"W1": np.random.randn(n_h, 2), "b1": np.zeros((n_h, 1))}
    parameters |= {"W2": np.random.randn(1, n_h), "b2": np.zeros((1, 1))}
    for i in range(turns):
        A2, cache = forward(X, parameters)
        cost = compute_cost(A2, Y)
        grads = backward(parameters, cache, A2, X, Y)
        parameters = update(parameters, grads)
        if verbose:
            print(cost)
    return parameters

points = np.random.RandomState(0).randn(2, 7)
model(points, (points[:1] > 0) * 1.0, n_h=3)
"""
IN_LAYERS = """
import numpy as np
r = np.random.RandomState(0)

class Dense:
    def __init__(self, n, m):
        self.W, self.b = r.randn(n, m), np.zeros(m)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, d):
        self.dW = self.x.T @ d
        self.db = d.sum(axis=0)
        return d @ self.W.T

class Tanh:
    def forward(self, x):
        self.out = np.tanh(x)
        return self.out

    def backward(self, d):
        return d * (1 - self.out ** 2)

layers = [Dense(3, 4), Tanh(), Dense(4, 2)]
X, Y = r.randn(6, 3), r.randn(6, 2)
for epoch in range(10):
    out = X
    for layer in layers:
        out = layer.forward(out)
    L = np.mean((out - Y) ** 2)
    d = 2 * (out - Y) / out.size
    for layer in reversed(layers):
        d = layer.backward(d)
    for layer in layers:
        if hasattr(layer, "W"):
            layer.W -= 0.1 * layer.dW
            layer.b -= 0.1 * layer.db
"""
IN_LISTS = """
import numpy as np

class Network:
    def __init__(self, sizes):
        r = np.random.RandomState(2)
        self.biases = [r.randn(y, 1) for y in sizes[1:]]
        self.weights = [r.randn(y, x) for x, y in zip(sizes[:-1], sizes[1:])]

    def feedforward(self, a):
        for b, w in zip(self.biases, self.weights):
            a = np.tanh(w @ a + b)
        return a

    def backprop(self, x, y):
        nabla_b, nabla_w = [np.zeros(b.shape) for b in self.biases], [np.zeros(w.shape) for w in self.weights]
        activations = [x]
        for b, w in zip(self.biases, self.weights):
            activations.append(np.tanh(w @ activations[-1] + b))
        delta = activations[-1] - y
        for l in range(1, len(self.weights) + 1):
            delta = delta * (1 - activations[-l] ** 2)
            nabla_b[-l], nabla_w[-l] = delta, delta @ activations[-l - 1].T
            delta = self.weights[-l].T @ delta
        return nabla_b, nabla_w

net = Network([3, 4, 2])
x, y = np.random.RandomState(0).randn(3, 1), np.random.RandomState(1).randn(2, 1)
for step in range(10):
    loss = 0.5 * np.sum((net.feedforward(x) - y) ** 2)
    nabla_b, nabla_w = net.backprop(x, y)
    net.weights = [w - 0.1 * nw for w, nw in zip(net.weights, nabla_w)]
    net.biases = [b - 0.1 * nb for b, nb in zip(net.biases, nabla_b)]
"""
OF_NUMBERS_OF_ITS_OWN = """
import math

class Value:
    def __init__(self, data, parents=()):
        self.data, self.grad, self.parents, self.push = data, 0.0, parents, lambda: None

    def __add__(self, other):
        out = Value(self.data + other.data, (self, other))
        def push():
            self.grad += out.grad
            other.grad += out.grad
        out.push = push
        return out

    def __mul__(self, other):
        out = Value(self.data * other.data, (self, other))
        def push():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad
        out.push = push
        return out

    def tanh(self):
        t = math.tanh(self.data)
        out = Value(t, (self,))
        def push():
            self.grad += (1 - t ** 2) * out.grad
        out.push = push
        return out

    def backward(self):
        order, seen = [], set()
        def visit(v):
            if v not in seen:
                seen.add(v)
                for p in v.parents:
                    visit(p)
                order.append(v)
        visit(self)
        self.grad = 1.0
        for v in reversed(order):
            v.push()

weights = [Value(0.3), Value(-0.8)]
bias = Value(0.1)
for k in range(5):
    out = (weights[0] * Value(2.0) + weights[1] * Value(-1.0) + bias).tanh()
    loss = (out + Value(-0.5)) * (out + Value(-0.5))
    for p in [*weights, bias]:
        p.grad = 0.0
    loss.backward()
    for p in [*weights, bias]:
        p.data += -0.05 * p.grad
    print(k, loss.data)
"""
STEPPED_BEFORE_THE_LOSS_IS_TOLD = """
import numpy as np

class Logistic:
    def __init__(self, d):
        self.w = np.random.RandomState(1).randn(d)
        self.b = 0

    def predict(self, X):
        return 1 / (1 + np.exp(-(X @ self.w + self.b)))

    def fit(self, X, y, rate=0.1, epochs=10):
        for _ in range(epochs):
            p = self.predict(X)
            dw, db = X.T @ (p - y) / len(y), np.mean(p - y)
            self.w -= rate * dw
            self.b -= rate * db
            p = self.predict(X)
            err = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))

if __name__ == "__main__":
    X = np.random.RandomState(0).randn(8, 3)
    Logistic(3).fit(X, (X[:, 0] > 0) * 1.0)
"""
WITHOUT_A_LOOP = IN_A_DICT_OF_A_CLASS.split("    def train")[0] + (
    "net = TwoLayers(3, 5, 2)\nX = np.random.RandomState(0).randn(4, 3)\n"
    "cost, grads = net.loss(X, np.arange(4) % 2, reg=0.1)\nprint(cost)\n"
)
SCRIPTS = {
    "a class": (IN_A_DICT_OF_A_CLASS, {"W1", "b1", "W2", "b2"}),
    "functions": (PASSED_FROM_FUNCTION_TO_FUNCTION, {"W1", "b1", "W2", "b2"}),
    "layers": (IN_LAYERS, {"layers[0].W", "layers[0].b", "layers[2].W", "layers[2].b"}),
    "lists": (IN_LISTS, {"weights[0]", "weights[1]", "biases[0]", "biases[1]"}),
    "numbers": (OF_NUMBERS_OF_ITS_OWN, {"weights[0]", "weights[1]", "bias"}),
    "no loop": (WITHOUT_A_LOOP, {"W1", "b1", "W2", "b2"}),
}


@pytest.fixture
def path_of(tmp_path):
    def write(text):
        path = tmp_path / "train.py"
        path.write_text(textwrap.dedent(text))
        return path

    return write


def differences(case, step=1e-6):
    """The gradient by plain central differences of the loss."""
    found = {}
    for name, array in case.at.arrays.items():
        slopes = np.zeros(array.shape)
        for place in np.ndindex(array.shape):
            moved = {sign: array.copy() for sign in (1, -1)}
            for sign, one in moved.items():
                one[place] += sign * step
            up, down = (loss_at(case, {**case.at.arrays, name: moved[sign]}) for sign in (1, -1))
            slopes[place] = (up - down) / (2 * step)
        found[name] = slopes
    return found


@pytest.mark.parametrize("kind", SCRIPTS)
def test_one_turn_is_a_function_of_what_it_trains(path_of, kind, capsys):
    text, names = SCRIPTS[kind]
    case = case_of_file(path_of(text))
    assert set(case.at.arrays) == names
    expected = differences(case)
    for _ in range(2):  # no call leaves anything behind
        gradient = gradient_at(case, case.at.arrays)
        for name, slopes in expected.items():
            np.testing.assert_allclose(gradient[name], slopes, atol=2e-8)
    assert "0" not in capsys.readouterr().out  # the loop itself does not run, what it prints is left out


def test_steps_that_come_before_the_loss_are_none_of_it(path_of):
    case = case_of_file(
        path_of(STEPPED_BEFORE_THE_LOSS_IS_TOLD.replace("Logistic(3).fit", "m = Logistic(3)\n    m.fit"))
    )
    assert {name.rpartition(".")[2] for name in case.at.arrays} == {"w", "b"}
    for name, slopes in differences(case).items():
        np.testing.assert_allclose(gradient_at(case, case.at.arrays)[name], slopes, atol=2e-8)


@pytest.mark.parametrize(
    ("kind", "old", "new"),
    [
        ("functions", 'cache["A1"] ** 2', 'cache["A1"]'),
        ("numbers", "(1 - t ** 2)", "(1 + t ** 2)"),
        ("lists", "delta @ activations[-l - 1].T", "delta @ activations[-l - 1].T / 2"),
    ],
)
def test_a_mistake_in_it_is_seen(path_of, kind, old, new):
    result = check_file(path_of(SCRIPTS[kind][0].replace(old, new)), budget=0)
    assert result.outcome is Outcome.DISAGREE
    assert "a script   loss:" in to_text(result)


def test_a_mistake_in_a_layer_is_named_on_its_line_and_mended(path_of):
    text = IN_LAYERS.replace("d @ self.W.T", "d @ self.W")  # another shape of the same numbers where W is square
    text = text.replace("Dense(3, 4)", "Dense(3, 3)").replace("Dense(4, 2)", "Dense(3, 3)").replace("(6, 2)", "(6, 3)")
    result = check_file(path_of(text))
    assert [(edit.span.line, edit.new) for edit in result.diagnosis.fixes[0].edits] == [(16, ".T")]
    assert not any("`L`" in note for note in result.diagnosis.notes)  # the loss is no part of the backward pass


def test_the_steps_are_no_part_of_the_gradient(path_of):
    """A change that touches how the parameters are stepped is none that could mend."""
    case = case_of_file(path_of(IN_LAYERS))
    changed = IN_LAYERS.replace("layer.W -= 0.1 * layer.dW", "layer.W -= 0.2 * layer.dW")
    with pytest.raises(ValueError, match="steps of the parameters are changed"):
        case.origin.parse(textwrap.dedent(changed), "train.py")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("    L = np.mean", "    quality = np.mean"),  # no loss
        ("self.dW = ", "dW = "),  # kept by nobody, and the step fails
        ("layers = [Dense(3, 4)", "layers = [Dense(4, 4)"),  # the turn raises
    ],
)
def test_what_is_not_there_is_not_guessed(old, new):
    assert find_training(ast.parse(IN_LAYERS.replace(old, new)), "train.py") is None


WITHOUT_A_LOSS = """
import numpy as np
X = np.array([[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]])
y = np.array([[0, 1, 1, 0]]).T
rate = 0.5
W0 = 2 * np.random.RandomState(1).rand(3, 4) - 1
W1 = 2 * np.random.RandomState(2).rand(4, 1) - 1
for turn in range(1000):
    h = 1 / (1 + np.exp(-(X @ W0)))
    out = 1 / (1 + np.exp(-(h @ W1)))
    delta = (y - out) * (out * (1 - out))
    back = delta.dot(W1.T) * (h * (1 - h))
    W1 += rate * h.T.dot(delta)
    W0 += X.T.dot(back)
"""


def test_the_lines_that_a_script_lacks_work_when_they_are_put_in(path_of):
    path = path_of(WITHOUT_A_LOSS)
    with pytest.raises(SubjectError, match="computes no loss") as caught:
        case_of_file(path)
    head, *lines = str(caught.value).splitlines()
    place = int(head.split("before line ")[1].split(" ")[0])
    assert [line.strip() for line in lines] == [
        "loss = 0.5 * np.sum((y - out) ** 2)",
        "dW1 = -h.T.dot(delta)",
        "dW0 = -X.T.dot(back)",
    ]
    rows = WITHOUT_A_LOSS.splitlines()
    mended = path_of("\n".join([*rows[: place - 1], *lines, *rows[place - 1 :]]))
    assert check_file(mended, budget=0).outcome is Outcome.AGREE


@pytest.mark.parametrize(
    ("old", "new"), [("(y - out)", "y.__sub__(out)"), ("import numpy as np", "from numpy import *; import numpy as np")]
)
def test_no_lines_are_given_that_were_not_tried(path_of, old, new):
    with pytest.raises(GradcheckError) as caught:
        case_of_file(path_of(WITHOUT_A_LOSS.replace(old, new).replace("h.T.dot(delta)", "undefined")))
    assert "put these lines" not in str(caught.value)


def test_what_a_script_that_trains_needs_is_said_where_no_loss_is_found(path_of):
    with pytest.raises(SubjectError, match=r"a script that trains needs, in one turn of its loop, its loss in a var"):
        case_of_file(path_of(IN_LAYERS.replace("    L = np.mean", "    quality = np.mean")))
