import numpy as np
import pytest

import gradcheck
from gradcheck.errors import UsageError
from gradcheck.results.outcomes import Outcome

K = np.random.default_rng(1).standard_normal(90)
AT = np.random.default_rng(2).standard_normal(90)


def loss(x):
    return float(K @ np.sin(x))


def grad(x):
    return K * np.cos(x)


def wrong(x):
    gradient = grad(x)
    gradient[41] *= 1.001
    return gradient


def test_levels_cost_less_than_one_another_and_say_what_they_covered():
    quick, standard, thorough = (gradcheck.check(loss, grad, at=AT, level=level) for level in
                                 ("quick", "standard", "thorough"))  # fmt: skip

    assert all((quick, standard, thorough))
    assert quick.evaluations.loss <= 25
    assert standard.evaluations.loss < 3.5 * 2 * 90 + 90
    assert thorough.evaluations.loss > 2 * 50 * 90
    assert "missed with probability" in quick.parameters[0].coverage
    assert standard.parameters[0].coverage == thorough.parameters[0].coverage == "every entry"


def test_a_thorough_check_looks_at_three_points():
    result = gradcheck.check(
        lambda x: float(K[:9] @ np.sin(x)), lambda x: K[:9] * np.cos(x), at=AT[:9], level="thorough"
    )
    points = [point.values["x"] for point in result.points]

    assert result
    assert [point.kind for point in result.points].count("generic") == 2
    assert all((one != other).all() for i, one in enumerate(points) for other in points[:i])


def test_a_fault_that_shows_at_the_third_point_only_is_found_by_a_thorough_check():
    points = []

    def forgets(x):
        points.extend([] if any(np.array_equal(x, one) for one in points) else [x.copy()])
        return grad(x) if len(points) < 3 else wrong(x)

    assert gradcheck.check(loss, forgets, at=AT)
    points.clear()
    result = gradcheck.check(loss, forgets, at=AT, level="thorough")
    assert result.outcome is Outcome.DISAGREE
    assert result.parameters[0].wrong_entries == ((41,),)


def test_a_generic_point_of_many_numbers_is_probed_and_the_given_one_decides():
    points = gradcheck.check(loss, grad, at=AT).points

    assert [point.kind for point in points] == ["generic", "given"]
    assert "directions" in points[0].verdicts[0].coverage


@pytest.mark.parametrize("level", ["quick", "standard", "thorough"])
def test_a_wrong_entry_is_named_at_every_level(level):
    result = gradcheck.check(loss, wrong, at=AT, level=level)

    assert result.outcome is Outcome.DISAGREE
    assert result.parameters[0].wrong_entries == ((41,),)


def test_a_fault_that_only_shows_away_from_the_given_point_is_found_by_probes():
    result = gradcheck.check(
        lambda u, v: float(u @ v), lambda u, v: {"u": u, "v": u}, at={"u": AT[:40], "v": AT[:40].copy()}
    )

    assert result.blind
    assert {v.name: v.outcome for v in result.parameters} == {"u": Outcome.DISAGREE, "v": Outcome.AGREE}


def test_a_level_that_is_none_is_refused():
    with pytest.raises(UsageError, match="level 'fast' is not known: choose from quick, standard, thorough"):
        gradcheck.check(loss, grad, at=AT, level="fast")
