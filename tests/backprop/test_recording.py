"""record: a replay is the function itself, branches and shapes are guarded, and what the caller holds stays."""

import importlib.util
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

from gradcheck.backprop import arrays as xp
from gradcheck.backprop import recording
from gradcheck.backprop.recording import record
from gradcheck.backprop.transforms import gradient, hvp, jvp, value_and_gradient
from gradcheck.errors import UsageError


def _cases():
    """The cases of the file beside this one; test folders are no packages."""
    spec = importlib.util.spec_from_file_location("rule_cases", Path(__file__).with_name("rule_cases.py"))
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # a dataclass looks for its module
    spec.loader.exec_module(module)
    return module.CASES


CASES = _cases()

X = np.array([[0.31, -0.72, 1.13], [-1.64, 0.95, -0.27]])


def counted(function):
    """The function, and a list that grows with each of its real runs."""
    runs = []

    def wrapped(*args):
        runs.append(args)
        return function(*args)

    return wrapped, runs


def same(ours, theirs):
    np.testing.assert_allclose(np.asarray(ours), np.asarray(theirs), rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_replay_of_every_primitive_is_its_value_and_gradient(case):
    place = next(i for i, a in enumerate(case.args) if isinstance(a, np.ndarray) and a.dtype.kind in "fc")

    def f(a):
        return applied(case, place, a), gradient(lambda b: np.sum(np.sin(np.abs(applied(case, place, b)))), a)

    run, moved = record(f), case.args[place] * 1.01
    for at in (case.args[place], moved, moved):
        for ours, theirs in zip(run(at), f(at), strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-11, atol=1e-12)


def applied(case, place, a):
    from gradcheck.backprop.variables import apply

    return apply(case.name, *case.args[:place], a, *case.args[place + 1 :], **case.options)


def network(p):
    h = np.tanh(X @ p["W"] + p["b"])
    return np.mean(xp.logsumexp(h @ p["V"], 1) ** 2) + np.sum(xp.sigmoid(h[:, :2]) * h[:, 1:])


POINT = {
    "W": np.cos(np.arange(9.0)).reshape(3, 3),
    "b": np.array([0.1, -0.2, 0.3]),
    "V": np.sin(np.arange(6.0)).reshape(3, 2),
}
TRANSFORMS = {
    "value": lambda p: network(p),
    "gradient": lambda p: value_and_gradient(network, (p,)),
    "jvp": lambda p: jvp(network, (p,), (p,)),
    "hvp": lambda p: hvp(network, (p,), (p,)),
    "gradient of gradient": lambda p: gradient(lambda q: np.sum(gradient(network, (q,))[0]["W"] ** 2), (p,)),
}


@pytest.mark.parametrize("name", TRANSFORMS)
def test_a_replay_runs_at_other_points_without_the_function(name):
    function, runs = counted(TRANSFORMS[name])
    run = record(function)
    for factor in (1.0, 1.0, 0.7, -1.3, 0.7):
        at = {key: factor * array for key, array in POINT.items()}
        for ours, theirs in zip(leaves(run(at)), leaves(TRANSFORMS[name](at)), strict=True):
            same(ours, theirs)
    assert len(runs) == 1


def leaves(structure):
    if isinstance(structure, dict):
        return [leaf for part in structure.values() for leaf in leaves(part)]
    if isinstance(structure, tuple | list):
        return [leaf for part in structure for leaf in leaves(part)]
    return [structure]


def test_an_array_changed_in_place_is_read_anew():
    at, run = X.copy(), record(lambda x: np.sum(x**2))
    run(at)
    at[0, 0] = 100.0
    assert run(at) == np.sum(at**2)


def test_an_array_from_elsewhere_counts_with_what_was_in_it_then():
    data = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    run = record(lambda w: value_and_gradient(lambda v: 0.5 * np.sum((data @ v) ** 2), w))
    w = np.array([1.0, -1.0, 2.0])
    run(w)
    data[:] = 7.0
    value, bar = run(w)
    assert value == 0.5 * (5.0**2 + 11.0**2)
    same(bar, [1.0 * 5 + 4.0 * 11, 2.0 * 5 + 5.0 * 11, 3.0 * 5 + 6.0 * 11])


KINKED = np.array([[-1.5, 0.0, 2.0], [3.0, -0.0, np.nan]])


@pytest.mark.parametrize(
    ("loss", "slope"),
    [
        (lambda x: np.sum(xp.relu(x) ** 2) / 4, lambda x: np.where(x > 0, x / 2, 0 * x)),
        (lambda x: np.mean(np.square(xp.relu(x))), lambda x: np.where(x > 0, x / 3, 0 * x)),
        (lambda x: np.sum(xp.relu(x) * 3), lambda x: np.where(x > 0, 3.0, 0.0)),
        (lambda x: np.sum(xp.relu(x) * x), lambda x: np.where(x > 0, 2 * x, 0 * x)),
        (lambda x: np.sum(xp.relu(x - 1) * xp.relu(x)), lambda x: np.where(x > 1, 2 * x - 1, 0 * x)),
        (lambda x: np.sum(np.maximum(x, 0.5) ** 2), lambda x: np.where(x >= 0.5, 2 * x, 0 * x)),
        (lambda x: np.sum(np.sin(xp.relu(-x))), lambda x: np.where(x < 0, -np.cos(x), 0 * x)),
    ],
    ids=["square", "mean", "line", "silu", "two", "maximum", "turned"],
)
def test_slopes_of_what_has_a_kink(loss, slope):
    run = record(lambda x: value_and_gradient(loss, x))
    for at in (KINKED, KINKED[:, ::-1], KINKED.T, KINKED.astype(np.float32)):
        with np.errstate(all="ignore"):
            assert np.allclose(run(at)[1], slope(at), rtol=1e-6, atol=0, equal_nan=True)


@pytest.mark.parametrize(
    "other",
    [X[:1], X.astype(np.float32), np.asfortranarray(X), X[::-1], X.astype(complex), X[None]],
    ids=["shape", "type", "layout", "strides", "complex", "axes"],
)
def test_inputs_of_another_kind_are_recorded_anew(other):
    function, runs = counted(lambda x: (np.sum(x.reshape(-1)[: x.size // 2] ** 2), np.exp(x).T.ravel()))
    run = record(function)
    run(X)
    for ours, theirs in zip(run(other), function(other), strict=True):
        same(ours, theirs)
        assert np.asarray(ours).dtype == np.asarray(theirs).dtype
    run(X), run(other)
    assert len(runs) == 3


def branching(x):
    if np.sum(x) > 0:
        return np.sum(x**2)
    return np.sum(np.exp(x)) if x[0, 0] < 0 else np.sum(x)


def test_a_branch_that_goes_another_way_is_recorded_anew():
    function, runs = counted(lambda x: value_and_gradient(branching, x))
    run = record(function)
    down = np.array([[5.0, 0, 0], [-9.0, 0, 0]])
    for at in (X + 1, -X - 1, down, X + 2, -X - 2, down):
        for ours, theirs in zip(run(at), value_and_gradient(branching, at), strict=True):
            same(ours, theirs)
    assert len(runs) == 3


def test_numbers_and_places_that_the_program_reads_are_guarded():
    def f(x):
        return x[np.argmax(x[:, 0]), 1] * float(x[0, 1]) + np.sum(x[x > 0]) + sum(x[k, 0] for k in range(int(x[0, 2])))

    run = record(lambda x: value_and_gradient(f, x))
    for at in (X, X[::-1].copy(), -X, 2 * X, X):
        for ours, theirs in zip(run(at), value_and_gradient(f, at), strict=True):
            same(ours, theirs)


def test_a_choice_by_where_is_no_branch():
    function, runs = counted(lambda x: value_and_gradient(lambda y: np.sum(np.where(y > 0, y**2, np.abs(y))), x))
    run = record(function)
    run(X), run(-X)
    same(run(-X)[1], np.where(X < 0, -2 * X, -1.0))
    assert len(runs) == 1


def test_answers_that_are_held_stay_as_they_are():
    run = record(lambda x: {"double": 2 * x, "rows": np.exp(x)})
    first = run(X)
    row = run(3 * X)["rows"][1:]
    kept = run(5 * X)
    for factor in (7, 8, 9):
        run(factor * X)
    same(first["double"], 2 * X)
    same(row, np.exp(3 * X)[1:])
    same(kept["rows"], np.exp(5 * X))


def test_an_answer_can_be_the_next_input():
    run, x, y = record(lambda x: np.cos(x)), X, X
    for _ in range(5):
        x, y = run(x), np.cos(y)
    same(x, y)


def test_memory_is_used_again_when_the_answer_is_let_go():
    run = record(lambda x: 2 * x)
    places = {run(X).ctypes.data for _ in range(5)}
    assert len(places) == 1


def test_an_answer_that_is_changed_does_not_spoil_the_next():
    run = record(lambda x: gradient(lambda y: np.sum(y[1:] ** 2), x))
    run(X)[:] = 99.0
    same(run(X), np.array([[0.0] * 3, 2 * X[1]]))


def test_outputs_that_are_inputs_constants_or_given_twice():
    def f(x):
        y = x + 1
        return x, y, y, y.T, np.arange(3.0), 7.0, x[0]

    run = record(f)
    for at in (X, 2 * X):
        for ours, theirs in zip(run(at), f(at), strict=True):
            same(ours, theirs)


def test_a_recorded_function_can_be_differentiated():
    run = record(lambda x: np.sum(np.sin(x)))
    run(X)
    same(gradient(run, X), np.cos(X))


def test_many_branches_are_kept_and_the_oldest_forgotten(monkeypatch):
    monkeypatch.setattr(recording, "KEPT", 2)
    function, runs = counted(lambda x: x * int(x[0]))
    run = record(function)
    for k in (1.0, 2.0, 1.0, 2.0, 3.0, 1.0):
        same(run(np.array([k])), [k * int(k)])
    assert len(runs) == 4


def test_overflow_gives_no_warning():
    run = record(lambda x: value_and_gradient(lambda y: np.sum(xp.sigmoid(y) + np.exp(y)), x))
    run(np.zeros(2))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        value, bar = run(np.array([-1e4, 1e4]))
    assert np.isinf(value)
    assert bar[0] == pytest.approx(0.0, abs=1e-300)


@pytest.mark.parametrize("shape", [(0,), (0, 3), (2, 0)])
def test_empty_arrays(shape):
    run = record(lambda x: value_and_gradient(lambda y: np.sum(np.exp(y) * 2), x))
    for _ in range(2):
        value, bar = run(np.ones(shape))
        assert value == 0.0
        assert bar.shape == shape


def test_a_setting_that_is_no_number_is_part_of_the_kind():
    function, runs = counted(lambda x, name, scale: getattr(np, name)(x) if scale is None else scale * x)
    run = record(function)
    same(run(X, "sin", None), np.sin(X))
    same(run(2 * X, "sin", None), np.sin(2 * X))
    same(run(X, "cos", None), np.cos(X))
    same(run(X, "cos", 2.0), 2 * X)
    assert len(runs) == 3


def test_adding_in_place_is_told_with_its_mend():
    def f(x):
        total = np.zeros(3)
        for row in x:
            total += row
        return total.sum()

    with pytest.raises(UsageError, match=r"write a = a \+ b for a \+= b"):
        gradient(f, X)
