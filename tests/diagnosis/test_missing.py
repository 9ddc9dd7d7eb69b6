"""A statement that is missing altogether is found, with the line after which it is missing."""

import ast

import numpy as np
import pytest

from gradcheck.diagnosis.benches import changed_case
from gradcheck.diagnosis.diagnosing import diagnose
from gradcheck.diagnosis.edits import apply_edits, read_source
from gradcheck.diagnosis.spots import rounds_in, totals_in
from gradcheck.diagnosis.truths import refuted, truth_at
from gradcheck.subject.cases import gradient_at, own_point

RNN = """
    XS = np.random.default_rng(1).normal(size=(4, 3))
    TARGET = np.array([0.3, -0.4])

    def point(seed):
        r = np.random.default_rng(seed)
        return {"W": r.normal(size=(2, 3)), "U": r.normal(size=(2, 2)), "b": r.normal(size=2)}

    def states(W, U, b):
        hs = [np.zeros(2)]
        for x in XS:
            hs.append(np.tanh(W @ x + U @ hs[-1] + b))
        return hs

    def loss(W, U, b):
        return sum(float(np.sum((h - TARGET) ** 2)) for h in states(W, U, b)[1:]) / len(XS)

    def grads(W, U, b):
        hs = states(W, U, b)
        g = {"W": np.zeros_like(W), "b": np.zeros_like(b)}
        g["U"] = np.zeros_like(U)
        dnext = np.zeros(2)
        for t in range(len(XS), 0, -1):
            dh = 2 * (hs[t] - TARGET) + dnext
            dz = dh * (1 - hs[t] ** 2)
            g["W"] += np.outer(dz, XS[t - 1])
            g["U"] += np.outer(dz, hs[t - 1])
            g["b"] += dz
            dnext = U.T @ dz
        g["W"] /= len(XS)
        g["U"] /= len(XS)
        g["b"] /= len(XS)
        return g
"""


def diagnosed(bench):
    case = bench.original
    points = [own_point(case, seed) for seed in range(6)]
    with np.errstate(all="ignore"):
        wrong = refuted(truth_at(case, points[0]), gradient_at(case, points[0]))
    return diagnose(case, points, wrong, 40.0)


@pytest.mark.parametrize(
    ("missing", "named"),
    [
        ('            g["U"] += np.outer(dz, hs[t - 1])\n', 'g["b"] += dz'),
        ('            g["b"] += dz\n', 'g["U"] += np.outer(dz, hs[t - 1])'),
        ("            dnext = U.T @ dz\n", 'g["b"] += dz'),
        ('        g["U"] /= len(XS)\n', 'g["U"] += np.outer(dz, hs[t - 1])'),
    ],
)
def test_a_missing_statement_is_written(bench_of, missing, named):
    assert missing in RNN
    bench, right = bench_of(RNN.replace(missing, "")), bench_of(RNN).original

    found = diagnosed(bench)

    mended = changed_case(bench.original, apply_edits(bench.text, found.fixes[0].edits))
    for seed in range(50, 55):
        point = own_point(right, seed)
        for name, true in gradient_at(right, point).items():
            np.testing.assert_allclose(gradient_at(mended, point)[name], true, rtol=1e-9, atol=1e-12)
    assert found.suspects[0].statement == named
    assert found.suspects[0].status != "exonerated"


FUNCTION = """\
def grads(W):
    g = make(W)
    total = 0.0
    for x in xs:
        dz = x * W
        total += dz
        W = dz
    return {"W": total}
"""


def test_spots_follow_the_last_store_of_their_block():
    tree, source = ast.parse(FUNCTION), read_source(FUNCTION)
    (function,) = tree.body

    spots = {(one.target, one.after.lineno) for one in totals_in(source, function, ["W"])}

    assert spots == {("g", 2), ("total", 4), ("total", 6), ("dz", 4), ("dz", 5), ("W", 4), ("W", 7)}


def test_what_a_round_reads_is_stored_anew():
    text = FUNCTION.replace("        total += dz\n", "").replace("g = make(W)", "g = 0.0").replace("x * W", "x * g")
    (function,) = ast.parse(text).body

    found = list(rounds_in(read_source(text), function, ["W"]))

    assert [(one.how, [end.after.lineno for end in one.ends]) for one in found] == [("=", [6]), ("+=", [6])]
    assert found[1].total is not None
    assert found[1].total.after.lineno == 4
