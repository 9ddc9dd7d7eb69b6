"""The mistakes: each kind can be planted, each mutant is wrong by an independent truth, and no loss is changed."""

import ast

import numpy as np
import pytest
from planting import mutants
from planting.sources import Source, places
from planting.truths import differences, module_of, true_gradient

CHEAP = 50  # parameters: one truth costs 33 evaluations of the loss for each
SAMPLE = mutants.sample(40, seed=1, most_parameters=CHEAP)

POLYNOMIAL = """
import numpy as np
def point(seed):
    return {"x": np.array([0.5, -2.0]), "y": 3.0}
def loss(x, y):
    return float(np.real(x[0] ** 3 * y + x[1] * y ** 2)) if np.isrealobj(y * x) else x[0] ** 3 * y + x[1] * y ** 2
def back(d):
    return d
def grads(x, y):
    g = np.array([3 * x[0] ** 2 * y, y ** 2])
    return {"x": back(g), "y": x[0] ** 3 + 2 * x[1] * y}
"""


def test_the_truth_is_that_of_a_polynomial_on_paper():
    truth = true_gradient(POLYNOMIAL, module_of(POLYNOMIAL).point(0))
    np.testing.assert_allclose(truth["x"], [3 * 0.25 * 3, 9], rtol=1e-12)
    np.testing.assert_allclose(truth["y"], 0.125 - 12, rtol=1e-12)


def test_differences_of_eighth_order_are_exact_for_a_cubic():
    found = differences(module_of(POLYNOMIAL), {"x": np.array([0.5, -2.0]), "y": 3.0}, 0.25)
    np.testing.assert_allclose(found["x"], [2.25, 9], rtol=1e-13)


def test_a_point_beside_a_kink_has_no_truth():
    text = "import numpy as np\ndef loss(x):\n    return float(np.sum(np.abs(x)))\n"
    assert true_gradient(text, {"x": np.full(2, 3e-4)}) is None


def test_only_the_backward_pass_is_a_place():
    lines = [place.statement.lineno for place in places(Source(POLYNOMIAL))]
    assert lines == [8, 10, 11]


@pytest.mark.parametrize("base", mutants.bases(CHEAP)[::3])
def test_the_correct_files_are_correct(base):
    assert (
        mutants.errors(mutants.correct(base), base) is None or max(mutants.errors(mutants.correct(base), base)) < 1e-9
    )


def test_most_correct_files_have_a_truth():
    known = [base for base in mutants.bases(CHEAP) if None not in mutants.truths(base)]
    assert len(known) >= 0.85 * len(mutants.bases(CHEAP))


@pytest.mark.parametrize("mistake", [mistake.__name__ for mistake in mutants.MISTAKES])
def test_every_kind_of_mistake_is_planted(mistake):
    assert mistake in {mutant.kind for mutant in SAMPLE}


@pytest.mark.parametrize("mutant", [m for m in SAMPLE if m.kind != "overwritten_too_early"][::3], ids=str)
def test_a_mutant_changes_the_lines_that_it_names_and_no_loss(mutant):
    old, new = mutants.correct(mutant.base), mutant.text
    first, last = mutant.lines
    assert old.split("\n")[: first - 1] == new.split("\n")[: first - 1]
    after = len(old.split("\n")) - last
    assert old.split("\n")[len(old.split("\n")) - after :] == new.split("\n")[len(new.split("\n")) - after :]
    point = module_of(old).point(5)
    assert module_of(new).loss(**point) == module_of(old).loss(**point)


def test_an_equal_text_is_no_mutant():
    base = next(iter(mutants.bases(CHEAP)))
    assert not mutants.is_wrong(mutants.correct(base), base)


def test_a_text_that_raises_is_no_mutant():
    base = mutants.bases(CHEAP)[0]
    assert not mutants.is_wrong(mutants.correct(base).replace("return {", "return 1 / 0, {"), base)


def test_the_same_seed_gives_the_same_mutants():
    assert [m.text for m in mutants.sample(5, 3, 12)] == [m.text for m in mutants.sample(5, 3, 12)]


def test_two_mistakes_stand_in_one_file_and_both_are_there():
    found = mutants.pairs(SAMPLE, 3, seed=1)
    assert len(found) == 3
    for one, two in found:
        assert ast.parse(mutants.together((one, two)))
        assert mutants.together((one, two)) not in (one.text, two.text)
