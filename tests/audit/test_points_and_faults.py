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


@pytest.mark.parametrize(
    ("given", "low", "high"),
    [
        (np.zeros(3), 0.1, 2.0),  # shapes alone start at zero, outside
        (np.zeros(4), 0.01, 0.05),
        (np.full(2, 5.0), 0.1, 2.0),
        (np.array([0.999, 0.001]), 0.0, 1.0),
        (np.full((5, 20), 300.0), 290.0, 310.0),
        (np.full(3, -0.5), -np.inf, 0.0),
        (np.array([0.01, 0.02]), 0.0, np.inf),
        (np.zeros((60, 60)), 0.01, 0.05),
    ],
)
@pytest.mark.parametrize("seed", range(3))
def test_a_generic_point_lies_inside_its_bounds_wherever_the_given_one_lies(given, low, high, seed):
    moved = move_apart({"x": given}, seed, bounds={"x": (low, high)})["x"]
    assert ((low < moved) & (moved < high)).all()
    assert len(set(moved.ravel().tolist())) == moved.size


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


TWO = np.array([[0.3, -0.7], [0.2, 1.1]])


@pytest.mark.parametrize(
    ("point", "words"),
    [
        ({"g": np.array(1.0)}, ["g = 1"]),
        ({"a": np.array(0.5), "b": np.array(-0.5)}, ["a = -b (0.5)"]),
        ({"v": np.array([0.5, 0.2, 0.5]), "b": np.array(0.2)}, ["v[0] = v[2] (0.5)", "v[1] = b (0.2)"]),
        ({"V": TWO, "W": TWO.copy()}, ["V = W"]),
        ({"V": TWO, "W": TWO.T}, ["V = W.T"]),
        ({"W": np.array([[0.0, 2.0], [-2.0, 0.0]])}, ["W is antisymmetric"]),
        ({"W": np.diag([2.0, 3.0])}, ["W is diagonal"]),
        ({"W": np.array([[1.0, 0.0], [2.0, 3.0]])}, ["W is triangular"]),
        ({"W": np.array([[0.6, -0.8], [0.8, 0.6]])}, ["W is orthogonal"]),
        ({"W": np.array([[0.3, 0.0, 0.4], [0.1, 0.2, 0.7]])}, ["W has zeros"]),
        ({"w": np.array([0.02, 0.03])}, ["w = x"]),
        ({"w": np.array(7.0)}, ["w = y"]),
    ],
)
def test_relations_between_numbers_arrays_and_data_are_named(point, words):
    data = {"x": np.array([0.02, 0.03]), "y": np.array(7.0)}
    found = [one.words for one in find_coincidences(point, data)]
    assert [text for text in found if not text.startswith(("V[", "W["))][: len(words)] == words


def hiding_of(given, shows_fault):
    found = find_hiding(given, move_apart(given), find_coincidences(given), shows_fault)
    return found and found.words


def test_a_property_of_a_matrix_is_named_as_such():
    given = {"A": np.array([[2.0, 0.8], [0.8, 2.3]]), "b": np.zeros(2)}
    assert hiding_of(given, lambda p: p["A"][0, 1] != p["A"][1, 0]) == "A is symmetric"
    assert hiding_of(given, lambda p: p["b"].any()) == "b is all zeros"
    assert hiding_of({"W": np.eye(2)}, lambda p: p["W"][0, 1] != p["W"][1, 0]) == "W is the identity matrix"


def test_of_many_zeros_only_those_that_hide_are_named():
    assert hiding_of({"v": np.array([1.5, 0.0, 0.0, 2.0])}, lambda p: p["v"][2] != 0) == "v[2] = 0"


def test_coincidences_that_hide_only_together_are_named_together():
    given = {"V": np.zeros((2, 2)), "b": np.array(0.0), "W": np.zeros((2, 3))}
    assert hiding_of(given, lambda p: p["V"].any() and p["W"].any()) == "V is all zeros and W is all zeros"


def test_where_no_coincidence_is_known_the_parameters_are_named():
    given = {"a": np.array(0.3), "b": np.array(0.4), "c": np.array(0.9)}
    off_circle = lambda p: abs(p["a"] ** 2 + p["b"] ** 2 - 0.25) > 1e-9  # noqa: E731
    assert hiding_of(given, off_circle) in ("the values of a", "the values of b")


def test_near_zero_numbers_of_a_large_array_do_not_queue_at_the_margin():
    moved = move_apart({"x": np.linspace(-1, 1, 20_000)})["x"]
    assert len(np.unique(np.abs(moved))) == moved.size
    near = np.sort(np.abs(moved))[:1000]
    assert near[-1] - near[0] > 0.02  # a queue in steps of 1e-5 would fill no more than 0.01


@pytest.mark.parametrize("bounds", [None, {"W": (-0.2, 0.2), "b": (0.0, 1.0)}])
@pytest.mark.parametrize("scale", [1.0, 1e-3, 3e7])
def test_many_numbers_are_moved_apart_too(scale, bounds):
    random = np.random.default_rng(4)
    given = {"W": random.uniform(-0.2, 0.2, (70, 90)), "b": np.full(3000, 0.5), "c": np.full((2, 2), 0.1)}
    given = {name: scale * array for name, array in given.items()}
    bounds = bounds and {name: (scale * low, scale * high) for name, (low, high) in bounds.items()}
    moved = move_apart(given, seed=3, bounds=bounds)
    row = np.abs(np.concatenate([array.ravel() for array in moved.values()]))

    assert len(np.unique(row)) == row.size
    assert all(np.all(moved[name] != array) for name, array in given.items())
    for name, array in given.items():
        typical = np.sqrt(np.mean(array**2))
        assert np.abs(moved[name] - array).max() <= 0.75 * typical
        if bounds is None:
            assert np.abs(moved[name]).min() >= typical / 11
    for name, (low, high) in (bounds or {}).items():
        assert low <= moved[name].min()
        assert moved[name].max() <= high
    again = move_apart(given, seed=3, bounds=bounds)
    assert all(np.array_equal(moved[name], again[name]) for name in given)


def test_faults_of_many_entries_are_counted_as_those_of_few():
    random = np.random.default_rng(2)
    true = {"W": random.uniform(1, 2, (50, 60)), "b": random.uniform(1, 2, 7)}
    bars = {"W": np.where(np.arange(3000).reshape(50, 60) == 1234, 100.0, 1e-9), "b": np.full(7, 1e-9)}

    def point(names):
        verdicts = tuple(
            Verdict(name, true[name], true[name], bars[name], *(np.zeros(true[name].shape),) * 3) for name in names
        )
        return CheckedPoint("given", 0, {name: true[name] for name in names}, 1.0, verdicts)

    one = point(["W", "b"])
    audit = audit_points(one, one)

    assert {kind.kind: (kind.planted, kind.caught) for kind in audit.kinds} == {
        "sign flipped": (3007, 3006),
        "factor 2": (3007, 3006),
        "left out": (3007, 3006),
        "a neighbour's value": (3000 * 2 + 7 * 6, 3000 * 2 + 7 * 6 - 2),
    }
    assert audit.missed[0] == "W[20,34]: sign flipped"
    assert all(one.startswith("W[20,34]") for one in audit.missed)
