"""Any structure and any memory layout of parameters is checked under its own names, and comes back as it was."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pytest

import gradcheck
from gradcheck.errors import NothingToCheck
from gradcheck.results.outcomes import Outcome

W = np.array([[0.3, -0.2, 0.9], [0.1, 0.7, -0.4]])
B = np.array([0.05, -0.4])
X = np.array([1.0, 2.0, -0.5])


def energy(W, b):
    return 0.5 * float(np.sum(np.tanh(W @ X + b) ** 2))


def slopes(W, b):
    t = np.tanh(W @ X + b)
    d = t * (1 - t**2)
    return np.outer(d, X), d


@dataclass
class Layer:
    W: np.ndarray
    b: np.ndarray
    activation: str = "tanh"
    bias: bool = True


class Pair(NamedTuple):
    W: np.ndarray
    b: np.ndarray


def of_layer(p):
    return energy(p.W, p.b)


STRUCTURES = {
    "dict": ({"W": W, "b": B}, energy, lambda W, b: dict(zip("Wb", slopes(W, b), strict=True)), ["W", "b"]),
    "ordered": (OrderedDict(W=W, b=B), energy, lambda W, b: dict(zip("Wb", slopes(W, b), strict=True)), ["W", "b"]),
    "tuple": ((W, B), energy, slopes, ["W", "b"]),
    "tuple, gradient a list": ((W, B), energy, lambda *p: list(slopes(*p)), ["W", "b"]),
    "list": ([W, B], lambda p: energy(*p), lambda p: list(slopes(*p)), ["p.0", "p.1"]),
    "dataclass": (Layer(W, B), of_layer, lambda p: Layer(*slopes(p.W, p.b)), ["W", "b"]),
    "dataclass, gradient a dict": (
        Layer(W, B), of_layer, lambda p: dict(zip("Wb", slopes(p.W, p.b), strict=True)), ["W", "b"],
    ),
    "named tuple": (Pair(W, B), of_layer, lambda p: Pair(*slopes(p.W, p.b)), ["W", "b"]),
    "named tuple, spread": (Pair(W, B), energy, slopes, ["W", "b"]),
    "nested": (
        {"net": [{"layer": Layer(W, B)}]},
        lambda net: of_layer(net[0]["layer"]),
        lambda net: {"net": [{"layer": Pair(*slopes(net[0]["layer"].W, net[0]["layer"].b))}]},
        ["net.0.layer.W", "net.0.layer.b"],
    ),
    "lists of numbers": (
        {"W": W.tolist(), "b": tuple(B.tolist())},
        lambda W, b: energy(np.array(W), np.array(b)),
        lambda W, b: {name: g.tolist() for name, g in zip("Wb", slopes(np.array(W), np.array(b)), strict=True)},
        ["W", "b"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", STRUCTURES)
def test_a_structure_is_checked_under_its_own_names(kind):
    at, loss, grad, names = STRUCTURES[kind]
    result = gradcheck.check(loss, grad, at=at)
    assert result
    assert list(result.point.values) == names


@pytest.mark.parametrize("kind", STRUCTURES)
def test_value_and_grad_in_every_structure(kind):
    at, loss, grad, names = STRUCTURES[kind]
    both = lambda *a, **k: (loss(*a, **k), grad(*a, **k))  # noqa: E731
    if kind == "named tuple, spread":  # of *a nobody can tell whether it takes one argument or two
        both = lambda W, b: (loss(W, b), grad(W, b))  # noqa: E731
    result = gradcheck.check(both, at=at, value_and_grad=True)
    assert result
    assert len(result.point.values) == len(names)


LAYOUTS = {
    "transposed": W.T.copy().T,
    "every second row": np.repeat(W, 2, axis=0)[::2],
    "reversed": W[::-1].copy()[::-1],
    "Fortran": np.asfortranarray(W),
    "broadcast": np.broadcast_to(np.array([0.3, -0.2, 0.9]), (2, 3)),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_any_memory_layout(layout):
    given = LAYOUTS[layout]
    kept = given.copy()
    assert gradcheck.check(lambda W: energy(W, B), lambda W: slopes(W, B)[0].T.copy().T, at=given)
    np.testing.assert_array_equal(given, kept)
    wrong = lambda W: slopes(W, B)[0] * np.array([[1, 1, 1], [1, -1, 1]])  # noqa: E731
    result = gradcheck.check(lambda W: energy(W, B), wrong, at=given)
    assert result.parameters[0].wrong_entries == ((1, 1),)


def test_read_only_arrays_stay_read_only_and_the_copies_may_be_written_to():
    mine = W.copy()
    mine.flags.writeable = False

    def writes(W):
        W += 0
        return energy(W, B)

    assert gradcheck.check(writes, lambda W: slopes(W, B)[0], at=mine)
    assert not mine.flags.writeable


def test_single_numbers_of_every_kind():
    for given in (0.7, np.float64(0.7), np.array(0.7), np.array([0.7]), np.array([[0.7]])):
        kinds = []
        loss = lambda x, kinds=kinds: kinds.append(type(x)) or x**3  # noqa: E731
        assert gradcheck.check(loss, lambda x: 3 * x**2, at=given)
        assert set(kinds) == {type(given)}
    for returned in (float, np.float64, np.array, lambda v: np.array([v]), lambda v: [v]):
        assert gradcheck.check(lambda x: x**3, lambda x, form=returned: form(3 * x**2), at=0.7)
        assert gradcheck.check(lambda x, form=returned: form(x**3), lambda x: 3 * x**2, at=0.7)


def test_parameters_of_size_0_agree_beside_others():
    at = {"W": W, "empty": np.zeros((0, 3))}
    grad = lambda W, empty: {"W": slopes(W, B)[0], "empty": np.zeros((0, 3))}  # noqa: E731
    result = gradcheck.check(lambda W, empty: energy(W, B) + empty.sum(), grad, at=at)
    assert result
    assert result.parameters[1].outcome is Outcome.AGREE


def test_integer_valued_gradients_are_read_as_numbers():
    assert gradcheck.check(lambda x: float(3 * x.sum()), lambda x: np.full(2, 3), at=np.array([0.5, 0.25]))


@pytest.mark.parametrize("at", [np.zeros(0), {"a": np.zeros((0, 3))}, {}, [], (np.zeros(0), np.zeros((2, 0)))], ids=str)
def test_a_point_without_numbers_is_refused(at):
    with pytest.raises(NothingToCheck, match="the point has no numbers to differentiate by: give at least one"):
        gradcheck.check(lambda *a, **k: 0.0, lambda *a, **k: a, at=at)


def test_a_parameter_without_numbers_cannot_be_all_that_is_asked_for():
    f = lambda a, b: float(np.sum(b**2))  # noqa: E731
    at = {"a": np.zeros(0), "b": np.ones(2)}
    with pytest.raises(NothingToCheck, match="a holds no numbers to differentiate by: choose from b"):
        gradcheck.check(f, lambda a, b: {"a": a, "b": 2 * b}, at=at, wrt=["a"])
    assert NothingToCheck.exit_code == 5
