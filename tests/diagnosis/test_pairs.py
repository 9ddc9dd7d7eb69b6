"""Forward and backward passes checked alone: which of them is wrong, and several faults in several of them."""

import ast

import numpy as np
import pytest

from gradcheck import diagnose
from gradcheck.diagnosis.benches import changed_case
from gradcheck.diagnosis.edits import apply_edits
from gradcheck.diagnosis.pair_faults import innocent, right_alone, try_pairs
from gradcheck.diagnosis.pairs import Pair, pairs_in
from gradcheck.evidence.swept_gradients import swept_gradient
from gradcheck.subject.cases import gradient_at, loss_at, own_point
from gradcheck.subject.targets import case_of_file

CACHES = """\
import numpy as np

r = np.random.RandomState(0)
X, Y = r.randn(5, 3), r.randn(5, 2)


def affine_forward(x, W, b):
    return x @ W + b, (x, W)


def affine_backward(dout, cache):
    x, W = cache
    return dout @ W.T, x.T @ dout, dout.sum(axis=0)


def swish(z):
    s = 1 / (1 + np.exp(-z))
    return z * s, (z, s)


def dswish(da, cache):
    z, s = cache
    return da * (s + z * s * (1 - s))


def point(seed):
    r = np.random.RandomState(seed)
    return {"W": r.randn(3, 4), "b": r.randn(4), "V": r.randn(4, 2), "c": r.randn(2)}


def loss(W, b, V, c):
    h, _ = swish(affine_forward(X, W, b)[0])
    return np.sum((affine_forward(h, V, c)[0] - Y) ** 2)


def grads(W, b, V, c):
    z, first = affine_forward(X, W, b)
    h, second = swish(z)
    o, third = affine_forward(h, V, c)
    dh, dV, dc = affine_backward(2 * (o - Y), third)
    dz = dswish(dh, second)
    _, dW, db = affine_backward(dz, first)
    return {"W": dW, "b": db, "V": dV, "c": dc}
"""

CLASSES = """\
import numpy as np

r = np.random.RandomState(0)
X, Y = r.randn(5, 3), r.randn(5, 2)


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


class Tanh:
    def forward(self, x):
        self.y = np.tanh(x)
        return self.y

    def backward(self, dout):
        return dout * (1 - self.y ** 2)


def point(seed):
    r = np.random.RandomState(seed)
    return {"W": r.randn(3, 4), "b": r.randn(4), "V": r.randn(4, 2), "c": r.randn(2)}


def layers(W, b, V, c):
    return [Dense(W, b), Tanh(), Dense(V, c)]


def run(net):
    h = X
    for layer in net:
        h = layer.forward(h)
    return h


def loss(W, b, V, c):
    return np.sum((run(layers(W, b, V, c)) - Y) ** 2)


def grads(W, b, V, c):
    net = layers(W, b, V, c)
    d = 2 * (run(net) - Y)
    for layer in reversed(net):
        d = layer.backward(d)
    return {"W": net[0].dW, "b": net[0].db, "V": net[2].dW, "c": net[2].db}
"""

FAULTS = [
    (CACHES, [("x.T @ dout", "x.T @ dout / len(x)")], {"affine_backward": {"W"}}),
    (CACHES, [("z * s * (1 - s)", "s * (1 - s)")], {"dswish": {"z"}}),
    (CACHES, [("dout.sum(axis=0)", "dout.mean(axis=0)"), ("+ z * s", "- z * s")],
     {"affine_backward": {"b"}, "dswish": {"z"}}),
    (CLASSES, [("1 - self.y ** 2", "1 - self.y")], {"Tanh.backward": {"x"}}),
    (CLASSES, [("dout.sum(axis=0)", "dout.mean(axis=0)"), ("d = 2 *", "d =")], {"Dense.backward": {"self_b"}}),
]  # fmt: skip


def planted(tmp_path, text, changes):
    for right, wrong in changes:
        assert right in text
        text = text.replace(right, wrong)
    path = tmp_path / "net.py"
    path.write_text(text)
    return path


@pytest.mark.parametrize(("text", "changes", "wrong"), FAULTS)
def test_the_pair_that_is_wrong_alone_is_found(tmp_path, text, changes, wrong):
    case = case_of_file(planted(tmp_path, text, changes))

    found = try_pairs(case, [own_point(case, seed) for seed in (1, 2)])

    told = {(".".join(filter(None, (one.pair.owner, one.pair.backward)))): set(one.wrong) for one in found}
    assert {name: names for name, names in told.items() if names} == wrong
    assert right_alone(found) == {name for name, names in told.items() if not names}
    assert len(told) == 2


@pytest.mark.parametrize("text", [CACHES, CLASSES])
def test_right_pairs_are_right_alone(tmp_path, text):
    case = case_of_file(planted(tmp_path, text, []))

    assert len(right_alone(try_pairs(case, [own_point(case, seed) for seed in (1, 2)]))) == 2


@pytest.mark.parametrize("text", [CACHES, CLASSES])
def test_one_sweep_tells_the_truth_about_a_pair(tmp_path, text):
    case = case_of_file(planted(tmp_path, text, []))

    for one in try_pairs(case, [own_point(case, seed) for seed in (1, 2)]):
        swept = swept_gradient(one.case, one.points[0], loss_at(one.case, one.points[0]))
        own = gradient_at(one.case, one.points[0])
        assert swept is not None
        assert all(np.allclose(swept[name], own[name], rtol=1e-12) for name in own)


@pytest.mark.parametrize(("text", "changes", "wrong"), FAULTS[1:])
def test_faults_in_pairs_are_mended(tmp_path, assert_same, text, changes, wrong):
    path = planted(tmp_path, text, changes)
    case = case_of_file(path)

    best = diagnose(path, budget=20.0).fixes[0]

    mended, true = changed_case(case, apply_edits(path.read_text(), best.edits)), changed_case(case, text)
    assert len({edit.span.line for edit in best.edits}) == len(changes)
    assert best.other_shapes >= 2
    assert_same(true, mended, range(900, 905))


@pytest.mark.parametrize(
    ("names", "pairs"),
    [
        (("conv_forward", "conv_backward"), [("conv_forward", "conv_backward")]),
        (("fwd_conv", "bwd_conv"), [("fwd_conv", "bwd_conv")]),
        (("relu", "drelu"), [("relu", "drelu")]),
        (("relu", "d_relu"), [("relu", "d_relu")]),
        (("pool", "pool_back"), [("pool", "pool_back")]),
        (("forward", "backward"), [("forward", "backward")]),
        (("loss", "grads"), []),
        (("decode", "encode"), []),
    ],
)
def test_how_pairs_are_named(names, pairs):
    tree = ast.parse("\n".join(f"def {name}(x):\n    return x" for name in names))

    assert pairs_in(tree) == [Pair(*one) for one in pairs]


def test_a_pair_that_is_right_alone_stands_behind(tmp_path):
    path = planted(tmp_path, CACHES, [("dswish(dh, second)", "dswish(2 * dh, second)")])

    found = diagnose(path, budget=20.0)

    assert found.suspects[0].function == "grads"
    inside = [one for one in found.suspects if one.function in ("affine_backward", "dswish")]
    assert {one.why for one in inside} <= {
        "the forward and the backward pass it belongs to agree; another value would make up for a fault elsewhere"
    }
    assert all(one.rank > 2 for one in inside)


GATES = """\
import numpy as np

X, Y = np.random.RandomState(0).randn(7), np.random.RandomState(1).randn(7)


def late(x, k):
    return np.concatenate([np.zeros(k), x[:-k]])


def early(x, k):
    return np.concatenate([x[k:], np.zeros(k)])


def point(seed):
    r = np.random.RandomState(seed)
    return {"f": r.randn(3), "g": r.randn(3), "first": r.randn(2)}


def taps(x, w):
    return w[0] * x + w[1] * late(x, 1) + w[2] * late(x, 2)


def taps_back(d, x, w):
    dw = np.array([d @ x, d @ late(x, 1), d @ late(x, 2)])
    dx = w[0] * d + w[1] * early(d, 1) + w[2] * early(d, 2)
    return dx, dw


def forward(f, g, first):
    x = np.tanh(first[0] * X + first[1])
    a, b = np.tanh(taps(x, f)), np.sin(taps(x, g))
    return x, a, b


def loss(f, g, first):
    _, a, b = forward(f, g, first)
    return np.mean((a * b - Y) ** 2)


def grads(f, g, first):
    x, a, b = forward(f, g, first)
    dy = 2 * (a * b - Y) / len(Y)
    da = dy * b * (1 - a ** 2)
    db = dy * a * np.cos(taps(x, g))
    d1, df = taps_back(da, x, f)
    d2, dg = taps_back(db, x, g)
    ds = (d1 + d2) * (1 - x ** 2)
    return {"f": df, "g": dg, "first": np.array([ds @ X, ds.sum()])}
"""


def test_of_two_calls_with_the_same_input_the_one_with_the_same_weights_is_meant(tmp_path):
    case = case_of_file(planted(tmp_path, GATES, []))
    assert right_alone(try_pairs(case, [own_point(case, seed) for seed in (1, 2)])) == {"taps_back"}


def test_another_function_is_called_everywhere(tmp_path, assert_same):
    wrong = ("early(d, 1) + w[2] * early(d, 2)", "late(d, 1) + w[2] * late(d, 2)")
    path = planted(tmp_path, GATES, [wrong])

    found = diagnose(path, budget=20.0)

    assert found.suspects[0].statement.startswith("dx = ")
    case = case_of_file(path)
    mended, true = changed_case(case, apply_edits(path.read_text(), found.fixes[0].edits)), changed_case(case, GATES)
    assert_same(true, mended, range(900, 905))


def test_nothing_is_changed_in_a_pair_that_is_right(tmp_path):
    right = CACHES
    case = case_of_file(planted(tmp_path, right, []))
    alone = try_pairs(case, [own_point(case, seed) for seed in (1, 2)])
    assert innocent(alone) <= right_alone(alone)
