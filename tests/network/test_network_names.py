"""What the numbers of a network are called, in matrix form and in the article's way."""

import numpy as np
import pytest

from gradcheck.network.dense import Dense
from gradcheck.network.names import (
    activation_name,
    bias_place,
    input_name,
    parameter_shapes,
    pre_activation_name,
    target_name,
    weight_place,
)
from gradcheck.network.networks import Network
from gradcheck.network.sources import SOURCES
from gradcheck.network.tables import BIASES

N3 = SOURCES["source-2-2-1"].network
N4 = SOURCES["source-2-2-2"].network
MATRIX = Network(3, (Dense(4, "tanh"), Dense(2)))


def test_the_source_example_has_the_names_of_its_article():
    assert list(parameter_shapes(N3)) == ["w1", "w2", "w3", "w4", "w5", "w6", "b1", "b2"]
    places = [(0, 0, 0), (0, 0, 1), (0, 1, 0), (0, 1, 1), (1, 0, 0), (1, 0, 1)]
    assert [weight_place(N3, *place)[0] for place in places] == ["w1", "w2", "w3", "w4", "w5", "w6"]
    assert [bias_place(N3, 0, 0), bias_place(N3, 0, 1), bias_place(N3, 1, 0)] == [("b1", ()), ("b1", ()), ("b2", ())]
    assert [pre_activation_name(N3, 0, unit) for unit in range(2)] == ["neth1", "neth2"]
    assert [activation_name(N3, 0, 1), activation_name(N3, 1, 0)] == ["outh2", "out"]
    assert pre_activation_name(N3, 1, 0) == "neto"
    assert [input_name(N3, 0), input_name(N3, 1), target_name(N3, 0)] == ["x1", "x2", "y"]


def test_two_outputs_are_numbered():
    assert [activation_name(N4, 1, 1), pre_activation_name(N4, 1, 0), target_name(N4, 1)] == ["outo2", "neto1", "y2"]
    assert list(parameter_shapes(N4))[-3:] == ["w8", "b1", "b2"]


def test_in_matrix_form_every_layer_has_its_matrix_and_its_vector():
    assert parameter_shapes(MATRIX) == {"W1": (4, 3), "b1": (4,), "W2": (2, 4), "b2": (2,)}
    assert (weight_place(MATRIX, 1, 0, 3), bias_place(MATRIX, 1, 1)) == (("W2", (0, 3)), ("b2", (1,)))
    assert [pre_activation_name(MATRIX, 0, 2), activation_name(MATRIX, 1, 0)] == ["z1[2]", "a2[0]"]
    assert [input_name(MATRIX, 1), target_name(MATRIX, 0)] == ["x[1]", "y[0]"]


def test_a_batch_puts_the_sample_into_the_name():
    assert pre_activation_name(MATRIX, 0, 2, 4, 5) == "z1[4,2]"
    assert input_name(MATRIX, 1, 4, 5) == "x[4,1]"
    assert [activation_name(N3, 1, 0, 1, 3), pre_activation_name(N3, 0, 1, 0, 3)] == ["out_2", "neth2_1"]
    assert target_name(N3, 0, 1, 3) == "y_2"


@pytest.mark.parametrize("naming", ["matrix", "article"])
@pytest.mark.parametrize("bias", BIASES)
def test_every_entry_of_every_parameter_is_the_place_of_something(naming, bias):
    """Places reach each entry of parameter_shapes, each weight one of its own, and nothing beyond them."""
    network = Network(3, (Dense(4, "tanh", bias), Dense(2, "relu", bias)), naming=naming)
    weights, biases = [], []
    for k, layer in enumerate(network.layers):
        for unit in range(layer.units):
            weights += [weight_place(network, k, unit, source) for source in range(network.sizes[k])]
            biases += [bias_place(network, k, unit)]
    assert len(set(weights)) == len(weights)
    places = set(weights) | {place for place in biases if place is not None}
    assert places == {(name, index) for name, shape in parameter_shapes(network).items() for index in np.ndindex(shape)}


@pytest.mark.parametrize("naming", ["matrix", "article"])
def test_no_two_values_of_a_batch_have_one_name(naming):
    network = Network(3, (Dense(12, "tanh"), Dense(11, "tanh"), Dense(1)), naming=naming)
    names = list(parameter_shapes(network))
    for sample in range(12):
        names += [input_name(network, i, sample, 12) for i in range(3)] + [target_name(network, 0, sample, 12)]
        for k, layer in enumerate(network.layers):
            for name_of in (pre_activation_name, activation_name):
                names += [name_of(network, k, unit, sample, 12) for unit in range(layer.units)]
    assert len(set(names)) == len(names)
