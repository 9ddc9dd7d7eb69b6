"""Two mistakes of which one is a statement as a whole, or of which each is in a gradient that nothing comes after."""

import time
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from gradcheck.diagnosis.at_cuts import WAYS
from gradcheck.diagnosis.benches import changed_case
from gradcheck.diagnosis.by_cuts import matter_of
from gradcheck.diagnosis.diagnosing import diagnose
from gradcheck.diagnosis.edits import apply_edits, apply_swaps
from gradcheck.diagnosis.inquiries import inquire
from gradcheck.diagnosis.leaves import changes_of_leaves
from gradcheck.diagnosis.missteps import gained, missteps_above
from gradcheck.diagnosis.severing import sever
from gradcheck.diagnosis.true_gradients import truth_at
from gradcheck.diagnosis.truths import refuted, wrong_names
from gradcheck.subject.cases import gradient_at, own_point

CELL = """
    T, D, H = 3, 2, 3
    seen = np.array([[0.4, -1.1], [0.9, 0.3], [-0.6, 0.7]])
    want = np.array([0.3, -0.2, 0.5])

    def point(seed):
        r = np.random.default_rng(seed)
        shapes = {"A": (H, D), "R": (H, H), "b": (H,), "Az": (H, D), "Rz": (H, H)}
        return {k: r.normal(size=shape) * 0.8 for k, shape in shapes.items()}

    def forward(p):
        h, kept = np.zeros(H) + 0.2, []
        for t in range(T):
            z = 1 / (1 + np.exp(-(p["Az"] @ seen[t] + p["Rz"] @ h)))
            n = np.tanh(p["A"] @ seen[t] + p["R"] @ h + p["b"])
            kept.append((t, z, n, h))
            h = (1 - z) * h + z * n
        return h, kept

    def loss(**p):
        return 0.5 * np.sum((forward(p)[0] - want) ** 2)

    def grads(**p):
        h, kept = forward(p)
        out = {k: np.zeros_like(v) for k, v in p.items()}
        dh = h - want
        for t, z, n, before in reversed(kept):
            dn = dh * z * (1 - n ** 2)
            dz = dh * (n - before) * z * (1 - z)
            out["A"] += np.outer(dn, seen[t])
            out["R"] += np.outer(dn, before)
            out["b"] += dn
            out["Az"] += np.outer(dz, seen[t])
            out["Rz"] += np.outer(dz, before)
            dh = dh * (1 - z) + p["R"].T @ dn + p["Rz"].T @ dz
        return out
"""
TURNED = ("reversed(kept)", "kept")
EXCHANGED = ("for t, z, n, before in", "for t, n, z, before in")
SUBTRACTED = ('out["b"] += dn', 'out["b"] -= dn')
OVERWRITTEN = ('out["Az"] += np', 'out["Az"] = np')
LAST_STEP = ('out["A"] += np.outer(dn, seen[t])', 'out["A"] += np.outer(dn, seen[-1])')
POWER = ("(1 - n ** 2)", "(1 - n)")
PAIRS = [(TURNED, POWER), (EXCHANGED, SUBTRACTED), (OVERWRITTEN, LAST_STEP)]


@pytest.fixture
def looked_into(bench_of):
    """From a text: what a search by cuts needs, and the text with its cuts."""

    def looked(text):
        case = bench_of(text).original
        points = [own_point(case, seed) for seed in range(8)]
        wrong = refuted(truth_at(case, points[0]), gradient_at(case, points[0]))
        inquiry = inquire(case, points, wrong, time.process_time() + 60)
        matter = matter_of(case, inquiry, cache(lambda: [truth_at(case, one) for one in points[3:]]))
        return matter, sever(matter, case, time.process_time() + 60)

    return looked


def changed(*changes):
    text = CELL
    for old, new in changes:
        assert text.count(old) == 1
        text = text.replace(old, new)
    return text


def missteps(severed):
    return missteps_above(severed, time.process_time() + 60)


@pytest.mark.parametrize(("fault", "other"), [(TURNED, POWER), (EXCHANGED, SUBTRACTED)])
def test_the_statement_that_makes_cuts_needless_comes_first(looked_into, fault, other):
    _, severed = looked_into(changed(fault, other))
    best = missteps(severed)[0]
    assert best.cuts >= 1
    text = apply_swaps(severed.court.bench.text, best.candidate.swaps)
    assert fault[0] in text
    assert other[1] in text


def test_where_only_a_value_is_wrong_no_statement_is_blamed(looked_into):
    _, severed = looked_into(changed(POWER, ("* z * (1 - z)", "* (1 - z)")))
    assert missteps(severed) == []


def test_a_statement_at_a_cut_may_be_another(looked_into):
    _, severed = looked_into(changed(OVERWRITTEN, LAST_STEP))
    assert [cut.site.target for cut in severed.cuts] == ["out['Az']"]
    assert missteps(severed)[0].candidate.words == "+= for ="


def test_out_of_time_no_statement_is_tried(looked_into):
    _, severed = looked_into(changed(TURNED, POWER))
    assert missteps_above(severed, time.process_time() - 1) == []


def test_gradients_that_nothing_comes_after_are_mended_each_by_itself(looked_into):
    matter, severed = looked_into(changed(SUBTRACTED, LAST_STEP))
    assert severed.cuts == ()
    assert severed.left == {"b", "A"}
    found = changes_of_leaves(matter, severed, WAYS, time.process_time() + 60)
    assert set(found) == {frozenset({"b"}), frozenset({"A"})}
    lines = severed.court.bench.text.splitlines()
    assert SUBTRACTED[1] in lines[found[frozenset({"b"})][0] - 1]
    assert LAST_STEP[1] in lines[found[frozenset({"A"})][0] - 1]


def test_a_gradient_wrong_beside_a_cut_is_mended_there(looked_into):
    matter, severed = looked_into(changed(("dh * (1 - z) +", "dh * z +"), SUBTRACTED))
    assert len(severed.cuts) == 1
    found = changes_of_leaves(matter, severed, WAYS, time.process_time() + 60)
    assert set(found) == {frozenset({"b"})}


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_both_are_mended(bench_of, one, other):
    bench = bench_of(changed(one, other))
    case = bench.original
    points = [own_point(case, seed) for seed in range(8)]
    wrong = refuted(truth_at(case, points[0]), gradient_at(case, points[0]))
    found = diagnose(case, points, wrong, 60.0)
    mended = changed_case(case, apply_edits(bench.text, found.fixes[0].edits))
    for seed in (20, 21, 22):
        truth = truth_at(case, own_point(case, seed))
        assert not wrong_names(truth, gradient_at(mended, truth.point))


def test_a_loop_that_runs_less_is_no_gain(looked_into):
    base = looked_into(changed(TURNED, POWER))[1].base
    right = replace(base, right=np.ones_like(base.right))
    assert gained(base, right) == right.score - base.score > 0
    fewer = {name: getattr(right, name)[:-1] for name in ("sites", "right", "tells", "doubtful")}
    assert gained(base, replace(base, **fewer)) == 0
