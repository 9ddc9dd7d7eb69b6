"""Gradients of another shape than their parameter, under another name, or not returned at all."""

import time

import numpy as np
import pytest

from gradcheck.diagnosis.benches import changed_case
from gradcheck.diagnosis.diagnosing import diagnose
from gradcheck.diagnosis.edits import apply_edits
from gradcheck.diagnosis.true_gradients import truth_at
from gradcheck.diagnosis.truths import refuted
from gradcheck.subject.cases import gradient_at, own_point

NET = """
    X = np.array([[0.5, -1.2, 0.3], [0.3, 0.8, -0.6], [-0.7, 0.4, 0.9], [1.1, 0.2, 0.7]])

    def point(seed):
        r = np.random.default_rng(seed)
        return {"W": r.normal(size=(3, 2)), "b": r.normal(size=2)}

    def loss(W, b):
        return 0.5 * np.sum(np.tanh(X @ W + b) ** 2)

    def grads(W, b):
        h = np.tanh(X @ W + b)
        dz = h * (1 - h**2)
        dW = X.T @ dz
        db = dz.sum(axis=0)
        return {"W": dW, "b": db}
"""
UNREAD = " (`{}`, made on line {}, is read nowhere else)"
FAULTS = {
    "a sum over the samples left out": ("db = dz.sum(axis=0)", "db = dz", "the sum of `dz` over axis 0 is missing"),
    "flattened": ("dW = X.T @ dz", "dW = (X.T @ dz).ravel()", "`X.T @ dz` belongs where `(X.T @ dz).ravel()` stands"),
    "transposed": ("dW = X.T @ dz", "dW = dz.T @ X", "`dz.T @ X` must be transposed"),
    "an entry missing": (', "b": db', "", "the entry `'b'` is missing: `db` is its gradient" + UNREAD.format("db", 17)),
    "another name": ('"b": db', '"db": db', "the gradient returned as `'db'` is that of `'b'`"),
    "None": ('"b": db', '"b": None', "`db` belongs where `None` stands" + UNREAD.format("db", 17)),
    "no return": (
        'return {"W": dW',
        'answer = {"W": dW',
        "the statement `return answer` is missing" + UNREAD.format("answer", 18),
    ),
}


def diagnosed(bench, budget=20.0, whole=None):
    points = [own_point(bench.original, seed) for seed in range(5)]
    with np.errstate(all="ignore"):
        wrong = refuted(truth_at(bench.original, points[0]), gradient_at(bench.original, points[0]))
    return diagnose(bench.original, points, wrong, budget, whole=whole)


@pytest.mark.parametrize("fault", FAULTS)
def test_the_line_is_named_and_mended(bench_of, fault):
    right, wrong, why = FAULTS[fault]
    bench = bench_of(NET.replace(right, wrong, 1))
    found = diagnosed(bench)
    assert found.fixes[0].why == why
    mended = changed_case(bench.original, apply_edits(bench.text, found.fixes[0].edits))
    original = bench_of(NET).original
    for seed in range(50, 53):
        point = own_point(original, seed)
        for name, true in gradient_at(original, point).items():
            np.testing.assert_allclose(gradient_at(mended, point)[name], true, rtol=1e-12)


SLOW = NET.replace("def point", "import time\n\n    def point").replace(
    "dz = h", "end = time.process_time() + 0.05\n        while time.process_time() < end: pass\n        dz = h"
)


def test_a_slow_gradient_keeps_to_the_budget_and_names_its_suspects(bench_of):
    bench = bench_of(SLOW.replace("(1 - h**2)", "(1 - h)"))
    start = time.process_time()
    found = diagnosed(bench, budget=1.0, whole=5.0)
    assert time.process_time() - start < 4.0  # the budget, the points of this test, and the last run
    assert found.suspects
    assert found.fixes or any("after 1 s of CPU: --timeout 30 looks further" in note for note in found.notes)
