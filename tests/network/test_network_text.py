"""A network as one word: what is read, what is written, and what a wrong word is told."""

import pytest
from hypothesis import given, settings

from gradcheck.errors import NetworkError
from gradcheck.network.dense import Dense
from gradcheck.network.networks import Network
from gradcheck.network.sources import SOURCES
from gradcheck.network.text import from_text, to_text
from gradcheck.strategies import networks


@pytest.mark.parametrize(
    ("text", "network"),
    [
        ("2-2-1:sigmoid,linear", Network(2, (Dense(2, "sigmoid"), Dense(1)))),
        ("2-2-1", Network(2, (Dense(2, "sigmoid"), Dense(1)))),
        ("3-1:tanh", Network(3, (Dense(1, "tanh"),))),
        ("2-3-3-1:relu", Network(2, (Dense(3, "relu"), Dense(3, "relu"), Dense(1)))),
        (" 2 - 2 - 1 : Swish , Leaky ReLU ", Network(2, (Dense(2, "silu"), Dense(1, "leaky_relu")))),
        ("3-2:tanh;loss=softmax_cross_entropy", Network(3, (Dense(2, "tanh"),), "softmax_cross_entropy")),
        ("2-2:tanh;bias=none;reduction=mean", Network(2, (Dense(2, "tanh", "none"),), reduction="mean")),
        ("2-2-1:tanh;bias=shared,none", Network(2, (Dense(2, "tanh", "shared"), Dense(1, bias="none")))),
        ("source-2-2-1", SOURCES["source-2-2-1"].network),
    ],
)
def test_a_text_is_its_network(text, network):
    assert from_text(text) == network


@given(networks(namings=("matrix", "article")))
@settings(deadline=None, derandomize=True, database=None, max_examples=60)
def test_every_network_is_read_back_from_its_text_and_rebuilt_from_its_repr(network):
    assert from_text(to_text(network)) == network
    assert eval(repr(network)) == network


def test_a_bias_of_each_layer_is_read_back():
    network = Network(2, (Dense(2, "tanh", "none"), Dense(3, "relu", "unit"), Dense(1, bias="shared")))
    assert from_text(to_text(network)) == network


@pytest.mark.parametrize(
    ("text", "finding", "mend"),
    [
        ("2", "'2' describes no network", "write the sizes with dashes"),
        ("", "'' describes no network", "write the sizes with dashes"),
        ("2-x-1", "'2-x-1' describes no network", "write the sizes with dashes"),
        ("2-²-1", "'2-²-1' describes no network", "write the sizes with dashes"),
        ("2--1", "'2--1' describes no network", "write the sizes with dashes"),
        ("source-2-2-3", "'source-2-2-3' describes no network", "did you mean source-2-2-"),
        ("vanish", "'vanish' describes no network", "did you mean vanishing?"),
        ("0-1", "at least one input", "for example 2-2-1:sigmoid,linear"),
        ("2-0-1", "a layer has 0 units", "give it at least 1"),
        ("2-2-1:sigmod,linear", "there is no activation 'sigmod'", "did you mean sigmoid?"),
        ("2-2-1:qqq,linear", "there is no activation 'qqq'", "choose one of identity, sigmoid"),
        ("2-2-1:tanh,tanh,tanh", "3 activations for 2 layers", "give one for each layer"),
        ("2-2-1;loss=half_squares", "there is no loss 'half_squares'", "did you mean half_square?"),
        ("2-2-1;bias=both", "there is no bias 'both'", "choose one of unit, shared, none"),
        ("2-2-1;bias=unit,unit,none", "3 kinds of bias for 2 layers", "give one for each layer"),
        ("2-2-1;reduction=max", "there is no reduction 'max'", "choose one of sum, mean"),
        ("2-2-1;lost=output", "'lost=output' is no setting", "write key=value with one of bias, loss"),
        ("2-2-1;loss", "'loss' is no setting", "write key=value"),
    ],
)
def test_a_wrong_text_is_told_the_finding_then_the_mend(text, finding, mend):
    with pytest.raises(NetworkError) as error:
        from_text(text)
    found, _, mended = str(error.value).partition(": ")
    assert finding in found
    assert mend in mended


def test_a_setting_means_what_it_says_whatever_its_case():
    """`MEAN` once passed the check and was then read as a sum."""
    network = Network(2, (Dense(2, "TANH", "NONE"),), "Half_Square", "MEAN", "Article")
    assert network == Network(2, (Dense(2, "tanh", "none"),), "half_square", "mean", "article")
