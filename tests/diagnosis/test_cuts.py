"""Where a backward pass is cut: at each of several faults, and what is mended where the others are right."""

import time
from dataclasses import replace

import numpy as np
import pytest

from gradcheck.diagnosis.adjoints import Adjoints, Role, adjoints_at, with_parts
from gradcheck.diagnosis.benches import changed_case, gradients_of, make_bench
from gradcheck.diagnosis.cuts import forcing
from gradcheck.diagnosis.cutting import cuts_in
from gradcheck.diagnosis.diagnosing import diagnose
from gradcheck.diagnosis.edits import apply_edits
from gradcheck.diagnosis.feigning import feigned, unfeigned
from gradcheck.diagnosis.influence import influence_of
from gradcheck.diagnosis.layouts import Layout
from gradcheck.diagnosis.purposes import Purpose, purposes_of, values_for
from gradcheck.diagnosis.true_gradients import truth_at
from gradcheck.diagnosis.truths import Truth, refuted, wrong_names
from gradcheck.diagnosis.witnesses import court_at, hear
from gradcheck.subject.cases import gradient_at, own_point

CELL = """
    T, D, H = 4, 2, 3
    xs = np.array([[0.5, -1.2], [0.3, 0.8], [-0.7, 0.4], [0.9, -0.1]])
    want = np.array([0.2, -0.4, 0.1])

    def sigm(a):
        return 1 / (1 + np.exp(-a))

    def point(seed):
        r = np.random.default_rng(seed)
        return {k: r.normal(size=(H, D + H)) * 0.7 for k in ("Wf", "Wi", "Wo", "Wg")}

    def forward(p):
        h, c, kept = np.zeros(H), np.zeros(H), []
        for t in range(T):
            x = np.concatenate([xs[t], h])
            f, i, o = sigm(p["Wf"] @ x), sigm(p["Wi"] @ x), sigm(p["Wo"] @ x)
            g = np.tanh(p["Wg"] @ x)
            c_old = c
            c = f * c_old + i * g
            h = o * np.tanh(c)
            kept.append((x, f, i, o, g, c_old, c))
        return h, kept

    def loss(**p):
        return 0.5 * np.sum((forward(p)[0] - want) ** 2)

    def grads(**p):
        h, kept = forward(p)
        out = {k: np.zeros_like(v) for k, v in p.items()}
        dh, dc = h - want, np.zeros(H)
        for x, f, i, o, g, c_old, c in reversed(kept):
            do = dh * np.tanh(c)
            dc = dc + dh * o * (1 - np.tanh(c) ** 2)
            zf = dc * c_old * f * (1 - f)
            zi = dc * g * i * (1 - i)
            zo = do * o * (1 - o)
            zg = dc * i * (1 - g ** 2)
            dx = p["Wf"].T @ zf + p["Wi"].T @ zi + p["Wo"].T @ zo + p["Wg"].T @ zg
            for k, z in (("Wf", zf), ("Wi", zi), ("Wo", zo), ("Wg", zg)):
                out[k] += np.outer(z, x)
            dh = dx[D:]
            dc = dc * f
        return out
"""
PAIRS = [
    (("dc * i * (1 - g ** 2)", "dc * i * (1 - g)"), ("* g * i * (1 - i)", "* i * (1 - i)"), {"zg", "zi"}),
    (("do * o * (1 - o)", "do * (1 - o)"), ("dc * c_old * f * (1 - f)", "dc * c * f * (1 - f)"), {"zo", "zf"}),
]


def changed(*changes):
    text = CELL
    for old, new in changes:
        assert text.count(old) == 1
        text = text.replace(old, new)
    return text


def severed(bench):
    """The court, the cuts and what is heard with them, of a bench at its point 3."""
    truth = truth_at(bench.original, own_point(bench.original, 3))
    in_loss = influence_of(bench, truth.point).in_loss
    known = with_parts(bench, truth.point, in_loss, adjoints_at(bench, truth.point, in_loss))
    court = court_at(bench, truth, known, {"grads"})
    return court, *cuts_in(court, hear(court), np.inf)


def targets(cuts):
    return {cut.site.target for cut in cuts}


def test_a_right_backward_pass_is_not_cut(bench_of):
    _, cuts, _ = severed(bench_of(CELL))
    assert cuts == []


@pytest.mark.parametrize(("one", "other", "where"), PAIRS)
def test_each_of_two_faults_is_cut_where_it_stands(bench_of, one, other, where):
    court, cuts, heard = severed(bench_of(changed(one, other)))
    assert hear(court).names < {"Wf", "Wi", "Wo", "Wg"}
    assert targets(cuts) == where
    assert heard.names == {"Wf", "Wi", "Wo", "Wg"}


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("dc * i * (1 - g ** 2)", "dc * i * (1 - g)", {"zg"}),
        ("dh = dx[D:]", "dh = dx[:H]", {"dh"}),
        ("dc + dh * o", "dc + dh", {"dc"}),
    ],
)
def test_one_fault_is_one_cut(bench_of, old, new, where):
    _, cuts, heard = severed(bench_of(changed((old, new))))
    assert targets(cuts) == where
    assert len(heard.names) == 4


def test_with_all_cuts_right_every_gradient_is_the_true_one(bench_of):
    bench = bench_of(changed(*PAIRS[0][:2]))
    court, cuts, _ = severed(bench)
    truth = court.outputs.truth
    assert wrong_names(truth, gradients_of(bench, truth.point))
    assert not wrong_names(truth, gradients_of(bench, truth.point, forcing(cuts)))


def test_a_feigned_text_has_the_other_fault_alone(bench_of):
    bench = bench_of(changed(*PAIRS[0][:2]))
    court, cuts, _ = severed(bench)
    truth = court.outputs.truth
    case = feigned(bench, [(truth.point, [cut for cut in cuts if cut.site.target == "zg"])])
    wrong = wrong_names(truth, gradient_at(case, truth.point, upcast=True))
    assert "Wg" not in wrong
    assert "Wi" in wrong
    assert unfeigned(make_bench(case).text) == bench.text


def test_at_another_point_a_feigned_text_is_as_it_was(bench_of):
    bench = bench_of(changed(*PAIRS[0][:2]))
    court, cuts, _ = severed(bench)
    case = feigned(bench, [(court.outputs.truth.point, cuts)])
    other = own_point(bench.original, 5)
    for name, array in gradient_at(bench.original, other, upcast=True).items():
        assert np.array_equal(gradient_at(case, other, upcast=True)[name], array)


@pytest.mark.parametrize(("one", "other", "where"), PAIRS)
def test_two_faults_in_one_loop_are_mended(bench_of, one, other, where):
    bench = bench_of(changed(one, other))
    case = bench.original
    points = [own_point(case, seed) for seed in range(8)]
    wrong = refuted(truth_at(case, points[0]), gradient_at(case, points[0]))
    early = []
    found = diagnose(case, points, wrong, 60.0, on_suspects=early.extend)
    assert len(found.fixes[0].edits) >= 2
    mended = changed_case(case, apply_edits(bench.text, found.fixes[0].edits))
    for seed in (20, 21, 22):
        truth = truth_at(case, own_point(case, seed))
        assert not wrong_names(truth, gradient_at(mended, truth.point))
    lines = bench.text.splitlines()
    for suspects in (early, found.suspects):
        assert {lines[one.span.line - 1].split(" = ")[0].strip() for one in suspects[:2]} == where


def layout(*shapes):
    return Layout(None, tuple(np.ones(shape) for shape in shapes), tuple((shape,) for shape in shapes))


def known(*roles):
    """Derivatives of a loss, each role with its last execution first."""
    none = np.zeros(0)
    return Adjoints(none, none, tuple(Role(None, 0, [np.array(one) for one in role]) for role in roles), None)


TRUTH = Truth({}, 0.0, {"h0": np.array([7.0, 8.0])}, {})


def wanted(arrangement, layout, known, **more):
    return values_for(Purpose(0, arrangement, **more), layout, known, TRUTH)


def test_what_is_carried_on_is_the_derivative_of_the_round_before():
    steps = known([[5.0, 6.0], [3.0, 4.0], [1.0, 2.0]])  # of the third round, the second, the first
    assert np.array_equal(wanted("same", layout((2,), (2,), (2,)), steps), [[5, 6], [3, 4], [1, 2]])
    assert np.array_equal(wanted("carried", layout((2,), (2,), (2,)), steps), [[3, 4], [1, 2]])
    assert np.array_equal(wanted("carried", layout((2,), (2,), (2,)), steps, end="h0"), [[3, 4], [1, 2], [7, 8]])


def test_rounds_are_rows_of_one_array_and_one_array_is_all_rounds():
    whole = known([[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]])
    assert np.array_equal(wanted("rows", layout((2,), (2,), (2,)), whole), [[5, 6], [3, 4], [1, 2]])
    steps = known([[5.0, 6.0], [3.0, 4.0], [1.0, 2.0]])
    assert np.array_equal(wanted("joined", layout((3, 2)), steps)[0], [[1, 2], [3, 4], [5, 6]])


def test_a_purpose_of_another_shape_is_none():
    found = [purpose.arrangement for purpose, _ in purposes_of(layout((3,)), known([[1.0, 2.0]]), TRUTH)]
    assert found == []
    assert wanted("same", layout((3,)), known([[1.0, 2.0]])) is None


def test_the_search_by_cuts_ends_in_time(bench_of):
    bench = bench_of(changed(*PAIRS[0][:2]))
    truth = truth_at(bench.original, own_point(bench.original, 3))
    in_loss = influence_of(bench, truth.point).in_loss
    court = court_at(bench, truth, with_parts(bench, truth.point, in_loss), {"grads"})
    cuts, heard = cuts_in(replace(court), hear(court), time.process_time())
    assert cuts == []
    assert heard.names == hear(court).names
