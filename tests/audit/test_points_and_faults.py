"""Degenerate points are named, generic ones are generic, planted faults are counted as they show."""

import numpy as np
import pytest

from gradcheck.audit.blind_points import find_hiding
from gradcheck.audit.coincidences import find_coincidences
from gradcheck.audit.generic import generic_point, move_apart
from gradcheck.audit.planted import audit_points
from gradcheck.results.result import CheckedPoint
from gradcheck.results.verdicts import Verdict

ARTICLE = {name: np.array(0.2) for name in ("w1", "w2", "w3", "w4", "w5", "w6")} | {"b1": np.array(0.5)}


@pytest.mark.parametrize(
    ("point", "words"),
    [
        ({"a": np.array(0.5), "b": np.array(0.5), "c": np.array(0.1)}, ["a = b (0.5)"]),
        ({"b": np.array(0.0)}, ["b = 0"]),
        ({"W": np.zeros((2, 2))}, ["W is all zeros"]),
        ({"W": np.full((2, 3), 0.1)}, ["all entries of W are 0.1"]),
        ({"W": np.array([[1.0, 2.0], [2.0, 5.0]])}, ["W is symmetric"]),
        ({"W": np.eye(3)}, ["W is the identity matrix"]),
        ({"W": np.array([[1.0, 2.0, 3.0], [1.0, 2.0, 3.0]])}, ["W has equal rows"]),
        ({"W": np.array([[1.0, 1.0], [2.0, 2.0]])}, ["W has equal columns"]),
        ({"v": np.array([1.0, 0.0, 2.0])}, ["v has zeros"]),
        ({"g": np.ones(3)}, ["all entries of g are 1"]),
        ({"W": np.array([[1.0, 2.0], [3.0, 5.0]]), "b": np.array([0.1, -0.3])}, []),
    ],
)
def test_coincidences_are_named(point, words):
    assert [one.words for one in find_coincidences(point)] == words


@pytest.mark.parametrize("seed", range(5))
def test_a_generic_point_has_no_coincidence(seed):
    given = ARTICLE | {"W": np.eye(4), "z": np.zeros((3, 3)), "s": np.full(5, 1e-6), "big": np.full((2, 2), 3e7)}
    moved = move_apart(given, seed)
    assert find_coincidences(moved) == ()
    numbers = np.concatenate([array.ravel() for array in moved.values()])
    assert len(set(numbers.tolist())) == numbers.size
    assert all(np.abs(moved[name]).max() < 20 * max(np.abs(given[name]).max(), 0.1) for name in given)


def test_generic_points_are_short_decimals_and_repeat():
    moved = move_apart(ARTICLE)
    assert all(len(str(float(array))) <= 5 for array in moved.values())
    assert moved == move_apart(ARTICLE)
    assert moved != move_apart(ARTICLE, seed=1)


def test_bounds_are_kept():
    bounds = dict.fromkeys(ARTICLE, (0.1, 0.3))
    assert all(
        0.1 <= array <= 0.3
        for array in move_apart({n: a for n, a in ARTICLE.items() if n != "b1"}, bounds=bounds).values()
    )


def test_a_point_outside_the_domain_is_drawn_again_nearer():
    given = {"x": np.full(6, 0.2)}
    point = generic_point(given, lambda moved: bool((moved["x"] > 0).all()))
    assert point is not None
    assert (point["x"] > 0).all()
    assert generic_point(given, lambda moved: False) is None


def test_the_members_that_hide_a_fault_are_told_by_experiment():
    generic = move_apart(ARTICLE)
    found = find_hiding(ARTICLE, generic, find_coincidences(ARTICLE), lambda p: float(p["w5"]) != float(p["w6"]))
    assert found is not None
    assert found.words == "w5 = w6"
    assert find_hiding(ARTICLE, generic, find_coincidences(ARTICLE), lambda p: False) is None


def verdict(name, true, bar):
    true, bar = np.asarray(true, dtype=float), np.asarray(bar, dtype=float)
    zeros = np.zeros_like(true)
    return Verdict(name, true, true, bar, zeros, zeros, zeros)


def point(*verdicts):
    return CheckedPoint("given", 0, {v.name: v.numeric for v in verdicts}, 1.0, verdicts)


def test_a_neighbours_value_is_not_seen_where_both_are_equal():
    given, generic = point(verdict("w", [2.0, 2.0], [1e-9, 1e-9])), point(verdict("w", [2.0, 3.0], [1e-9, 1e-9]))
    kinds = {kind.kind: kind for kind in audit_points(given, generic).kinds}
    assert (kinds["a neighbour's value"].caught, kinds["a neighbour's value"].caught_at_given) == (2, 0)
    assert (kinds["sign flipped"].caught, kinds["sign flipped"].caught_at_given) == (2, 2)


def test_a_wide_bar_misses_and_a_zero_partial_cannot_be_planted():
    audit = audit_points(*[point(verdict("w", [2.0, 0.0], [5.0, 1e-9]))] * 2)
    kinds = {kind.kind: kind for kind in audit.kinds}
    assert kinds["sign flipped"].planted == 1  # of 0, minus 0 is no fault
    assert kinds["factor 2"].caught == 0
    assert "w[0]: factor 2" in audit.missed
    assert audit.planted > audit.caught
