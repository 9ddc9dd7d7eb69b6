"""Which values of a backward pass are right: before a fault all of them, behind it none."""

import numpy as np
import pytest

from gradcheck.diagnosis.adjoints import adjoints_at
from gradcheck.diagnosis.edits import apply_swaps, read_source
from gradcheck.diagnosis.searches import Search
from gradcheck.diagnosis.slips import slips_of
from gradcheck.diagnosis.true_gradients import truth_at
from gradcheck.diagnosis.witnesses import court_at, hear
from gradcheck.subject.cases import own_point

RNN = """
    X = np.array([[0.5, -1.2], [0.3, 0.8], [-0.7, 0.4]])

    def point(seed):
        r = np.random.default_rng(seed)
        return {"W": r.normal(size=(2, 2)), "U": r.normal(size=(2, 2)), "v": r.normal(size=2)}

    def loss(W, U, v):
        h, total = np.zeros(2), 0.0
        for x in X:
            h = np.tanh(W @ x + U @ h)
            total = total + 0.5 * (v @ h - 0.4) ** 2
        return total

    def grads(W, U, v):
        hs = [np.zeros(2)]
        for x in X:
            hs.append(np.tanh(W @ x + U @ hs[-1]))
        gW, gU, gv, carried = np.zeros((2, 2)), np.zeros((2, 2)), np.zeros(2), np.zeros(2)
        for t in (2, 1, 0):
            e = v @ hs[t + 1] - 0.4
            gv += e * hs[t + 1]
            dh = e * v + carried
            dz = dh * (1 - hs[t + 1] ** 2)
            gW += np.outer(dz, X[t])
            gU += np.outer(dz, hs[t])
            carried = U.T @ dz
        return {"W": gW, "U": gU, "v": gv}
"""


def court_and_truth(bench):
    truth = truth_at(bench.original, own_point(bench.original, 3))
    known = adjoints_at(bench, truth.point, {})
    return court_at(bench, truth, known, {"grads"}), truth


def shares(court, hearing):
    return {court.bench.sites[number].target: share for number, share in hearing.shares.items()}


def right_lines(court, hearing):
    return {target for target, share in shares(court, hearing).items() if share == 1}


def test_all_values_of_a_right_backward_pass_are_derivatives_of_the_loss(bench_of):
    court, _ = court_and_truth(bench_of(RNN))
    hearing = hear(court)
    assert {"dh", "dz", "gW", "gU", "gv"} <= right_lines(court, hearing)
    assert hearing.names == {"W", "U", "v"}


def test_behind_a_fault_nothing_is_right(bench_of):
    court, _ = court_and_truth(bench_of(RNN.replace("(1 - hs[t + 1] ** 2)", "(1 - hs[t + 1] ** 3)")))
    hearing = hear(court)
    assert hearing.names == {"v"}
    assert "gv" in right_lines(court, hearing)
    parts = shares(court, hearing)
    assert parts["dh"] == pytest.approx(1 / 3)  # in the first turn, before the fault comes back
    assert parts["dz"] == parts["gW"] == parts["carried"] == 0


def test_a_sign_too_many_is_not_right_because_the_loss_has_a_minus(bench_of):
    text = RNN.replace("np.tanh(W @ x + U @ h)", "1 / (1 + np.exp(-(W @ x + U @ h)))").replace(
        "np.tanh(W @ x + U @ hs[-1])", "1 / (1 + np.exp(-(W @ x + U @ hs[-1])))"
    )
    right = text.replace("(1 - hs[t + 1] ** 2)", "hs[t + 1] * (1 - hs[t + 1])")
    court, _ = court_and_truth(bench_of(right))
    assert hear(court).names == {"W", "U", "v"}
    court, _ = court_and_truth(bench_of(right.replace("dz = dh", "dz = -dh")))
    assert "dz" not in right_lines(court, hear(court))


def test_of_all_slips_that_which_mends_one_of_two_faults_brings_most_right(bench_of):
    bench = bench_of(RNN.replace("(1 - hs[t + 1] ** 2)", "(1 - hs[t + 1] ** 3)").replace("hs[t])", "hs[t + 1])"))
    court, truth = court_and_truth(bench)
    search = Search(bench, read_source(bench.text), (), (truth,), np.inf, 3.0)
    best = next(slips_of(court, search, hear(court)))[0]
    assert "dz = dh * (1 - hs[t + 1] ** 2)" in apply_swaps(bench.text, best.swaps)
    assert best.gain > 3
    assert best.hearing.names == {"W", "v"}


def test_a_factor_is_found_where_a_second_fault_hides_what_the_value_should_be(bench_of):
    text = RNN.replace("(1 - hs[t + 1] ** 2)", "(hs[t + 1] * (1 - hs[t + 1]))")  # of sigmoid, not tanh
    bench = bench_of(text.replace("carried = U.T @", "carried = U @"))
    court, truth = court_and_truth(bench)
    search = Search(bench, read_source(bench.text), (), (truth,), np.inf, 3.0)
    best = next(slips_of(court, search, hear(court)))[0]
    assert "dz = dh * ((hs[t + 1] + 1) * (1 - hs[t + 1]))" in apply_swaps(bench.text, best.swaps)
    assert best.hearing.names == {"v"}  # as before: the other fault makes all other gradients wrong still


def test_a_value_that_only_one_of_two_uses_sends_back_is_doubtful(bench_of):
    bench = bench_of(RNN.replace("dh = e * v + carried", "dh = e * v"))
    court, _ = court_and_truth(bench)
    hearing = hear(court)
    (dh,) = [site.number for site in bench.sites if site.target == "dh"]
    assert hearing.shares[dh] == 1
    assert hearing.first(dh, hearing.doubtful)[1] == 1  # in the first turn nothing is carried
