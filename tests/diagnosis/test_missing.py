"""A statement that is missing altogether is found, with the line after which it is missing."""

import ast

import numpy as np
import pytest

from gradcheck.diagnosis.benches import changed_case
from gradcheck.diagnosis.diagnosing import diagnose
from gradcheck.diagnosis.edits import apply_edits, read_source
from gradcheck.diagnosis.phrasing import statement_of
from gradcheck.diagnosis.spots import spots_in
from gradcheck.diagnosis.true_gradients import truth_at
from gradcheck.diagnosis.truths import refuted
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
def test_a_missing_statement_is_written(bench_of, assert_same, missing, named):
    assert missing in RNN
    bench, right = bench_of(RNN.replace(missing, "")), bench_of(RNN).original

    found = diagnosed(bench)

    mended = changed_case(bench.original, apply_edits(bench.text, found.fixes[0].edits))
    assert_same(right, mended, range(50, 55))
    assert found.suspects[0].statement == named
    assert found.suspects[0].status != "exonerated"


FUNCTION = """\
def grads(W, dz):
    g = make(W)
    total = np.zeros(3)
    for x in xs:
        dz = dz + x * g
        total += dz
        if x > 0:
            part = dz * 2
            W = W - part
    return {"W": total}
"""


def spots_of(text):
    (function,) = ast.parse(text).body
    return spots_in(read_source(text), function, ["W"])


def test_spots_stand_between_two_uses_at_the_latest_line():
    found = {(one.after.lineno, len(one.indent)) for one in spots_of(FUNCTION) if one.target == "dz"}

    assert found == {(3, 4), (5, 8), (6, 8), (7, 8), (8, 12), (9, 12)}


def test_what_a_loop_only_adds_to_could_be_added_after_it():
    after, inside = [one for one in spots_of(FUNCTION) if one.target == "total" and len(one.indent) < 12]

    assert inside.around is after
    assert inside.is_likely


def test_what_nobody_sees_is_no_spot():
    assert [one.after.lineno for one in spots_of(FUNCTION) if one.target == "part"] == [8]


def test_parts_are_indexed_as_the_function_indexes_others():
    text = "def grads(x):\n    d = np.zeros(3)\n    for i, j in pairs:\n        e[i] += x[j]\n    return d, e\n"

    found = {one.target for one in spots_of(text) if one.whole is not None}

    assert found == {"d[i]", "d[j]"}


@pytest.mark.parametrize(
    ("value", "statement"),
    [
        ("d + a @ b", "d += a @ b"),
        ("d - a", "d -= a"),
        ("d * a", "d *= a"),
        ("d * a * (b - c)", "d *= a * (b - c)"),
        ("d / n", "d /= n"),
        ("a * d", "d = a * d"),
        ("d * (1 - (z <= 0))", "d[z <= 0] = 0"),
        ("d + (a - b) * (k == 2)", "if k == 2:\n    d += a - b"),
    ],
)
def test_a_statement_is_written_as_a_person_would(value, statement):
    assert statement_of("d", value, is_kept=False) == statement


def test_what_others_hold_is_not_changed_in_place():
    assert statement_of("d", "d * m", is_kept=True) == "d = d * m"


GATES = """
    XS = np.random.default_rng(2).normal(size=(3, 2))

    def point(seed):
        r = np.random.default_rng(seed)
        return {"Wa": r.normal(size=(2, 4)) / 2, "Wb": r.normal(size=(2, 4)) / 2}

    def run(Wa, Wb):
        h, kept = np.zeros(2), []
        for x in XS:
            xh = np.r_[x, h]
            a, b = np.tanh(Wa @ xh), np.tanh(Wb @ xh)
            kept.append((xh, a, b))
            h = a * b
        return h, kept

    def loss(Wa, Wb):
        return float(np.sum(run(Wa, Wb)[0] ** 3))

    def grads(Wa, Wb):
        h, kept = run(Wa, Wb)
        dh, dWa, dWb = 3 * h ** 2, np.zeros_like(Wa), np.zeros_like(Wb)
        for xh, a, b in reversed(kept):
            da = dh * b * (1 - a ** 2)
            db = dh * a * (1 - b ** 2)
            dWa += np.outer(da, xh)
            dWb += np.outer(db, xh)
            dh = (Wa.T @ da)[2:]
            dh += (Wb.T @ db)[2:]
        return {"Wa": dWa, "Wb": dWb}
"""

SCATTERED = """
    PAIRS = [(0, 1, 0.5), (1, 2, 1.5), (2, 0, -0.7), (0, 2, 0.9)]

    def point(seed):
        return {"x": np.random.default_rng(seed).normal(size=3)}

    def loss(x):
        total = 0.0
        for i, j, w in PAIRS:
            s = w * x[i] * x[j]
            if w > 0.8:
                total += s ** 2
            else:
                total += s
        return total

    def grads(x):
        dx = np.zeros_like(x)
        for i, j, w in PAIRS:
            s = w * x[i] * x[j]
            ds = 1.0
            if w > 0.8:
                ds = 2 * s
            dx[i] += ds * w * x[j]
            dx[j] += ds * w * x[i]
        return {"x": dx}
"""


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        (GATES, "            dh += (Wb.T @ db)[2:]\n"),
        (GATES, "            dWb += np.outer(db, xh)\n"),
        (SCATTERED, "            dx[j] += ds * w * x[i]\n"),
    ],
)
def test_what_is_missing_in_a_loop_is_written_as_for_the_other_gate(bench_of, assert_same, text, missing):
    assert missing in text
    bench, right = bench_of(text.replace(missing, "")), bench_of(text).original

    found = diagnosed(bench)

    mended = changed_case(bench.original, apply_edits(bench.text, found.fixes[0].edits))
    assert_same(right, mended, range(50, 55))
