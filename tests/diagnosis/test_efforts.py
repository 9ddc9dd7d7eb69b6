"""A search that is cut short and taken up again finds what an uncut one finds, and tries nothing twice."""

import time
from itertools import count
from math import inf

import numpy as np
import pytest

from gradcheck.diagnosis.efforts import go_on, holds_at
from gradcheck.diagnosis.inquiries import inquire
from gradcheck.diagnosis.repairs import attempt_at, find_more
from gradcheck.diagnosis.reshaping import reshaped
from gradcheck.diagnosis.searches import Search
from gradcheck.diagnosis.true_gradients import truth_at
from gradcheck.diagnosis.truths import refuted
from gradcheck.subject.cases import gradient_at, own_point
from gradcheck.subject.targets import case_of_file

LAYERS = """\
import numpy as np

r = np.random.RandomState(0)
X, Y = r.randn(5, 3), r.randn(5, 2)


def point(seed):
    g = np.random.RandomState(seed)
    return {"W": g.randn(3, 4), "V": g.randn(4, 2), "b": g.randn(4)}


def loss(W, V, b):
    return float(np.sum((np.tanh(X @ W + b) @ V - Y) ** 2))


def grads(W, V, b):
    h = np.tanh(X @ W + b)
    e = 2 * (h @ V - Y)
    dz = (e @ V.T) * (1 - h ** 2)
    return {"W": X.T @ dz, "V": h.T @ e, "b": dz.sum(axis=0)}
"""
# A slice ends when it was asked so often whether it is over.
ASKED = 60
# One slip, one missing statement: `db += dz[i]` for every row.
SLIPPED = LAYERS.replace("(1 - h ** 2)", "(1 - h)")
SUMMED = LAYERS.replace("    return {", "    db = np.zeros(4)\n    return {").replace("dz.sum(axis=0)", "db")

# A mean over all numbers, in the gradient over the rows: with two columns leaving out the 2 does as well.
MEAN = LAYERS.replace("np.sum", "np.mean").replace("2 * (h @ V - Y)", "2 * (h @ V - Y) / Y.shape[0]")


def attempt_in(path, text, has_shapes=False):
    path.write_text(text)
    case = case_of_file(path)
    points = [own_point(case, seed) for seed in range(1, 9)]
    wrong = refuted(truth_at(case, points[0]), gradient_at(case, points[0]))
    inquiry = inquire(case, points, wrong, time.process_time() + 30.0)
    fresh = [truth_at(case, point) for point in points[3:]]
    shapes = reshaped(case, points[-1], inquiry.wrong, time.process_time() + 30.0) if has_shapes else []
    return attempt_at(inquiry.bench, inquiry.standings, inquiry.truths, lambda: fresh, lambda: shapes)


def found_by(attempt):
    return sorted((one.cost, one.candidate.words, str(one.candidate.swaps)) for one in attempt.effort.found)


@pytest.mark.parametrize("text", [SLIPPED, SUMMED])
def test_a_search_in_slices_finds_what_one_in_one_piece_finds_with_as_many_runs(tmp_path, monkeypatch, text):
    whole, cut = attempt_in(tmp_path / "whole.py", text), attempt_in(tmp_path / "cut.py", text)
    runs = [one.effort.search.bench.original.calls for one in (whole, cut)]
    before = [each["grad"] for each in runs]
    with np.errstate(all="ignore"):
        whole.effort.search.deadline = inf
        go_on(whole.effort)
        slices = 0
        while slices == 0 or cut.effort.waiting:
            asked = count()
            monkeypatch.setattr(Search, "is_over", property(lambda search, asked=asked: next(asked) > ASKED))
            cut.effort.search.deadline = inf
            go_on(cut.effort)
            slices += 1
    assert slices > 3
    assert found_by(cut) == found_by(whole) != []
    first, second = (each["grad"] - one for each, one in zip(runs, before, strict=True))
    assert second <= 1.1 * first


def test_what_was_verified_is_not_verified_again(tmp_path):
    attempt = attempt_in(tmp_path / "slipped.py", SLIPPED)
    with np.errstate(all="ignore"):
        found = find_more(attempt, time.process_time() + 30.0)
        calls = dict(attempt.effort.search.bench.original.calls)
        again = find_more(attempt, time.process_time() + 30.0)
    assert found
    assert [one.edits for one in again] == [one.edits for one in found]
    assert dict(attempt.effort.search.bench.original.calls) == calls


def test_another_right_hand_side_is_right_at_the_same_other_shapes_as_the_text_with_it(tmp_path):
    search = (effort := attempt_in(tmp_path / "mean.py", MEAN, has_shapes=True).effort).search
    with np.errstate(all="ignore"):
        search.deadline = inf
        go_on(effort)
        known = [one for one in effort.found if one.value is not None]
        asked = [(one, place, shape) for one in known for place, shape in enumerate(search.shapes())]
        told = [(place in one.holds, holds_at(search, shape, one)) for one, place, shape in asked]
    assert {one for one, _ in told} == {True, False}
    assert [one for one, _ in told] == [other for _, other in told]
