"""The points of networks: those of the sources, and those that do not fit."""

import numpy as np
import pytest

from gradcheck.errors import NetworkError
from gradcheck.network.dense import Dense
from gradcheck.network.fitting import fit
from gradcheck.network.networks import Network, Point
from gradcheck.network.sources import SOURCES
from gradcheck.network.text import from_text
from gradcheck.strategies import point_at

NETWORK = Network(2, (Dense(3, "tanh"), Dense(1)))


@pytest.mark.parametrize("name", SOURCES)
def test_every_source_fits_its_own_point(name):
    fit(SOURCES[name].network, SOURCES[name].point)


@pytest.mark.parametrize("name", SOURCES)
def test_the_numbers_of_a_source_without_numbers_are_none_of_them_zero(name):
    point = SOURCES[name].point
    assert all(np.all(array != 0) for array in (*point.params.values(), point.inputs, point.targets))


def test_the_source_example_stands_at_its_own_numbers():
    """SOURCES.md: x = 0.02, 0.03, y = 7, all six weights 0.2, both biases 0.5, b1 shared by the hidden units."""
    source = SOURCES["source-2-2-1"]
    assert {name: float(value) for name, value in source.point.params.items()} == {
        **{f"w{i}": 0.2 for i in range(1, 7)},
        "b1": 0.5,
        "b2": 0.5,
    }
    assert (source.point.inputs.tolist(), source.point.targets.tolist()) == ([[0.02, 0.03]], [[7.0]])
    assert source.network.layers[0] == Dense(2, "sigmoid", "shared")


def test_a_point_is_rebuilt_from_its_repr():
    point = point_at(NETWORK, samples=2)
    again = eval(repr(point))
    assert repr(again) == repr(point)
    assert all(np.array_equal(again.params[name], array) for name, array in point.params.items())


def test_a_single_sample_may_be_given_without_its_row():
    point = Point(point_at(NETWORK).params, np.array([1.0, 2.0]), np.array([3.0]))
    fit(NETWORK, point)
    assert point.samples == 1


def test_the_numbers_of_a_point_cannot_be_changed():
    with pytest.raises(ValueError, match="read-only"):
        point_at(NETWORK).params["W1"][0, 0] = 1.0


GOOD = point_at(NETWORK)


@pytest.mark.parametrize(
    ("point", "sentence"),
    [
        (Point(GOOD.params, np.ones((1, 3)), GOOD.targets), r"inputs have shape \(1, 3\), .* needs \(1, 2\): give one"),
        (Point(GOOD.params, GOOD.inputs, np.ones((2, 1))), r"targets have shape \(2, 1\), .* needs \(1, 1\): give one"),
        (Point(GOOD.params, np.ones((0, 2)), np.ones((0, 1))), "the batch is empty: give at least one sample"),
        (GOOD.with_params({**GOOD.params, "b3": 1.0}), "no parameter b3: it has W1, b1, W2, b2"),
        (GOOD.with_params({**GOOD.params, "b1": np.ones(2)}), r"b1 has shape \(2,\): the network needs \(3,\)"),
        (GOOD.with_params({**GOOD.params, "W1": np.ones((2, 3))}), r"W1 has shape \(2, 3\): .* needs \(3, 2\)"),
        (GOOD.with_params({"W1": GOOD.params["W1"]}), r"no parameter b1: give it with shape \(3,\)"),
    ],
)
def test_what_does_not_fit_is_named_with_both_sizes(point, sentence):
    with pytest.raises(NetworkError, match=sentence):
        fit(NETWORK, point)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: Network(3, Dense(3)), r"the layers are Dense\(.*\): give them in a tuple"),
        (lambda: Network(3, ("dense",)), "'dense' is no layer: give values like Dense"),
        (lambda: Network(3, (Dense(3),), ties=("W1",)), r"the ties are \('W1',\): give pairs of names"),
        (lambda: Point({}, [["a"]], [[1.0]]), r"the inputs are no rows of numbers \(could not convert .*\): give an"),
        (lambda: Point({}, [[1.0]], [[1.0], [2.0, 3.0]]), "the targets are no rows of numbers"),
        (lambda: from_text(3), "3 is neither a Network nor the text of one: write for example 2-2-1"),
    ],
)
def test_what_is_no_network_or_no_point_is_told(make, sentence):
    with pytest.raises(NetworkError, match=sentence):
        make()
