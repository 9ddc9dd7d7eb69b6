"""Idle statements come on one bench, also where some of them would raise."""

import numpy as np

from gradcheck.diagnosis import idle
from gradcheck.diagnosis.benches import gradients_of
from gradcheck.diagnosis.edits import read_source
from gradcheck.diagnosis.idle import idle_at
from gradcheck.diagnosis.outputs import outputs_of
from gradcheck.diagnosis.spots import Spot
from gradcheck.diagnosis.true_gradients import truth_at
from gradcheck.subject.cases import own_point

TEXT = """
    def point(seed):
        return {"a": np.random.default_rng(seed).normal(size=3)}

    def loss(a):
        return float(np.sum(a**2))

    def grads(a):
        pairs = []
        for k in range(3):
            one = a[k]
            pairs.append((one, 2))
        late = [x * n for x, n in pairs]
        return {"a": np.array(late)}
"""


def placed(bench, monkeypatch, spots):
    """What stands at spots (target, line after which it stands, indent), and how many benches that took."""
    point, source, made = own_point(bench.original, 0), read_source(bench.text), list[str]()
    monkeypatch.setattr(idle, "make_bench", lambda case, real=idle.make_bench: made.append("") or real(case))
    outputs = outputs_of(truth_at(bench.original, point), gradients_of(bench, point))
    lines = bench.text.splitlines(keepends=True)
    rows = {line.strip(): number for number, line in enumerate(lines, 1)}
    asked = [
        Spot(target, bench.tree.body[-1], len("".join(lines[: rows[row]])), " " * indent)
        for target, row, indent in spots
    ]
    found = idle_at(bench, source, asked, outputs, np.inf)
    return [spot.target for spot in asked if spot in found], len(made)


def test_those_that_cannot_be_read_are_left_out_at_once(bench_of, monkeypatch):
    early = [(target, "pairs = []", 4) for target in ("late", "one", "k", "late[0]", "pairs[0]", "pairs[k]", "one[0]")]
    good = [("pairs", "pairs = []", 4), ("one", "one = a[k]", 8), ("late", "late = [x * n for x, n in pairs]", 4)]

    found, benches = placed(bench_of(TEXT), monkeypatch, [*early, *good])

    assert found == ["pairs", "one", "late"]
    assert benches == 2


def test_what_can_be_read_but_not_stored_is_left_out_by_halves(bench_of, monkeypatch):
    spots = [("pairs[0][0]", "pairs.append((one, 2))", 8), ("one", "one = a[k]", 8), ("pairs", "pairs = []", 4)]

    found, _ = placed(bench_of(TEXT), monkeypatch, spots)

    assert found == ["one", "pairs"]


def test_where_all_run_together_one_bench_is_enough(bench_of, monkeypatch):
    spots = [("one", "one = a[k]", 8), ("pairs", "pairs = []", 4)]
    assert placed(bench_of(TEXT), monkeypatch, spots) == (["one", "pairs"], 1)
