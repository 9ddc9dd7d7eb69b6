import numpy as np
import pytest

from gradcheck.numeric.bisection import Fault, find_entry, step_for
from gradcheck.numeric.counting import count_faults
from gradcheck.numeric.lines import lines_from, values_along
from gradcheck.numeric.pieces import length_of
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
    with lines_from(f, POINT) as line:
        for k in range(6):
            direction = field.direction(k)
            seen = probe(line, direction, value_at(f, POINT))
            ladder = ladder_along(line, direction)

            assert abs(seen.value[0] - field.slope_by_gradient(direction)) <= seen.bar[0] <= 1e-6 * field.size
            assert abs(ladder.value - field.slope_by_gradient(direction)) <= ladder.bar


def test_walking_in_place_goes_where_fresh_copies_would():
    direction = field_around(POINT, by_hand()).direction(0)
    steps = [2.0**-8, -(2.0**-12), 2.0**-3]
    with lines_from(f, POINT) as line:
        walked = values_along(line, direction, steps)

    moved = [{name: POINT[name] + step * direction[name] for name in POINT} for step in steps]
    assert walked == pytest.approx([f(one) for one in moved], rel=1e-14)


@pytest.mark.parametrize("spoil", [lambda a: a.__imul__(3), lambda a: a.__imul__(-1), lambda a: a.sort()],
                         ids=["grows", "turns", "sorts"])  # fmt: skip
def test_a_function_that_changes_what_it_is_lent_is_walked_on_copies(spoil):
    def spoils(arrays):
        value = f(arrays)
        spoil(arrays["b"])
        return value

    direction = field_around(POINT, by_hand()).direction(0)
    kept = {name: array.copy() for name, array in POINT.items()}
    with lines_from(f, POINT) as line, lines_from(spoils, POINT) as spoilt:
        steps = [2.0**-8, 2.0**-9, 2.0**-10, 2.0**-11]
        assert values_along(spoilt, direction, steps) == pytest.approx(values_along(line, direction, steps), rel=1e-14)
        assert spoilt.loan is None
    assert all(np.array_equal(kept[name], POINT[name]) for name in kept)


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


@pytest.mark.parametrize("step", [2.0**-12, None])
@pytest.mark.parametrize(("name", "flat"), [("A", 0), ("A", 1499), ("A", 700), ("b", 0), ("b", 499), ("c", 0)])
def test_bisection_finds_the_entry(name, flat, step):
    wrong = {key: np.array(value) for key, value in by_hand().items()}
    wrong[name].reshape(-1)[flat] *= 1.01
    field = field_around(POINT, wrong)
    calls = []
    direction = field.direction(0)
    excess = -0.01 / 1.01 * float(direction[name].reshape(-1)[flat] * wrong[name].reshape(-1)[flat])
    with lines_from(lambda a: calls.append(1) or f(a), POINT) as line:
        *found, left = find_entry(line, field, Fault(direction, excess, step), tuple(wrong), {})

    assert found == [name, flat]
    assert left == pytest.approx(excess, rel=0.1)
    assert len(calls) <= 2 * 13 * (1 + (step is None))


def test_bisection_looks_past_what_is_mended():
    wrong = {key: np.array(value) for key, value in by_hand().items()}
    lacks = {}
    for flat in (5, 1200):
        lacks["A", flat] = -wrong["A"].reshape(-1)[flat]
        wrong["A"].reshape(-1)[flat] *= 2
    field = field_around(POINT, wrong)
    direction = field.direction(1)
    excess = lacks["A", 1200] * field.entry(1, "A", 1200)

    with lines_from(f, POINT) as line:
        found = find_entry(line, field, Fault(direction, excess, 2.0**-12), ("A", "b"), {("A", 5): lacks["A", 5]})
    assert found[:2] == ("A", 1200)


def test_the_step_of_a_plain_quotient_is_fine_and_quiet_enough_or_there_is_none():
    assert step_for(1.0, 1 / 17, 0.0) == 2.0**-12
    assert step_for(1.0, 1 / 15, 1e-3) == 2.0**-13
    assert step_for(1.0, 100.0, 1e-3) == 2.0**-18
    assert step_for(1.0, 100.0, 0.1) is None
    assert step_for(1.0, 0.0, 0.5) == 2.0**-12


@pytest.mark.parametrize("wrong_ones", [np.arange(1500), np.arange(300, 350), np.arange(0, 1500, 30)],
                         ids=["all", "a row", "strewn"])  # fmt: skip
def test_descents_count_the_wrong_entries_however_they_lie(wrong_ones):
    wrong = {key: np.array(value) for key, value in by_hand().items()}
    wrong["A"].reshape(-1)[wrong_ones] *= 1.5
    counts = []
    for seed in range(6):
        field = field_around(POINT, wrong, seed)
        fault = Fault(field.direction(0), 1.0, None)
        with lines_from(f, POINT) as line:
            counts += count_faults(line, field, fault, "A", {}, 1e-6 * field.unit)

    assert np.mean(counts) == pytest.approx(len(wrong_ones), rel=0.2)


@pytest.mark.parametrize("scale", [1e300, 1e160, 1e-160, 1e-290])
def test_directions_are_the_same_where_squares_of_partials_leave_the_floats(scale):
    ours, far = field_around(POINT, by_hand()), field_around(POINT, {n: g * scale for n, g in by_hand().items()})

    for name, reach in ours.reach.items():
        np.testing.assert_allclose(far.reach[name], reach, rtol=1e-12)
    assert [far.unit, far.size, far.grain] == pytest.approx([scale * one for one in (ours.unit, ours.size, ours.grain)])


def test_lengths_where_squares_leave_the_floats():
    assert length_of(np.array([3e200, 4e200])) == pytest.approx(5e200)
    assert length_of(np.array([3e-200, 4e-200]), np.array([1e-100, 1e-100])) == pytest.approx(5e-300)
    assert length_of(np.zeros(3)) == 0
    assert length_of(np.zeros(0)) == 0
