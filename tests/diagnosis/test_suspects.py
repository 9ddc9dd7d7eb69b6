"""Who may be at fault: planted faults in a small network, with what is expected of every statement."""

import numpy as np
import pytest

from gradcheck.diagnosis.diagnosing import inquire
from gradcheck.diagnosis.influence import influence_of
from gradcheck.diagnosis.suspects import suspects_of
from gradcheck.diagnosis.true_gradients import truth_at
from gradcheck.diagnosis.truths import refuted
from gradcheck.subject.cases import gradient_at, own_point

NET = """
    X = np.array([[0.5, -1.2], [0.3, 0.8], [-0.7, 0.4]])
    Y = np.array([[0.1], [0.6], [-0.3]])

    def point(seed):
        r = np.random.default_rng(seed)
        return {"W": r.normal(size=(2, 3)), "b": r.normal(size=3), "V": r.normal(size=(3, 1))}

    def forward(W, b):
        h = np.tanh(X @ W + b)
        kept = h + 0
        return h, kept

    def loss(W, b, V):
        h, _ = forward(W, b)
        o = h @ V
        return 0.5 * np.sum((o - Y) ** 2)

    def grads(W, b, V):
        h, kept = forward(W, b)
        out = h @ V
        do = out - Y
        dV = kept.T @ do
        dh = do @ V.T
        dz = dh * (1 - kept**2)
        dW = X.T @ dz
        db = dz.sum(axis=0)
        return {"W": dW, "b": db, "V": dV}
"""


def inquired(bench, seeds=range(3)):
    case = bench.original
    points = [own_point(case, seed) for seed in seeds]
    wrong = refuted(truth_at(case, points[0]), gradient_at(case, points[0]))
    return inquire(case, points, wrong, float("inf"))


def status_of(inquiry, text):
    """The status of the one statement that holds the text."""
    (status,) = {one.angel.status for one in inquiry.standings if text in one.angel.site.text}
    return status


def first_line(inquiry):
    return suspects_of(inquiry.standings, inquiry.wrong)[0].statement


def test_the_specification_is_never_a_suspect(bench_of):
    bench = bench_of(NET)
    influence = influence_of(bench, own_point(bench.original, 0))
    told = {bench.sites[number].text for number in influence.backward}
    assert not any("np.tanh" in text or "o = h @ V" in text for text in told)
    assert "kept = h + 0" in told  # the loss does not depend on it
    assert {bench.sites[number].text for number in influence.shared} == {"kept = h + 0", "return h, kept"}
    assert {bench.sites[number].text for number in influence.copies} >= {"out = h @ V"}


@pytest.mark.parametrize(
    ("right", "wrong", "line"),
    [
        ("dh * (1 - kept**2)", "dh * (1 - kept)", "dz = dh * (1 - kept)"),
        ("dh * (1 - kept**2)", "dh", "dz = dh"),
        ("do @ V.T", "2 * do @ V.T", "dh = 2 * do @ V.T"),
        ("out - Y", "(out - Y) / 3", "do = (out - Y) / 3"),
        ("dz.sum(axis=0)", "dz.mean(axis=0)", "db = dz.mean(axis=0)"),
        ("kept.T @ do", "-kept.T @ do", "dV = -kept.T @ do"),
    ],
)
def test_the_wrong_statement_comes_first_without_any_fix(bench_of, right, wrong, line):
    assert first_line(inquired(bench_of(NET.replace(right, wrong)))) == line


def test_what_cannot_mend_everything_is_exonerated_and_what_can_is_possible(bench_of):
    inquiry = inquired(bench_of(NET.replace("dh * (1 - kept**2)", "dh * (1 - kept)")))
    assert inquiry.wrong == {"W", "b"}
    assert status_of(inquiry, "dz =") == "possible"
    assert status_of(inquiry, "dh =") == "possible"
    assert [status_of(inquiry, text) for text in ("dV =", "dW =", "db =")] == ["exonerated"] * 3


def test_the_wanted_value_is_the_true_adjoint(bench_of):
    inquiry = inquired(bench_of(NET.replace("dh * (1 - kept**2)", "dh")))
    (standing,) = [one for one in inquiry.standings if one.angel.site.text == "dz = dh"]
    at, (wanted, *_) = inquiry.truths[0].point, standing.angel.wanted
    x, y = np.array([[0.5, -1.2], [0.3, 0.8], [-0.7, 0.4]]), np.array([[0.1], [0.6], [-0.3]])
    h = np.tanh(x @ at["W"] + at["b"])
    dz = ((h @ at["V"] - y) @ at["V"].T) * (1 - h**2)
    assert wanted.would_mend([dz])
    assert not wanted.would_mend([dz * 1.01])


def test_a_whole_number_that_goes_into_an_array_is_tried_entry_by_entry(bench_of):
    bench = bench_of("""
        def point(seed):
            return {"w": np.random.default_rng(seed).normal(size=3)}

        def loss(w):
            return np.sum(w**2) - np.sum(w)

        def grads(w):
            d = 2 * w
            d[:] += 1
            return {"w": d}
    """)
    inquiry = inquired(bench)
    (standing,) = [one for one in inquiry.standings if one.angel.site.text == "d[:] += 1" and one.angel.site.is_value]
    assert standing.angel.status == "possible"
    np.testing.assert_allclose(standing.angel.wanted[0].want, [-1.0] * 3, rtol=1e-8)


def test_a_name_that_breaks_its_promise_comes_before_one_that_keeps_it(bench_of):
    bench = bench_of("""
        def point(seed):
            r = np.random.default_rng(seed)
            return {"a": float(r.normal()), "b": float(r.normal())}

        def loss(a, b):
            s = a * b
            t = math.sin(s)
            return t * t

        def grads(a, b):
            s = a * b
            t = math.sin(s)
            dt_ds = math.sin(s)
            ds_da = b
            return {"a": 2 * t * dt_ds * ds_da, "b": 2 * t * math.cos(s) * a}

        import math
    """)
    inquiry = inquired(bench)
    assert first_line(inquiry) == "dt_ds = math.sin(s)"
    first = suspects_of(inquiry.standings, inquiry.wrong)[0]
    assert "∂t/∂s" in first.why


def test_where_a_number_stops_being_finite_the_fault_stands(bench_of):
    inquiry = inquired(bench_of(NET.replace("do @ V.T", "do @ V.T * np.log(-1 - V.T**2)")))
    assert first_line(inquiry).startswith("dh = ")


def test_a_gradient_of_another_shape_blames_what_moves_it_alone_and_clears_nobody(bench_of):
    inquiry = inquired(bench_of(NET.replace("dz.sum(axis=0)", "dz.sum()")))
    assert inquiry.wrong == {"b"}
    assert first_line(inquiry) == "db = dz.sum()"
    assert "possible" not in {one.angel.status for one in inquiry.standings}


def test_a_statement_with_a_fix_comes_first(bench_of):
    inquiry = inquired(bench_of(NET.replace("dh * (1 - kept**2)", "dh")))
    line = next(one.angel.site.statement.lineno for one in inquiry.standings if one.angel.site.text == "dh = do @ V.T")
    suspects = suspects_of(inquiry.standings, inquiry.wrong, [line])
    assert suspects[0].statement == "dh = do @ V.T"
    assert [one.rank for one in suspects] == list(range(1, len(suspects) + 1))


def test_noise_in_what_a_loop_counts_down_by_does_not_hang(bench_of, site_with):
    bench = bench_of("""
        def point(seed):
            return {"x": 1.5}


        def loss(x):
            return x ** 4


        def grads(x):
            n, d = 3, 4.0
            while n != 0:
                d = d * x
                n = n - 1
            return {"x": d}
    """)

    moves = influence_of(bench, own_point(bench.original, 0)).moves

    assert moves[site_with(bench, "n - 1")] is None
    assert moves[site_with(bench, "d * x")] == {"x"}


CUT = """
r = np.random.RandomState(3)
X = r.randn(4, 6)


def point(seed):
    return {"W": np.random.RandomState(seed).randn(6, 3)}


def loss(W):
    z, total = X @ W, 0.0
    for i in range(4):
        row = z[i]
        total = total + row.mean() ** 2
    return total


def grads(W):
    z = X @ W
    dz = np.zeros_like(z)
    for i in range(4):
        row = z[i]
        dz[i] += 2 * row.mean()
    return {"W": X.T @ dz}
"""


def test_what_the_loss_makes_word_for_word_is_a_copy_even_a_bare_row(bench_of):
    bench = bench_of(CUT)

    inquiry = inquired(bench)

    assert first_line(inquiry) == "dz[i] += 2 * row.mean()"
    assert {bench.sites[number].text for number in inquiry.influence.repeats} == {"row = z[i]"}


CLIPPED = """
    X = np.array([[0.5, -1.2], [0.3, 0.8], [-0.7, 0.4], [1.1, 0.2], [-0.4, -0.9], [0.6, 0.1]])
    LOW, HIGH = 0.4, 0.6

    def point(seed):
        return {"w": 2 * np.random.default_rng(seed).normal(size=2), "b": 0.1}

    def loss(w, b):
        z = X @ w + b
        return np.sum(np.clip(z, -LOW, HIGH) ** 3)

    def grads(w, b):
        z = X @ w + b
        inside = (z > -LOW) & (z < HIGH)
        dz = np.where(inside, 3 * z**2, 0.0)
        return {"w": X.T @ dz, "b": dz.sum()}
"""


def test_a_wrong_mask_comes_before_what_it_makes_wrong(bench_of):
    inquiry = inquired(bench_of(CLIPPED.replace("(z > -LOW)", "(z > LOW)")))
    assert first_line(inquiry).startswith("inside = ")
    first = inquiry.standings[0].angel.wanted[0]
    z = X6 @ inquiry.truths[0].point["w"] + 0.1
    assert np.any((z > -0.4) & (z < 0.4))
    np.testing.assert_array_equal(first.values[0], (z > -0.4) & (z < 0.6))


X6 = np.array([[0.5, -1.2], [0.3, 0.8], [-0.7, 0.4], [1.1, 0.2], [-0.4, -0.9], [0.6, 0.1]])

SWING = """
    START, STEPS, H = np.array([0.4, -0.3, 0.8]), 5, 0.2

    def point(seed):
        r = np.random.default_rng(seed)
        return {"K": r.normal(size=(3, 3)), "c": r.normal(size=3)}

    def run(K, c):
        x, v = START, np.zeros(3)
        path = [(x, v)]
        for _ in range(STEPS):
            v = v + H * (c - K @ np.sin(x))
            x = x + H * v
            path.append((x, v))
        return path

    def loss(K, c):
        x, v = run(K, c)[-1]
        return np.sum(x**2) + 0.1 * np.sum(v**4)

    def grads(K, c):
        path = run(K, c)
        x, v = path[-1]
        lam, mu = 2 * x, 0.4 * v**3
        dK, dc = np.zeros((3, 3)), np.zeros(3)
        for k in range(STEPS - 1, -1, -1):
            x, v = path[k]
            mu = mu + H * lam
            df = H * mu
            dc += df
            dK -= np.outer(df, np.sin(x))
            lam = lam - (K.T @ df) * np.cos(x)
        return {"K": dK, "c": dc}
"""


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("lam - (K.T @ df)", "lam - (K @ df)"),
        ("df) * np.cos(x)", "df) * np.sin(x)"),
        ("mu + H * lam", "mu + lam"),
    ],
)
def test_in_a_loop_that_runs_backwards_what_is_wrong_first_is_named(bench_of, right, wrong):
    assert SWING.count(right) == 1
    line = next(row.strip() for row in SWING.replace(right, wrong).split("\n") if wrong in row)
    assert first_line(inquired(bench_of(SWING.replace(right, wrong)))) == line


def test_a_loop_of_many_small_steps_that_forgets_a_weight_is_found(bench_of):
    text = """
        MASK = np.array([[1.0, 0.5, 1.0], [0.5, 0.0, 0.0]])
        PICTURE = np.random.default_rng(0).normal(size=(8, 9))

        def point(seed):
            return {"k": np.random.default_rng(seed).normal(size=(2, 2, 3))}

        def loss(k):
            return sum(
                np.sum(PICTURE[i:i + 2, j:j + 3] * one * MASK) ** 2 for one in k for i in range(7) for j in range(7)
            )

        def grads(k):
            dk = np.zeros_like(k)
            for c in range(2):
                for i in range(7):
                    for j in range(7):
                        a = np.sum(PICTURE[i:i + 2, j:j + 3] * k[c] * MASK)
                        dk[c] += 2 * a * PICTURE[i:i + 2, j:j + 3]
            return {"k": dk}
    """
    assert first_line(inquired(bench_of(text))).startswith("dk[c] += ")


def test_a_mended_line_that_the_loss_runs_too_is_named_first(bench_of):
    inquiry = inquired(bench_of(NET.replace("kept = h + 0", "kept = h + 1")))
    sites = inquiry.bench.sites
    line = next(site.statement.lineno for site in sites if site.text == "h = np.tanh(X @ W + b)")
    first = suspects_of(inquiry.standings, inquiry.wrong, [line], sites)[0]
    assert first.statement == "h = np.tanh(X @ W + b)"
    assert "the loss is the same" in first.why


def test_what_only_passes_on_comes_behind_what_computes(bench_of):
    """A return of names, and the call of the forward pass, are not the first that one looks at."""
    inquiry = inquired(bench_of(NET.replace("dh * (1 - kept**2)", "dh * (1 - kept)")))
    of_one_grade = {}
    for one in inquiry.standings:
        of_one_grade.setdefault(one.grade, []).append(one.passes_on)
    assert all(marks == sorted(marks) for marks in of_one_grade.values())
    told = {one.angel.site.statement_span.line: one.passes_on for one in inquiry.standings}
    assert any(told.values())
    assert not all(told.values())
