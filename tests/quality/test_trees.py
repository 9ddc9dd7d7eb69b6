"""Is the truth inside the error bar of functions that nobody chose? How to run the full count: `measuring.py`."""

import runpy
from pathlib import Path

import numpy as np
import pytest

MEASURING = runpy.run_path(str(Path(__file__).with_name("measuring.py")))
TREES = runpy.run_path(str(Path(__file__).with_name("trees.py")))


@pytest.mark.quality
def test_at_most_one_random_expression_of_20_000_is_outside_of_its_bar():
    tally = MEASURING["Tally"]()
    for tree, x, got, exact, partial in TREES["expressions"](MEASURING["SEED"], 20 * MEASURING["POINTS"]):
        answer = MEASURING["seen"](lambda z, tree=tree: TREES["of_float"](tree, z), [x])
        tally.add(answer, *(np.array([number]) for number in (partial, exact, got)), [(tree, x)])
    print(f"random expressions, seed {MEASURING['SEED']}: {tally}")

    assert tally.holds, str(tally)


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
