"""Small constants of the loss that its gradient forgets: said where that is all, and put in where it can be."""

import pytest

from gradcheck.diagnosis.guards import guards_in, remark_on_guards, with_guards
from gradcheck.diagnosis.inquiries import inquire
from gradcheck.diagnosis.true_gradients import truth_at
from gradcheck.diagnosis.truths import refuted
from gradcheck.subject.cases import gradient_at, own_point

HEAD = """\
EPS = 1e-7
X = np.array([[0.4, -1.2, 0.7], [1.1, 0.3, -0.8], [-0.5, 0.9, 0.2], [0.6, -0.1, 1.3]])
y = np.array([0.0, 1.0, 1.0, 0.0])


def point(seed):
    r = np.random.RandomState(seed)
    return {"w": 3 * r.randn(3), "b": r.randn()}


def forward(w, b):
    return 1 / (1 + np.exp(-(X @ w + b)))


"""
LOGISTIC = (
    HEAD
    + """\
def loss(w, b):
    p = forward(w, b)
    return -np.mean(y * np.log(p + EPS) + (1 - y) * np.log(1 - p + EPS))


def grads(w, b):
    p = forward(w, b)
    d = (p - y) / len(y)
    return {"w": X.T @ d, "b": d.sum()}
"""
)
CLIPPED = LOGISTIC.replace("np.log(p + EPS)", "np.log(q)").replace("np.log(1 - p + EPS)", "np.log(1 - q)")
CLIPPED = CLIPPED.replace("    return -np.mean", "    q = np.clip(p, 1e-2, 1 - 1e-2)\n    return -np.mean")
SCALED = (
    HEAD
    + """\
def loss(w):
    z = X @ w
    v = np.var(z)
    return np.sum((np.tanh(z - z.mean()) - y) ** 2) / np.sqrt(v + 1e-5)


def grads(w):
    z = X @ w
    v = np.var(z)
    t = np.tanh(z - z.mean())
    s = np.sqrt(v)
    top = np.sum((t - y) ** 2)
    dc = 2 * (t - y) * (1 - t ** 2) / s
    dv = -0.5 * top / s ** 3
    dz = dc - dc.mean() + dv * 2 * (z - z.mean()) / len(z)
    return {"w": X.T @ dz}
"""
).replace(', "b": r.randn()', "")


def inquired(bench):
    case = bench.original
    points = [own_point(case, seed) for seed in range(3)]
    return inquire(case, points, refuted(truth_at(case, points[0]), gradient_at(case, points[0])), float("inf"))


@pytest.mark.parametrize(
    ("text", "words", "line"),
    [(LOGISTIC, "+ EPS", "return -np.mean(y"), (CLIPPED, "np.clip(p, 1e-2, 1 - 1e-2)", "q = np.clip")],
)
def test_the_gradient_of_the_loss_without_its_guard_is_told_as_that(bench_of, text, words, line):
    inquiry = inquired(bench_of(text))
    number = next(n for n, row in enumerate(inquiry.bench.text.splitlines(), 1) if line in row)
    (told,) = remark_on_guards(inquiry)
    assert told.startswith(f"the gradient is that of the loss without `{words}` (line {number}): put the same into")


@pytest.mark.parametrize(("right", "wrong"), [("(p - y) /", "(p - y) * 1.5 /"), ("/ len(y)\n", "/ len(y) / 2\n")])
def test_another_mistake_is_not_put_down_to_a_guard(bench_of, right, wrong):
    inquiry = inquired(bench_of(LOGISTIC.replace(right, wrong)))
    assert len(guards_in(inquiry)) == 2
    assert remark_on_guards(inquiry) == []


def test_a_large_constant_guards_nothing(bench_of):
    assert guards_in(inquired(bench_of(LOGISTIC.replace("EPS = 1e-7", "EPS = 0.5")))) == []


def test_a_guard_is_put_in_where_the_same_stands_without_it(bench_of):
    bench = bench_of(SCALED)
    inquiry = inquired(bench)
    fresh = [truth_at(bench.original, own_point(bench.original, seed)) for seed in (7, 8, 9)]
    (repair,) = with_guards(inquiry, lambda: fresh)
    assert [(edit.old, edit.new.strip()) for edit in repair.edits] == [("", "+ 1e-5")]
    assert bench.text.splitlines()[repair.line - 1].strip() == "s = np.sqrt(v)"


def test_a_guard_is_not_put_in_where_that_mends_nothing(bench_of):
    inquiry = inquired(bench_of(SCALED.replace("t = np.tanh", "t = 2 * np.tanh")))
    assert with_guards(inquiry, list) == []
