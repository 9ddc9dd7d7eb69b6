"""JVPs of many entries: a few tangents are enough to agree, planted faults are led down to their entries."""

import numpy as np
import pytest

import gradcheck
from gradcheck.results.outcomes import Outcome

R = np.random.default_rng(8)


def pair(n):
    """(f, its jvp, the point, a list with one number for every call of the jvp)."""
    W, calls = R.standard_normal((4, n)) / np.sqrt(n), []
    at = {"x": R.standard_normal(n), "b": 0.1 * R.standard_normal((2, 2))}

    def f(x, b):
        return np.tanh(W @ x + b.ravel())

    def jvp(primals, tangents):
        calls.append(1)
        return (1 - f(**primals) ** 2) * (W @ tangents["x"] + tangents["b"].ravel())

    return f, jvp, at, calls


@pytest.mark.parametrize("n", [61, 3000, 20_000])
def test_seven_tangents_are_enough_of_any_number_of_entries(n):
    f, jvp, at, calls = pair(n)
    result = gradcheck.check_jvp(f, jvp, at=at)

    assert result
    assert len(calls) <= 4 * 7 * 2  # two points, two cotangents, called again at each to see that it repeats
    assert f"7 random tangents through all {n + 4:,} entries: a single entry off by" in result.parameters[0].coverage
    assert "missed with probability < 1e-09" in result.parameters[0].coverage
    assert result.resolution < 1e-5


def test_few_entries_are_pushed_one_by_one():
    f, jvp, at, _ = pair(60)
    result = gradcheck.check_jvp(f, jvp, at=at)

    assert result
    assert [verdict.coverage for verdict in result.parameters] == ["every entry", "every entry"]


def planted(jvp, at, flat):
    def scaled(t):
        return {**t, "x": t["x"] * np.where(np.arange(at["x"].size) == flat, 1.001, 1)}

    return {
        "one entry": lambda p, t: jvp(p, scaled(t)),
        "a constant": lambda p, t: jvp(p, t) + 0.1,
        "a square": lambda p, t: jvp(p, {**t, "b": t["b"] ** 2}),
        "a size": lambda p, t: jvp(p, {**t, "b": np.abs(t["b"])}),
        "a path is missing": lambda p, t: jvp(p, {**t, "b": 0 * t["b"]}),
        "another shape": lambda p, t: jvp(p, t)[:2],
    }


@pytest.mark.parametrize(
    ("n", "fault"),
    [(n, fault) for n in (500, 5000) for fault in planted(None, None, 0) if (n, fault) != (5000, "a constant")],
)
def test_a_planted_fault_shows_along_tangents(n, fault):
    f, jvp, at, calls = pair(n)
    result = gradcheck.check_jvp(f, planted(jvp, at, n - 2)[fault], at=at)
    wrong = {v.name: v.wrong_entries for v in result.parameters if v.outcome is Outcome.DISAGREE}

    assert wrong
    if fault == "one entry":
        assert wrong == ({"x": ((n - 2,),)} if n == 500 else {f"x[{n - 2}]": ((),)})
    if fault in ("a path is missing", "a square", "a size"):
        assert all(name.startswith("b") for name in wrong)
    if fault == "another shape":
        assert "return dy in the shapes of y" in result.parameters[0].remark
    if n == 5000:
        assert len(calls) < 1000


def test_only_asked_parameters_are_pushed():
    f, jvp, at, _ = pair(500)
    path = planted(jvp, at, 0)["a path is missing"]

    assert gradcheck.check_jvp(f, path, at=at, wrt=["x"])
    assert not gradcheck.check_jvp(f, path, at=at)
