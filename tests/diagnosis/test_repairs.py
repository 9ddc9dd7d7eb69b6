"""From a planted fault to a verified change of the text, held against the right text."""

import time

import numpy as np
import pytest

from gradcheck.diagnosis import searching
from gradcheck.diagnosis.benches import changed_case, gradients_of, make_bench
from gradcheck.diagnosis.diagnosing import inquire
from gradcheck.diagnosis.edits import apply_edits
from gradcheck.diagnosis.filtering import compiled
from gradcheck.diagnosis.levers import writing
from gradcheck.diagnosis.repairs import find_fixes
from gradcheck.diagnosis.silencing import is_felt
from gradcheck.diagnosis.true_gradients import truth_at
from gradcheck.diagnosis.truths import refuted
from gradcheck.subject.cases import gradient_at, own_point
from gradcheck.subject.targets import case_of_file

SCALAR = """\
import math


def point(seed):
    import random
    r = random.Random(seed)
    return {k: r.uniform(-1, 1) for k in ("w1", "w2", "w3", "b")}


def loss(w1, w2, w3, b):
    h1 = math.tanh(w1 * 0.7 + b)
    h2 = math.tanh(w2 * 0.3 + b)
    o = w3 * h1 + 1.7 * h2 * h1
    return 0.5 * (o - 1) ** 2


def grads(w1, w2, w3, b):
    h1 = math.tanh(w1 * 0.7 + b)
    h2 = math.tanh(w2 * 0.3 + b)
    o = w3 * h1 + 1.7 * h2 * h1
    do = o - 1
    dh1 = do * (w3 + 1.7 * h2)  # both paths
    dh2 = do * 1.7 * h1
    dz1 = dh1 * (1 - h1 ** 2)
    dz2 = dh2 * (1 - h2 ** 2)
    db = (dz1 +
          dz2)
    return {"w1": dz1 * 0.7, "w2": dz2 * 0.3, "w3": do * h1, "b": db}
"""

LAYERS = """\
import numpy as np

r = np.random.RandomState(0)
X, Y = r.randn(5, 3), r.randn(5, 2)
REG = 0.3


def point(seed):
    r = np.random.RandomState(seed)
    return {"W": r.randn(3, 4), "b": r.randn(4), "V": r.randn(4, 2)}


def loss(W, b, V):
    h = np.tanh(X @ W + b)
    return np.sum((h @ V - Y) ** 2) / len(X) + REG * np.sum(W ** 2)


def grads(W, b, V):
    N = len(X)
    h = np.tanh(X @ W + b)
    e = 2 * (h @ V - Y) / N
    dV = h.T @ e
    dh = e @ V.T
    dz = dh * (1 - h ** 2)
    dW = X.T @ dz
    dW += 2 * REG * W
    db = np.zeros_like(b)
    for i in range(N):
        db += dz[i]
    return {"W": dW, "b": db, "V": dV}
"""


FLOW = """\
import numpy as np

DT, STEPS = 0.25, 4
START, END = np.array([[0.3, -0.7], [1.1, 0.4], [-0.2, 0.9]]), np.array([[0.1, 0.6], [-0.8, 0.5], [0.7, -0.3]])


def point(seed):
    r = np.random.RandomState(seed)
    return {"A": r.randn(2, 3), "B": r.randn(3, 2)}


def run(A, B):
    zs, hs = [START], []
    for _ in range(STEPS):
        hs.append(np.tanh(zs[-1] @ A))
        zs.append(zs[-1] + DT * hs[-1] @ B)
    return zs, hs


def loss(A, B):
    return np.sum((run(A, B)[0][-1] - END) ** 2)


def grads(A, B):
    zs, hs = run(A, B)
    lam, dA, dB = 2 * (zs[-1] - END), np.zeros_like(A), np.zeros_like(B)
    for k in reversed(range(STEPS)):
        dB += DT * hs[k].T @ lam
        dpre = DT * (lam @ B.T) * (1 - hs[k] ** 2)
        dA += zs[k].T @ dpre
        lam = lam + dpre @ A.T
    return {"A": dA, "B": dB}
"""

WORDS = """import numpy as np

BAGS, LABELS, OTHERS = [[0, 2, 2], [1], [3, 4, 0, 1]], [1, 0, 2], [2, 2, 0]


def point(seed):
    r = np.random.RandomState(seed)
    return {"E": r.randn(5, 3), "V": r.randn(3)}


def loss(E, V):
    return sum(np.tanh(V @ E[bag].mean(axis=0) + V[one]) for bag, one in zip(BAGS, LABELS))


def grads(E, V):
    dE, dV = np.zeros_like(E), np.zeros_like(V)
    places = [LABELS[0]] + LABELS[1:]
    for k, bag in enumerate(BAGS):
        mean = E[bag].mean(axis=0)
        d = 1 - np.tanh(V @ mean + V[LABELS[k]]) ** 2
        dV += d * mean
        dV[places[k]] += d
        for word in bag:
            dE[word] += d * V / len(bag)
    return {"E": dE, "V": dV}
"""


KEYED = """\
import numpy as np

X, Y = np.random.RandomState(1).randn(6, 2), np.random.RandomState(2).randn(6)
NAMES = ["ua", "ub", "va", "vb", "o1", "o2"]


def point(seed):
    return dict(zip(NAMES, np.random.RandomState(seed).randn(6)))


def hidden(ua, ub, va, vb, o1, o2):
    return np.tanh(ua * X[:, 0] + ub * X[:, 1]), np.tanh(va * X[:, 0] + vb * X[:, 1])


def loss(**k):
    p, q = hidden(**k)
    return np.mean((k["o1"] * p + k["o2"] * q - Y) ** 2)


def grads(**k):
    p, q = hidden(**k)
    d = 2 * (k["o1"] * p + k["o2"] * q - Y) / len(Y)
    dp, dq = d * k["o1"] * (1 - p ** 2), d * np.multiply(k["o2"], 1 - q ** 2)
    g = {"o1": d @ p, "o2": d @ q, "ua": dp @ X[:, 0], "ub": dp @ X[:, 1], "va": dq @ X[:, 0], "vb": dq @ X[:, 1]}
    return g
"""

BLOCK = """\
import numpy as np

X, T = np.random.RandomState(1).randn(6, 4), np.random.RandomState(2).randn(6, 4)


def point(seed):
    r = np.random.RandomState(seed)
    return {"g": r.rand(4) + 0.5, "W": r.randn(4, 5) * 0.5, "V": r.randn(5, 4) * 0.5}


def scale(x, g):
    return x * g, (x, g)


def back_scale(dy, cache):
    x, g = cache
    return dy * g, (dy * x).sum(axis=0)


def mlp(x, W, V):
    h = np.tanh(x @ W)
    return h @ V, (x, W, V, h)


def back_mlp(dy, cache):
    x, W, V, h = cache
    dz = (dy @ V.T) * (1 - h ** 2)
    return dz @ W.T, x.T @ dz, h.T @ dy


def forward(g, W, V):
    n, first = scale(X, g)
    f, second = mlp(n, W, V)
    return n + f, first, second


def loss(g, W, V):
    return np.sum((forward(g, W, V)[0] - T) ** 2)


def grads(g, W, V):
    out, first, second = forward(g, W, V)
    dout = 2 * (out - T)
    dn, dW, dV = back_mlp(dout, second)
    _, dg = back_scale(dn + dout, first)
    return {"g": dg, "W": dW, "V": dV}
"""


def fixes_of(path, text, seconds=30.0):
    path.write_text(text)
    case = case_of_file(path)
    points = [own_point(case, seed) for seed in range(1, 9)]
    wrong = refuted(truth_at(case, points[0]), gradient_at(case, points[0]))
    inquiry = inquire(case, points, wrong, time.process_time() + seconds)
    fresh = [truth_at(case, point) for point in points[3:]]
    fixes = find_fixes(inquiry.bench, inquiry.standings, inquiry.truths, lambda: fresh, time.process_time() + seconds)
    return case, fixes


def assert_right(case, text, right_text):
    """Every entry the same as the right text's at points of its own."""
    mended, right = changed_case(case, text), changed_case(case, right_text)
    for seed in range(900, 910):
        point = own_point(case, seed)
        found, true = gradient_at(mended, point), gradient_at(right, point)
        for name in true:
            np.testing.assert_allclose(found[name], true[name], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    ("text", "right", "wrong"),
    [
        (SCALAR, "db = (dz1 +\n          dz2)", "db = (dz1 +\n          dz1)"),
        (SCALAR, "dh1 = do * (w3 + 1.7 * h2)", "dh1 = do * (w3)"),
        (SCALAR, "dz2 = dh2 * (1 - h2 ** 2)", "dz2 = dh2 * (1 - h2)"),
        (SCALAR, "do = o - 1", "do = o + 1"),
        (LAYERS, "dz = dh * (1 - h ** 2)", "dz = dh"),
        (LAYERS, "e = 2 * (h @ V - Y) / N", "e = 2 * (h @ V - Y)"),
        (LAYERS, "dW += 2 * REG * W", "dW = 2 * REG * W"),
        (LAYERS, "dW += 2 * REG * W", "dW += REG * W"),
        (LAYERS, "dW = X.T @ dz\n    dW += 2 * REG * W\n", "dW = X.T @ dz\n"),
        (LAYERS, "db += dz[i]", "db = dz[i]"),
        (LAYERS, "for i in range(N)", "for i in range(N - 1)"),
        (LAYERS, "dh = e @ V.T", "dh = e @ V.T * h"),
        (LAYERS, '"b": db, "V": dV', '"b": db, "V": dV * N'),
        (FLOW, "dpre = DT * (", "dpre = ("),
        (WORDS, "V / len(bag)", "V / len(BAGS)"),
        (WORDS, "dV[places[k]]", "dV[OTHERS[k]]"),
        (KEYED, 'np.multiply(k["o2"], 1 - q ** 2)', 'np.multiply(k["va"], 1 - q ** 2)'),
        (BLOCK, "back_scale(dn + dout, first)", "back_scale(dn, first)"),
    ],
)
def test_a_planted_fault_is_mended(tmp_path, text, right, wrong):
    planted = text.replace(right, wrong)
    assert planted != text

    case, fixes = fixes_of(tmp_path / "net.py", planted)

    assert fixes
    for fix in fixes:
        assert_right(case, apply_edits(planted, fix.edits), text)
    assert fixes[0].verified_points == 5


def test_the_change_is_the_wrong_token_only(tmp_path):
    planted = SCALAR.replace("          dz2)", "          dz1)")

    _, fixes = fixes_of(tmp_path / "net.py", planted)

    best = fixes[0].edits[0]
    assert (best.span.line, best.span.column, best.old, best.new) == (26, 11, "dz1", "dz2")


def test_no_fix_is_made_up_where_the_fault_is_beyond_every_candidate(tmp_path):
    planted = LAYERS.replace("dV = h.T @ e", "dV = h.T @ e + np.arctan(V) * 0.7123")
    planted = planted.replace("db += dz[i]", "db += dz[i] * np.cosh(b)")

    case, fixes = fixes_of(tmp_path / "net.py", planted, seconds=4.0)

    for fix in fixes:
        assert_right(case, apply_edits(planted, fix.edits), LAYERS)


def test_nothing_is_tried_in_a_function_that_writes_files(tmp_path):
    planted = SCALAR.replace("    do = o - 1\n", f"    open({str(tmp_path / 'log')!r}, 'w').close()\n    do = o + 1\n")

    _, fixes = fixes_of(tmp_path / "net.py", planted)

    assert fixes == []


ENDLESS = """\
import math


def point(seed):
    import random
    return {"x": random.Random(seed).uniform(1, 2)}


def loss(x):
    return x ** 4


def grads(x):
    n, d = 3, 1.0
    while n > 0:
        d = d * x
        n = n - 1
    return {"x": 4 * d + x}
"""


def test_a_candidate_that_loops_for_ever_costs_only_itself(tmp_path):
    case, fixes = fixes_of(tmp_path / "net.py", ENDLESS)

    assert fixes
    for fix in fixes:
        assert_right(case, apply_edits(ENDLESS, fix.edits), ENDLESS.replace("4 * d + x", "4 * d"))


TAGGER = """\
import numpy as np

r = np.random.RandomState(73)
FEAT, TAGS, K = r.randn(4, 3), [1, 1, 0, 0], 2


def lse(a, axis):
    m = np.max(a, axis=axis, keepdims=True)
    return np.squeeze(m, axis=axis) + np.log(np.sum(np.exp(a - m), axis=axis))


def point(seed):
    r = np.random.RandomState(seed)
    return {"W": r.randn(3, K), "T": r.randn(K, K)}


def forward(U, T):
    a = [U[0]]
    for t in range(1, 4):
        a.append(lse(a[-1][:, None] + T, 0) + U[t])
    return a


def loss(W, T):
    U = FEAT @ W
    score = sum(U[t, TAGS[t]] for t in range(4)) + sum(T[TAGS[t - 1], TAGS[t]] for t in range(1, 4))
    return lse(forward(U, T)[-1], 0) - score


def grads(W, T):
    U = FEAT @ W
    a, b = forward(U, T), np.zeros((4, K))
    for t in range(2, -1, -1):
        b[t] = lse(T + (U[t + 1] + b[t + 1])[None, :], 1)
    logZ = lse(a[3], 0)
    dU = np.exp(np.array(a) + b - logZ)
    dT = np.zeros((K, K))
    for t in range(4):
        dU[t, TAGS[t]] -= 1
    for t in range(1, 4):
        pair = a[t - 1][:, None] + T + (U[t] + b[t])[None, :]
        dT += np.exp(pair - logZ)
        dT[TAGS[t - 1], TAGS[t]] -= 1
    return {"W": FEAT.T @ dU, "T": dT}
"""


def test_of_what_is_added_twice_one_is_left_out_and_none_made_so_small_that_it_passes(tmp_path):
    line = "        dT += np.exp(pair - logZ)\n"

    _, fixes = fixes_of(tmp_path / "net.py", TAGGER.replace(line, 2 * line))

    assert [apply_edits(TAGGER.replace(line, 2 * line), fix.edits) for fix in fixes] == [TAGGER]


def test_a_factor_that_the_file_uses_comes_first(tmp_path):
    planted = FLOW.replace("dpre = DT * (", "dpre = (")

    _, fixes = fixes_of(tmp_path / "net.py", planted)

    assert apply_edits(planted, fixes[0].edits) == FLOW  # 1 / STEPS is the same number


def test_a_fault_of_ours_in_one_phase_costs_only_that_phase(tmp_path, monkeypatch):
    planted = LAYERS.replace("X.T @ dz", "X.T @ dh")

    def failing(search, workplace):
        raise ZeroDivisionError

    monkeypatch.setattr(searching, "fitted", failing)
    _, fixes = fixes_of(tmp_path / "net.py", planted)
    assert apply_edits(planted, fixes[0].edits) == LAYERS
    monkeypatch.setattr(searching, "_workplace", failing)
    monkeypatch.setattr(searching, "whole_statements", lambda search: [])
    with pytest.raises(ZeroDivisionError):
        fixes_of(tmp_path / "net.py", planted)


def test_what_passes_as_zero_too_is_not_felt(tmp_path):
    line = "        dT += np.exp(pair - logZ)\n"
    path = tmp_path / "net.py"
    path.write_text(TAGGER)
    case = case_of_file(path)
    truths = [truth_at(case, own_point(case, seed)) for seed in range(1, 4)]
    twice = TAGGER.replace(line, 2 * line)
    small = TAGGER.replace(line, line + line.replace("logZ", "logZ - 40"))
    beside = TAGGER.replace("np.exp(pair - logZ)", "np.exp(pair - logZ) + np.exp(pair - 99)")

    assert not is_felt(case, twice, small, truths, 10.0)
    assert not is_felt(case, beside.replace("99", "9"), beside, truths, 10.0)
    assert is_felt(case, TAGGER.replace("np.exp(pair - logZ)", "np.exp(pair + logZ)"), TAGGER, truths, 10.0)
    assert is_felt(case, TAGGER.replace("np.zeros((K", "np.ones((K"), TAGGER, truths, 10.0)


def test_of_a_minus_too_many_none_is_added(tmp_path):
    planted = LAYERS.replace("dV = h.T @ e", "dV = -h.T @ e")

    _, fixes = fixes_of(tmp_path / "net.py", planted)

    assert fixes
    assert not any("--" in apply_edits(planted, fix.edits) for fix in fixes)


def test_what_a_candidate_adds_to_is_not_the_data_of_the_file(tmp_path):
    text = LAYERS.replace("db = np.zeros_like(b)", "db = S.copy()").replace("REG = 0.3", "REG, S = 0.3, np.zeros(4)")
    path = tmp_path / "net.py"
    path.write_text(text)
    bench = make_bench(case_of_file(path))
    (site,) = [one for one in bench.sites if one.text == "db = S.copy()"]
    point = own_point(bench.original, 1)

    first, second = (gradients_of(bench, point, writing(site.number, compiled("S"))) for _ in range(2))

    np.testing.assert_array_equal(first["b"], second["b"])


NORM = """\
import numpy as np

X, Y = np.random.RandomState(7).randn(5, 4), np.random.RandomState(8).randn(5, 4)


def point(seed):
    r = np.random.RandomState(seed)
    return {"W": r.randn(4, 4), "s": r.rand(4) + 0.5}


def norm(z):
    std = np.sqrt(z.var(axis=1, keepdims=True) + 1e-3)
    return (z - z.mean(axis=1, keepdims=True)) / std, std


def loss(W, s):
    return np.sum((s * norm(X @ W)[0] - Y) ** 2)


def grads(W, s):
    xn, std = norm(X @ W)
    d = 2 * (s * xn - Y)
    dxn = d * s
    m1 = dxn.mean(axis=1, keepdims=True)
    m2 = (dxn * xn).mean(axis=1, keepdims=True)
    return {"W": X.T @ ((dxn - m1 - xn * m2) / std), "s": (d * xn).sum(axis=0)}
"""


def test_a_mean_along_another_axis_is_mended_where_it_is_taken(tmp_path):
    planted = NORM.replace("m1 = dxn.mean(axis=1", "m1 = dxn.mean(axis=0")

    _, fixes = fixes_of(tmp_path / "net.py", planted)

    assert apply_edits(planted, fixes[0].edits) == NORM


def test_a_power_of_one_is_the_value_itself(tmp_path):
    planted = FLOW.replace("dB += DT * hs", "dB += DT ** 2 * hs")

    _, fixes = fixes_of(tmp_path / "net.py", planted)

    assert apply_edits(planted, fixes[0].edits) == FLOW
    assert not any("** 1" in edit.new for fix in fixes for edit in fix.edits)


def test_what_is_in_scope_is_not_made_anew(tmp_path):
    planted = SCALAR.replace("dz2 = dh2 * (1 - h2 ** 2)", "dz2 = dh2 * (1 - h1 ** 2)")

    _, fixes = fixes_of(tmp_path / "net.py", planted)

    assert fixes
    assert not any("1 - (1 -" in edit.new for fix in fixes for edit in fix.edits)


def test_a_new_number_that_nothing_reaches_is_no_fix(tmp_path):
    planted = LAYERS.replace('"V": dV}', '"V": np.clip(dV, -5, 3)}')

    case, fixes = fixes_of(tmp_path / "net.py", planted)

    assert fixes
    for fix in fixes:
        assert_right(case, apply_edits(planted, fix.edits), LAYERS)
    assert not any("clip" in apply_edits(planted, fix.edits) for fix in fixes)


def test_a_number_that_matters_is_felt(tmp_path):
    path = tmp_path / "net.py"
    path.write_text(LAYERS)
    case = case_of_file(path)
    truths = [truth_at(case, own_point(case, seed)) for seed in range(1, 4)]

    assert is_felt(case, LAYERS.replace("2 * REG", "3 * REG"), LAYERS, truths, 10.0)
    clipped = LAYERS.replace("dh = e @ V.T", "dh = np.clip(e @ V.T, -80, 90)")
    assert not is_felt(case, clipped.replace("90)", "0.1)"), clipped, truths, 10.0)
