"""Losses that are means over examples: how a backward pass goes through them, and where it leaves the factor."""

import numpy as np
import pytest

from gradcheck.diagnosis.adjoints import Adjoints, Role
from gradcheck.diagnosis.benches import changed_case
from gradcheck.diagnosis.diagnosing import diagnose
from gradcheck.diagnosis.edits import apply_edits
from gradcheck.diagnosis.examples import by_example
from gradcheck.diagnosis.inquiries import inquire
from gradcheck.diagnosis.means import with_means
from gradcheck.diagnosis.standings import AGAIN, ALONE, SPREAD
from gradcheck.diagnosis.true_gradients import truth_at
from gradcheck.diagnosis.truths import wrong_names
from gradcheck.subject.cases import gradient_at, own_point

# Two examples of three steps each, as the loss ran: 11, 12, 13, 21, 22, 23.
STEPS = [np.array(float(one)) for one in (23, 22, 21, 13, 12, 11)]


def told(found):
    return [float(one) for one in found]


def test_steps_of_every_example_backwards():
    assert told(by_example(STEPS, 6, 2)) == [13, 12, 11, 23, 22, 21]
    assert told(by_example(STEPS, 2, 2)) == [13, 23]
    assert told(by_example(STEPS, 4, 2)) == [13, 12, 23, 22]
    assert told(by_example(STEPS, 4, 2, later=True)) == [12, 11, 22, 21]


@pytest.mark.parametrize(("count", "examples"), [(6, 1), (6, 6), (6, 4), (3, 2), (12, 2), (0, 2)])
def test_what_cannot_be_shared_out_is_none(count, examples):
    assert by_example(STEPS, count, examples) == []


def known(*roles):
    none = np.zeros(0)
    made = tuple(Role(None, 0, [np.array(one) for one in role]) for role in roles)
    return Adjoints(none, np.unique(np.concatenate([np.ravel(one) for role in roles for one in role])), made, None)


def test_of_a_mean_the_derivatives_of_what_it_is_a_mean_of_are_known_too():
    found = with_means(known([0.25, 0.25], [[0.5, 0.75]]))
    assert [told(role.adjoints[0].ravel()) for role in found.within] == [[1.0], [2.0, 3.0]]
    assert found.means.tolist() == [0.25, 0.5, 0.75, 1.0, 2.0, 3.0]


@pytest.mark.parametrize("factor", [1.0, -1.0, 0.0, 0.37, np.inf, 1e-6])
def test_no_other_factor_is_that_of_a_mean(factor):
    assert not with_means(known([factor, factor])).within


def test_what_differs_from_run_to_run_is_no_factor():
    assert not with_means(known([0.5, 0.25])).within


MEAN = """
    r0 = np.random.default_rng(3)
    DATA = [(r0.normal(size=(4, 2)), r0.normal(size=4)) for _ in range(3)]

    def point(seed):
        r = np.random.default_rng(seed)
        return {"W": r.normal(size=(3, 2)), "U": r.normal(size=(3, 3)), "b": r.normal(size=3), "v": r.normal(size=3)}

    def run(xs, W, U, b):
        hs = [np.zeros(3)]
        for x in xs:
            hs.append(np.tanh(W @ x + U @ hs[-1] + b))
        return hs

    def loss(W, U, b, v):
        total = 0.0
        for xs, ts in DATA:
            hs = run(xs, W, U, b)
            for h, t in zip(hs[1:], ts):
                total += (v @ h - t) ** 2
        return total / len(DATA)

    def back(xs, ts, W, U, b, v):
        hs = run(xs, W, U, b)
        dW, dU, db, dv = np.zeros((3, 2)), np.zeros((3, 3)), np.zeros(3), np.zeros(3)
        dh = np.zeros(3)
        for k in reversed(range(len(xs))):
            err = 2 * (v @ hs[k + 1] - ts[k])
            dv += err * hs[k + 1]
            dh = dh + err * v
            da = dh * (1 - hs[k + 1] ** 2)
            dW += np.outer(da, xs[k])
            dU += np.outer(da, hs[k])
            db += da
            dh = U.T @ da
        return dW, dU, db, dv

    def grads(W, U, b, v):
        g = {"W": np.zeros((3, 2)), "U": np.zeros((3, 3)), "b": np.zeros(3), "v": np.zeros(3)}
        for xs, ts in DATA:
            for name, step in zip(g, back(xs, ts, W, U, b, v)):
                g[name] += step / len(DATA)
        return g
"""


def case_with(bench_of, right, wrong, mean=MEAN):
    assert mean.count(right) == 1
    case = bench_of(mean.replace(right, wrong)).original
    points = [own_point(case, seed) for seed in range(8)]
    truth = truth_at(case, points[0])
    yours = gradient_at(case, truth.point)
    masks = {name: ~np.isclose(yours[name], values, rtol=1e-6) for name, values in truth.values.items()}
    return case, points, {name: mask for name, mask in masks.items() if mask.any()}


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("err = 2 * (v", "err = (v"),
        ("np.outer(da, hs[k])", "np.outer(da, hs[k + 1])"),
        ("da = dh * (1 - hs[k + 1] ** 2)", "da = dh * (1 - hs[k] ** 2)"),
        ("dh = U.T @ da", "dh = U @ da"),
    ],
)
def test_the_line_in_a_pass_of_one_example_is_named_and_mended(bench_of, right, wrong):
    case, points, masks = case_with(bench_of, right, wrong)
    found = diagnose(case, points, masks, budget=20.0)
    text = case.origin.text
    line = next(place for place, one in enumerate(text.splitlines(), start=1) if wrong in one)
    assert found.suspects[0].span.line == line
    mended = changed_case(case, apply_edits(text, found.fixes[0].edits))
    for seed in (20, 21, 22):
        truth = truth_at(case, own_point(case, seed))
        assert not wrong_names(truth, gradient_at(mended, truth.point))


def grades(bench_of, right, wrong, mean=MEAN):
    case, points, masks = case_with(bench_of, right, wrong, mean)
    found = inquire(case, points, masks, float("inf"))
    return {one.angel.site.text.split(" = ")[0].split(" +=")[0]: one.grade for one in reversed(found.standings)}


def test_the_difference_with_which_a_backward_pass_begins_may_be_at_fault(bench_of):
    """The loss computes it too; of copies of a forward pass it is the one that should be a derivative."""
    assert grades(bench_of, "err = 2 * (v", "err = (v")["err"] == AGAIN


def test_what_moves_but_the_wrong_gradient_is_likelier_than_what_moves_right_ones(bench_of):
    long = MEAN.replace("normal(size=(4, 2)), r0.normal(size=4)", "normal(size=(9, 2)), r0.normal(size=9)")
    found = grades(bench_of, "np.outer(da, hs[k])", "np.outer(da, hs[k + 1])", long)  # too many numbers to solve for
    assert (found["dU"], found["da"]) == (ALONE, SPREAD)


def test_the_mean_that_is_missing_is_over_what_the_loss_counts(bench_of):
    """Not over 3: with more examples it would be another number."""
    case, points, masks = case_with(bench_of, "g[name] += step / len(DATA)", "g[name] += step")
    found = diagnose(case, points, masks, budget=20.0)
    assert "/ len(DATA)" in found.fixes[0].diff.split("\n+", 2)[2]
