"""One slip on which a whole loop hangs: it looks like several faults, and is one."""

import pytest

from gradcheck.diagnosis.benches import changed_case
from gradcheck.diagnosis.diagnosing import diagnose
from gradcheck.diagnosis.edits import apply_edits
from gradcheck.diagnosis.true_gradients import truth_at
from gradcheck.diagnosis.truths import wrong_names
from gradcheck.subject.cases import gradient_at, own_point

GATED = """
    X = np.array([[0.5, -1.2], [0.3, 0.8], [-0.7, 0.4], [1.1, -0.2]])

    def point(seed):
        r = np.random.default_rng(seed)
        names = ("Wf", "Uf", "Wg", "Ug")
        return {name: r.normal(size=(2, 2)) for name in names} | {"v": r.normal(size=2)}

    def forward(Wf, Uf, Wg, Ug, v):
        h, tape = np.zeros(2), []
        for x in X:
            f = 1 / (1 + np.exp(-(Wf @ x + Uf @ h)))
            g = np.tanh(Wg @ x + Ug @ h)
            tape.append((x, h, f, g))
            h = f * h + (1 - f) * g
        return h, tape

    def loss(Wf, Uf, Wg, Ug, v):
        h, tape = forward(Wf, Uf, Wg, Ug, v)
        return 0.5 * (v @ h - 0.4) ** 2

    def grads(Wf, Uf, Wg, Ug, v):
        h, tape = forward(Wf, Uf, Wg, Ug, v)
        e = v @ h - 0.4
        d = {"Wf": np.zeros((2, 2)), "Uf": np.zeros((2, 2)), "Wg": np.zeros((2, 2)), "Ug": np.zeros((2, 2)), "v": e * h}
        dh = e * v
        for x, before, f, g in reversed(tape):
            df = dh * (before - g) * f * (1 - f)
            dg = dh * (1 - f) * (1 - g ** 2)
            d["Wf"] += np.outer(df, x)
            d["Uf"] += np.outer(df, before)
            d["Wg"] += np.outer(dg, x)
            d["Ug"] += np.outer(dg, before)
            dh = dh * f + Uf.T @ df + Ug.T @ dg
        return d
"""
HEAD = "for x, before, f, g in reversed(tape):"


@pytest.mark.parametrize(
    "wrong",
    [
        "for x, before, g, f in reversed(tape):",
        "for x, before, f, g in tape:",
        "for f, before, x, g in reversed(tape):",
    ],
)
def test_the_head_of_a_loop_is_mended(bench_of, wrong):
    assert GATED.count(HEAD) == 1
    bench = bench_of(GATED.replace(HEAD, wrong))
    case = bench.original
    points = [own_point(case, seed) for seed in range(8)]
    truth = truth_at(case, points[0])
    masks = {name: truth.values[name] != gradient_at(case, points[0])[name] for name in truth.values}

    fix = diagnose(case, points, masks, 10.0).fixes[0]

    mended = changed_case(case, apply_edits(bench.text, fix.edits))
    assert wrong.partition(" in ")[0] in bench.text.splitlines()[fix.edits[0].span.line - 1]
    for seed in range(900, 905):
        assert not wrong_names(truth_at(case, own_point(case, seed)), gradient_at(mended, own_point(case, seed)))
