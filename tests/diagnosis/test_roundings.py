"""Gradients that are zero by what cancels: no right one is refuted, no fault hides there, and files are mended."""

import numpy as np
import pytest

from gradcheck import diagnose
from gradcheck.diagnosis.benches import changed_case
from gradcheck.diagnosis.edits import apply_edits
from gradcheck.diagnosis.outputs import outputs_of
from gradcheck.diagnosis.roundings import lost_digits
from gradcheck.diagnosis.silencing import is_felt
from gradcheck.diagnosis.true_gradients import truth_at
from gradcheck.diagnosis.truths import is_refuted
from gradcheck.diagnosis.verifying import is_sharp
from gradcheck.subject.cases import gradient_at, own_point
from gradcheck.subject.targets import case_of_file

# Softmax does not see what is added to a whole row: the bias of the keys has no part in the loss.
KEYS = """\
import numpy as np

R = np.random.RandomState(4)
X, T = R.randn(5, 3), R.randn(5, 2)


def point(seed):
    r = np.random.RandomState(seed)
    return {"Wq": r.randn(3, 4), "Wk": r.randn(3, 4), "bk": r.randn(4), "Wv": r.randn(3, 2)}


def forward(Wq, Wk, bk, Wv):
    q, k, v = X @ Wq, X @ Wk + bk, X @ Wv
    s = q @ k.T
    e = np.exp(s - s.max(axis=1, keepdims=True))
    a = e / e.sum(axis=1, keepdims=True)
    return q, k, v, a, a @ v


def loss(**p):
    return 0.5 * np.sum((forward(**p)[-1] - T) ** 2)


def grads(**p):
    q, k, v, a, o = forward(**p)
    do = o - T
    da = do @ v.T
    ds = a * (da - (da * a).sum(axis=1, keepdims=True))
    dk = ds.T @ q
    return {"Wq": X.T @ (ds @ k), "Wk": X.T @ dk, "bk": dk.sum(axis=0), "Wv": X.T @ (a.T @ do)}
"""
NORM = """\
import numpy as np

R = np.random.RandomState(2)
X, T = R.randn(6, 3), R.randn(6, 4)


def point(seed):
    r = np.random.RandomState(seed)
    return {"W": r.randn(3, 4), "b": r.randn(4), "g": r.rand(4) + 0.5}


def loss(W, b, g):
    z = X @ W + b
    return 0.5 * np.sum((g * (z - z.mean(axis=0)) / np.sqrt(z.var(axis=0) + 1e-5) - T) ** 2)


def grads(W, b, g):
    z = X @ W + b
    c, s = z - z.mean(axis=0), 1 / np.sqrt(z.var(axis=0) + 1e-5)
    dy = g * c * s - T
    dc = dy * g
    dv = (dc * c).sum(axis=0) * -0.5 * s ** 3
    dz = dc * s - (dc * s).mean(axis=0) + 2 * dv * c / len(X)
    return {"W": X.T @ dz, "b": dz.sum(axis=0), "g": (dy * c * s).sum(axis=0)}
"""


def case_of(tmp_path, text):
    (tmp_path / "net.py").write_text(text, encoding="utf-8")
    return case_of_file(tmp_path / "net.py")


@pytest.mark.parametrize(("text", "name"), [(KEYS, "bk"), (NORM, "b")])
def test_another_order_of_roundings_is_not_refuted_and_a_fault_is(tmp_path, text, name):
    case = case_of(tmp_path, text)
    truth = truth_at(case, own_point(case, 3))
    right = gradient_at(case, truth.point)
    assert np.abs(right[name]).max() < 1e-13  # zero, on paper
    assert not is_refuted(truth, {**right, name: np.zeros_like(right[name])})
    assert is_refuted(truth, {**right, name: right[name] + 1e-9})
    assert truth.vanishing == {name}
    assert is_sharp(truth)


def test_no_rounding_outweighs_what_is_a_gradient(tmp_path):
    case = case_of(tmp_path, KEYS)
    truth = truth_at(case, own_point(case, 3))
    weights = outputs_of(truth, gradient_at(case, truth.point)).weights
    assert weights.max() < 1e8


def test_what_is_small_but_no_rounding_is_known_to_its_last_digits():
    point = {"a": np.array([1.5]), "b": np.array([30.0])}

    def gradient(at):
        return {"a": 2 * at["a"], "b": -np.exp(-at["b"])}  # of a^2 + exp(-b)

    assert lost_digits(point, gradient(point), gradient) == {}


@pytest.mark.parametrize(
    ("text", "right", "wrong"),
    [
        (KEYS, "dk = ds.T @ q", "dk = ds.T @ k"),
        (NORM, "-0.5 * s ** 3", "-0.5 * s"),
        (NORM, "2 * dv * c / len(X)", "2 * dv * c"),
    ],
)
def test_a_file_with_such_a_parameter_is_mended(tmp_path, text, right, wrong):
    assert text.count(right) == 1
    true = case_of(tmp_path, text)
    broken = text.replace(right, wrong)
    case = case_of(tmp_path, broken)
    (first, *_) = diagnose(case.subject.path).fixes
    mended = changed_case(case, apply_edits(broken, first.edits))
    for seed in range(50, 54):
        point = own_point(true, seed)
        found, wanted = gradient_at(mended, point), gradient_at(true, point)
        for name in wanted:
            np.testing.assert_allclose(found[name], wanted[name], rtol=1e-9, atol=1e-12)


MASKED = """\
import numpy as np

R = np.random.RandomState(2)
X, T = R.randn(6, 3), R.randn(6, 4)


def point(seed):
    return {"W": np.random.RandomState(seed).randn(3, 4)}


def loss(W):
    return 0.5 * np.sum((np.maximum(X @ W, 0) - T) ** 2)


def grads(W):
    z = X @ W
    d = np.maximum(z, 0) - T
    return {"W": X.T @ (d * (z > 0))}
"""


def test_a_border_at_zero_is_felt_where_it_is_one(tmp_path):
    case = case_of(tmp_path, MASKED)
    truths = [truth_at(case, own_point(case, seed)) for seed in range(1, 4)]
    idle = MASKED.replace("d * (z > 0)", "d * (z > 0) * (np.exp(z) > 0.0)")

    assert is_felt(case, MASKED.replace("(d * (z > 0))", "d"), MASKED, truths, 10.0)
    assert not is_felt(case, MASKED.replace("z > 0", "z > 1"), idle, truths, 10.0)


POOLED = """\
import numpy as np

R = np.random.RandomState(8)
X, C = R.randn(2, 4, 4), R.randn(2, 2)


def point(seed):
    return {"b": np.random.RandomState(seed).randn(2), "s": np.random.RandomState(seed + 1).rand(4) + 0.5}


def loss(b, s):
    z, total = np.tanh((X + b[:, None, None]) * s), 0.0
    for c in range(2):
        for i in range(2):
            part = z[c, 2 * i:2 * i + 2]
            total = total + C[c, i] * np.max(part)
    return total


def grads(b, s):
    z = np.tanh((X + b[:, None, None]) * s)
    dz = np.zeros_like(z)
    for c in range(2):
        for i in range(2):
            part = z[c, 2 * i:2 * i + 2]
            dz[c, 2 * i:2 * i + 2] += C[c, i] * (part == part.max())
    da = dz * (1 - z ** 2)
    return {"b": (da * s).sum(axis=(1, 2)), "s": (da * (X + b[:, None, None])).sum(axis=(0, 1))}
"""


def test_the_place_of_a_maximum_is_mended(tmp_path, assert_same):
    true = case_of(tmp_path, POOLED)
    broken = POOLED.replace("C[c, i] * (part == part.max())", "C[c, i]")
    case = case_of(tmp_path, broken)
    (first, *_) = diagnose(case.subject.path).fixes
    assert_same(true, changed_case(case, apply_edits(broken, first.edits)), range(50, 54))
