"""Parts of a formula exchanged, the window of another operand, a mean over a mask: offered, and files mended."""

import ast

import numpy as np
import pytest

from gradcheck import diagnose
from gradcheck.diagnosis.benches import changed_case
from gradcheck.diagnosis.candidates.brackets import regroup
from gradcheck.diagnosis.candidates.exchanges import exchange_parts
from gradcheck.diagnosis.candidates.places import operands, place_at
from gradcheck.diagnosis.candidates.statements import change_statement
from gradcheck.diagnosis.candidates.supports import restrict_means
from gradcheck.diagnosis.candidates.windows import other_windows
from gradcheck.diagnosis.edits import apply_edits, apply_swaps, read_source
from gradcheck.diagnosis.pools import Named
from gradcheck.diagnosis.shares import shares_in
from gradcheck.subject.targets import case_of_file

M, KEPT = np.arange(6.0).reshape(2, 3), np.array([[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]])
SCOPE = {"np": np, "M": M, "v": np.arange(3.0)}


def placed(expression):
    text = f"d = {expression}\n"
    return text, place_at(read_source(text), ast.parse(text).body[0].value)


def offered(found, text):
    return {apply_swaps(text, one.swaps)[4:-1] for one in found}


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("k[0] * roll(x, 1) + k[2] * roll(x, -1)", "k[0] * roll(x, -1) + k[2] * roll(x, 1)"),
        ("k[0] * roll(x, 1) + k[2] * roll(x, -1)", "k[2] * roll(x, 1) + k[0] * roll(x, -1)"),
        ("a * z + b * r", "b * z + a * r"),
        ("u[1:, j] - u[:-1, j]", "u[:-1, j] - u[1:, j]"),
        ("f(x, n=2) + f(x, n=3)", "f(x, n=3) + f(x, n=2)"),
    ],
)
def test_like_parts_are_exchanged(wrong, right):
    text, place = placed(wrong)
    assert right in offered(exchange_parts(place), text)


def test_a_part_is_not_exchanged_with_what_it_stands_in():
    text, place = placed("f(f(x))")
    assert not offered(exchange_parts(place), text)


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("d[:, :K]", "d[:, K:2 * K]"),
        ("d[:, K:2 * K]", "d[:, :K]"),
        ("d[2 * H:3 * H]", "d[3 * H:4 * H]"),
        ("d[H:]", "d[2 * H:3 * H]"),
        ("d[0:3]", "d[3:6]"),
        ("d[self.n:self.n * 2]", "d[2 * self.n:3 * self.n]"),
    ],
)
def test_windows_of_the_same_width_are_offered(wrong, right):
    text, place = placed(wrong)
    assert right in offered(other_windows(place), text)


@pytest.mark.parametrize("slice_", ["d[:]", "d[::2]", "d[K:H]", "d[-3:]", "d[3:2]"])
def test_of_other_slices_no_window_is_told(slice_):
    text, place = placed(slice_)
    assert not offered(other_windows(place), text)


@pytest.mark.parametrize(
    ("wrong", "mask", "right"),
    [
        ("v - v.mean()", Named("v > 0", (np.arange(3.0) > 0,), 0.1), "v - v[v > 0].mean()"),
        ("v - np.mean(v)", Named("s", (np.array([True, False, True]),), 0.0), "v - v[s].mean()"),
        ("M.mean(axis=1, keepdims=True)", Named("keep", (KEPT,), 0.0),
         "(M * keep).sum(axis=1, keepdims=True) / keep.sum(axis=1, keepdims=True)"),
        ("np.mean(M, 0)", Named("keep", (KEPT,), 0.0), "(M * keep).sum(0) / keep.sum(0)"),
    ],
)  # fmt: skip
def test_a_mean_over_a_mask_is_offered(wrong, mask, right):
    text, place = placed(wrong)
    nodes = [node for node in operands(place) if not isinstance(node, ast.Compare)]
    values = {node: (eval(ast.unparse(node), SCOPE),) for node in nodes}
    assert right in offered(restrict_means(place, [mask], values), text)


SHIFTS = """\
import numpy as np

R = np.random.RandomState(25)
T = R.randn(7)


def point(seed):
    r = np.random.RandomState(seed)
    return {"l": r.rand() + 0.2, "m": r.rand() + 0.2, "n": r.rand() + 0.2, "u": r.randn(7)}


def move(u, l, m, n):
    return np.tanh(l * np.roll(u, 2) + m * u + n * np.roll(u, -2))


def loss(l, m, n, u):
    return 0.5 * np.sum((move(move(u, l, m, n), l, m, n) - T) ** 2)


def grads(l, m, n, u):
    h = move(u, l, m, n)
    y = move(h, l, m, n)
    d, g = y - T, {"l": 0.0, "m": 0.0, "n": 0.0}
    for before, after in ((h, y), (u, h)):
        d = d * (1 - after ** 2)
        g["l"] += d @ np.roll(before, 2)
        g["m"] += d @ before
        g["n"] += d @ np.roll(before, -2)
        d = l * np.roll(d, -2) + m * d + n * np.roll(d, 2)
    return {**g, "u": d}
"""
JOINED = """\
import numpy as np

R = np.random.RandomState(9)
I, J, X, T, K = np.array([0, 1, 2, 1, 0]), np.array([1, 1, 0, 2, 2]), R.randn(5, 1), R.randn(5), 2


def point(seed):
    r = np.random.RandomState(seed)
    return {"P": r.randn(3, K), "Q": r.randn(3, K), "w": r.randn(2 * K + 1)}


def loss(P, Q, w):
    return 0.5 * np.sum((np.tanh(np.concatenate([P[I], Q[J], X], axis=1)) @ w - T) ** 2)


def grads(P, Q, w):
    h = np.tanh(np.concatenate([P[I], Q[J], X], axis=1))
    e = h @ w - T
    dx = np.outer(e, w) * (1 - h ** 2)
    dP, dQ = np.zeros_like(P), np.zeros_like(Q)
    np.add.at(dP, I, dx[:, :K])
    np.add.at(dQ, J, dx[:, K:2 * K])
    return {"P": dP, "Q": dQ, "w": h.T @ e}
"""
TREE = """\
import numpy as np

R = np.random.RandomState(35)
BELOW, X, T = {0: (), 1: (), 2: (0, 1), 3: (), 4: (2, 3)}, R.randn(5, 2), R.randn(3)


def point(seed):
    r = np.random.RandomState(seed)
    return {"W": r.randn(3, 2), "V": r.randn(3, 3), "G": r.randn(3, 3)}


def climb(W, V, G):
    h, gate = {}, {}
    for j in range(5):
        total = np.zeros(3)
        for k in BELOW[j]:
            gate[k] = 1 / (1 + np.exp(-(W @ X[j] + G @ h[k])))
            total = total + gate[k] * h[k]
        h[j] = np.tanh(W @ X[j] + V @ total)
    return h, gate


def loss(W, V, G):
    return 0.5 * np.sum((climb(W, V, G)[0][4] - T) ** 2)


def grads(W, V, G):
    h, gate = climb(W, V, G)
    dW, dV, dG = np.zeros_like(W), np.zeros_like(V), np.zeros_like(G)
    dh = {j: np.zeros(3) for j in range(5)}
    dh[4] = h[4] - T
    for j in range(4, -1, -1):
        da = dh[j] * (1 - h[j] ** 2)
        dW += np.outer(da, X[j])
        dV += np.outer(da, sum((gate[k] * h[k] for k in BELOW[j]), np.zeros(3)))
        dsum = V.T @ da
        for k in BELOW[j]:
            dgate = dsum * h[k] * gate[k] * (1 - gate[k])
            dG += np.outer(dgate, h[k])
            dW += np.outer(dgate, X[j])
            dh[k] = dsum * gate[k] + G.T @ dgate
    return {"W": dW, "V": dV, "G": dG}
"""
PENALTY = """\
import numpy as np

R = np.random.RandomState(45)
X, T, MU = R.rand(5, 4), R.rand(5, 2), 0.2


def point(seed):
    r = np.random.RandomState(seed)
    return {"P": r.randn(4, 3), "V": r.randn(3, 2)}


def loss(P, V):
    a = np.tanh(X @ P)
    fit = np.sum((a @ V - T) ** 2)
    bend = np.sum((1 - a * a) ** 2 @ np.sum(P ** 2, axis=0))
    return 0.5 * (fit + MU * bend) / len(T)


def grads(P, V):
    n = len(T)
    a = np.tanh(X @ P)
    s = 1 - a * a
    e = (a @ V - T) / n
    da = e @ V.T - 2 * MU / n * s * a * np.sum(P ** 2, axis=0)
    dP = X.T @ (da * s)
    dP += MU / n * P * np.sum(s ** 2, axis=0)
    return {"P": dP, "V": a.T @ e}
"""


@pytest.mark.parametrize(
    ("text", "right", "wrong"),
    [
        (SHIFTS, "l * np.roll(d, -2) + m * d + n * np.roll(d, 2)", "l * np.roll(d, 2) + m * d + n * np.roll(d, -2)"),
        (JOINED, "dx[:, K:2 * K]", "dx[:, :K]"),
        (TREE, "dsum * gate[k] + G.T @ dgate", "dsum * gate[k]"),
        (PENALTY, "    dP += MU / n * P * np.sum(s ** 2, axis=0)\n", ""),
    ],
)
def test_a_whole_file_is_mended(tmp_path, assert_same, text, right, wrong):
    assert text.count(right) == 1
    broken = text.replace(right, wrong)
    (tmp_path / "right.py").write_text(text, encoding="utf-8")
    (tmp_path / "net.py").write_text(broken, encoding="utf-8")
    true, case = case_of_file(tmp_path / "right.py"), case_of_file(tmp_path / "net.py")
    (first, *_) = diagnose(case.subject.path).fixes
    assert_same(true, changed_case(case, apply_edits(broken, first.edits)), range(50, 54))


@pytest.mark.parametrize(
    ("statements", "shares"),
    [
        ([("", "(rec + LAM * pen) / n")], {"rec": "1 / n", "pen": "LAM / n"}),
        ([("", "fit - MU * pen")], {"fit": "1.0", "pen": "-MU"}),
        ([("all", "fit + MU * pen"), ("", "0.5 * all / n")], {"all": "0.5 / n", "pen": "0.5 / n * MU"}),
    ],
)
def test_what_a_part_of_the_loss_is_multiplied_with(statements, shares):
    found = shares_in([(target, ast.parse(text, mode="eval").body) for target, text in statements])
    assert shares.items() <= found.items()


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("s * u - u.mean() - h", "s * (u - u.mean() - h)"),
        ("s * u - v - w", "s * (u - v) - w"),
        ("a - b * c + d", "a - b * (c - d)"),
        ("u - v / n", "(u - v) / n"),
        ("s * (u - v - w)", "s * u - v - w"),
        ("(u - v) / n", "u - v / n"),
        ("g * o * 1 - t * t", "g * o * (1 - t * t)"),
        ("(a + b) @ W.T", "a + b @ W.T"),
    ],
)
def test_more_or_less_is_put_in_brackets(wrong, right):
    text, place = placed(wrong)
    assert right in offered(regroup(place), text)


def test_the_names_of_a_loop_are_exchanged():
    text = "def f(tape):\n    for t, (x, h) in enumerate(tape):\n        pass\n"
    (loop,) = ast.parse(text).body[0].body
    found = {apply_swaps(text, one.swaps).split("\n")[1].strip() for one in change_statement(read_source(text), loop)}
    assert found == {"for t, (h, x) in enumerate(tape):", "for (x, h), t in enumerate(tape):"}
