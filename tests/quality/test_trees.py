"""Is the truth inside the error bar of functions that nobody chose? How to run the full count: `measuring.py`."""

import runpy
from pathlib import Path

import numpy as np
import pytest

from gradcheck.results.outcomes import Outcome
from gradcheck.verification import verify

MEASURING = runpy.run_path(str(Path(__file__).with_name("measuring.py")))
TREES = runpy.run_path(str(Path(__file__).with_name("trees.py")))


@pytest.mark.quality
def test_at_most_one_random_expression_of_20_000_is_outside_of_its_bar():
    tally = MEASURING["Tally"]()
    for tree, x, got, exact, partial in TREES["expressions"](MEASURING["SEED"], 20 * MEASURING["POINTS"]):
        answer = MEASURING["seen"](lambda z, tree=tree: TREES["of_float"](tree, z), [x])
        tally.add(answer, *(np.array([number]) for number in (partial, exact, got)), [(tree, x)])
    unsettled = [one for one in tally.all_missed if not TREES["is_settled"](*one[0], one[1])]
    print(f"random expressions, seed {MEASURING['SEED']}: {tally}")
    print(f"of the missed, x itself does not settle the partial of {len(unsettled)}: {unsettled}")

    assert (tally.missed - len(unsettled)) * MEASURING["ONE_IN"] <= tally.points, str(tally)


def test_partials_of_expressions_are_those_on_paper():
    exactly = TREES["exactly"]

    # d/dx sin(x^2) / x at 2 = 2 cos 4 - sin 4 / 4
    tree = ("div", ("sin", ("square", ("x",))), ("x",))
    assert float(exactly(tree, 2.0)[1]) == pytest.approx(2 * np.cos(4) - np.sin(4) / 4, rel=1e-14)
    for name, slope in {
        "tanh": 1 / np.cosh(0.7) ** 2,
        "atan": 1 / 1.49,
        "sqrt": 0.5 / 0.7**0.5,
        "log": 1 / 0.7,
    }.items():
        assert float(exactly((name, ("x",)), 0.7)[1]) == pytest.approx(slope, rel=1e-14)


@pytest.mark.quality
def test_right_partials_of_random_expressions_are_not_blamed_and_wrong_ones_not_believed():
    counts = {"points": 0, "right": 0, "blamed": 0, "wrong seen": 0, "wrong believed": 0}
    first = []
    for tree, x, got, exact, partial in TREES["expressions"](MEASURING["SEED"] + 1000, 5 * MEASURING["POINTS"]):
        if not abs(got - exact) <= 1e-3 * abs(exact):
            continue

        def f(arrays, tree=tree):
            return TREES["of_float"](tree, float(arrays["x"]))

        outcomes = [verify(f, {"x": partial * factor}, {"x": x})[0].outcome for factor in (1, 1.01)]
        counts["points"] += 1
        counts["right"] += outcomes[0] is Outcome.AGREE
        counts["blamed"] += outcomes[0] is Outcome.DISAGREE
        counts["wrong seen"] += outcomes[1] is Outcome.DISAGREE
        counts["wrong believed"] += outcomes[1] is Outcome.AGREE and abs(partial) > 1e-9 * abs(exact)
        if outcomes[0] is Outcome.DISAGREE or outcomes[1] is Outcome.AGREE:
            first.append((tree, x, partial, exact, *outcomes))
    print(f"verdicts on random expressions, seed {MEASURING['SEED'] + 1000}: {counts}; {first[:5]}")

    assert counts["blamed"] * MEASURING["ONE_IN"] <= counts["points"], first[:5]
    assert counts["wrong believed"] * MEASURING["ONE_IN"] <= counts["points"], first[:5]
