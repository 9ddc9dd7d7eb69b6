import numpy as np
import pytest

from gradcheck.numeric.bisection import Fault, find_entry
from gradcheck.numeric.probes import field_around, ladder_along, probe, smallest_seen
from gradcheck.numeric.sampling import value_at

R = np.random.default_rng(11)
POINT = {"A": R.standard_normal((30, 50)), "b": R.standard_normal(500), "c": np.array(0.7)}
K = {"A": R.standard_normal((30, 50)), "b": 1e-3 * R.standard_normal(500)}


def f(arrays):
    waves = sum(np.sum(np.sin(arrays[name]) * k) for name, k in K.items())
    return float(waves + np.exp(arrays["c"]))


def by_hand():
    return {**{name: np.cos(POINT[name]) * k for name, k in K.items()}, "c": np.exp(POINT["c"])}


def test_slope_along_every_direction_is_the_gradients():
    field = field_around(POINT, by_hand())
    for k in range(6):
        direction = field.direction(k)
        seen = probe(f, field, direction, value_at(f, POINT))
        ladder = ladder_along(f, field, direction)

        assert abs(seen.value[0] - field.slope_by_gradient(direction)) <= seen.bar[0] <= 1e-6 * field.size
        assert abs(ladder.value - field.slope_by_gradient(direction)) <= ladder.bar


def test_numbers_of_a_direction_are_256_even_ones_and_each_entry_adds_its_own_share():
    field = field_around(POINT, by_hand())
    direction = field.direction(3)
    z = direction["A"] / field.reach["A"] * 128

    assert np.allclose(z - 0.5, np.rint(z - 0.5))
    assert len(np.unique(np.rint(z - 0.5))) > 200
    assert np.abs(direction["A"] * by_hand()["A"]).max() <= field.unit
    assert field.entry(3, "A", 77) == direction["A"].reshape(-1)[77]
    assert np.array_equal(direction["b"], field.direction(3)["b"])


def test_misses_are_no_more_frequent_than_derived():
    # One entry wrong by r, all others right, bounds of T: the share of directions with |r unit z| <= T.
    field = field_around({"x": np.ones(4000)}, {"x": np.linspace(1, 2, 4000)})
    z = np.concatenate([field.direction(k)["x"] / field.reach["x"] for k in range(10)])
    for bound in (0.01, 0.1, 0.3):
        assert np.mean(np.abs(z) <= bound) <= (bound + 1 / 256) * 1.1


@pytest.mark.parametrize("count", [4, 6, 11])
def test_smallest_seen_solves_its_formula(count):
    fault = smallest_seen([2e-6] * count, 1e-2, 1e-9)

    assert (2e-6 / (fault * 1e-2) + 1 / 256) ** count == pytest.approx(1e-9, rel=1e-6)
    assert smallest_seen([1e-9] * 3, 1.0, 1e-9) == np.inf


@pytest.mark.parametrize("is_fine", [False, True])
@pytest.mark.parametrize(("name", "flat"), [("A", 0), ("A", 1499), ("A", 700), ("b", 0), ("b", 499), ("c", 0)])
def test_bisection_finds_the_entry(name, flat, is_fine):
    wrong = {key: np.array(value) for key, value in by_hand().items()}
    wrong[name].reshape(-1)[flat] *= 1.01
    field = field_around(POINT, wrong)
    calls = []
    direction = field.direction(0)
    excess = -0.01 / 1.01 * float(direction[name].reshape(-1)[flat] * wrong[name].reshape(-1)[flat])
    fault = Fault(direction, excess, is_fine)
    found = find_entry(lambda a: calls.append(1) or f(a), field, fault, tuple(wrong), {})

    assert found == (name, flat)
    assert len(calls) <= 2 * 13 * (1 + is_fine)


def test_bisection_looks_past_what_is_mended():
    wrong = {key: np.array(value) for key, value in by_hand().items()}
    lacks = {}
    for flat in (5, 1200):
        lacks["A", flat] = -wrong["A"].reshape(-1)[flat]
        wrong["A"].reshape(-1)[flat] *= 2
    field = field_around(POINT, wrong)
    direction = field.direction(1)
    excess = lacks["A", 1200] * field.entry(1, "A", 1200)

    assert find_entry(f, field, Fault(direction, excess, False), ("A", "b"), {("A", 5): lacks["A", 5]}) == ("A", 1200)
