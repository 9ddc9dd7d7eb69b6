"""Layers of every kind: shapes, ties, the text form, and what a wrong one is told."""

import pytest
from hypothesis import given, settings

from gradcheck import strategies as gst
from gradcheck.errors import NetworkError
from gradcheck.network import layers as everything
from gradcheck.network.layers import LAYERS
from gradcheck.network.names import parameter_shapes
from gradcheck.network.networks import Network
from gradcheck.network.stations import walk
from gradcheck.network.text import from_text, to_text

VALUES = {**vars(everything), "Network": Network}


def test_a_network_is_read_back_from_its_text_and_rebuilt_from_its_repr(network):
    assert from_text(to_text(network)) == network
    assert eval(repr(network), VALUES) == network


@given(gst.networks(kinds=tuple(gst.KINDS)))
@settings(deadline=None, derandomize=True, database=None, max_examples=60)
def test_so_is_every_drawn_one(network):
    assert from_text(to_text(network)) == network
    assert eval(repr(network), VALUES) == network


def test_every_layer_is_drawn():
    seen = set()

    @given(gst.networks(kinds=("mlp", *gst.KINDS)))
    @settings(deadline=None, derandomize=True, database=None, max_examples=400)
    def draw(network):
        seen.update(type(station.layer).__name__ for station in walk(network.stations))

    draw()
    assert seen == {kind.__name__ for kind in LAYERS.values()} - {"Activation"}


@pytest.mark.parametrize(
    ("text", "shapes", "outputs"),
    [
        ("5x3:lstm(2,peepholes)", {"Wi1": (2, 3), "Ui1": (2, 2), "bi1": (2,), "Pi1": (2,)}, (5, 2)),
        ("5x3:lstm(2,peepholes,coupled)", {"Wf1": (2, 3), "Pf1": (2,), "Po1": (2,)}, (5, 2)),
        ("5x3:gru(2),last", {"Wn1": (2, 3), "Un1": (2, 2), "bu1": (2,)}, (2,)),
        ("3x8x8:conv(4,3x3,stride=2,padding=1)", {"W1": (4, 3, 3, 3), "b1": (4,)}, (4, 4, 4)),
        ("3x8:conv(4,3,dilation=2,bias=shared)", {"W1": (4, 3, 3), "b1": ()}, (4, 4)),
        ("3x8:maxpool(2)", {}, (3, 4)),
        ("3x8:avgpool(3,stride=1)", {}, (3, 6)),
        ("4:embedding(9,2)", {"E1": (9, 2)}, (4, 2)),
        ("4x6:attention(heads=3)", {"Wq1": (6, 6), "Wo1": (6, 6)}, (4, 6)),
        ("4x6:layernorm", {"g1": (6,), "b1": (6,)}, (4, 6)),
        ("4x6:batchnorm", {"g1": (4,), "b1": (4,)}, (4, 6)),
        ("4:residual(dense(3),dense(4)),dense(1)", {"W2": (3, 4), "W3": (4, 3), "W4": (1, 4)}, (1,)),
        ("3-2-3:tanh,linear;ties=W2~W1.T", {"W1": (2, 3), "b2": (3,)}, (3,)),
    ],
)
def test_shapes_follow_from_the_layers(text, shapes, outputs):
    network = from_text(text)
    found = parameter_shapes(network)
    assert {name: found[name] for name in shapes} == shapes
    assert network.output_shape == outputs
    assert not {tied for tied, _ in network.ties} & set(found)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("5x3:lstn(4)", r"'lstn\(4\)' is no layer: did you mean lstm"),
        ("5x3:lstm", "'lstm' does not give lstm what it needs: its settings are units, peepholes, coupled"),
        ("5x3:lstm(a)", "'a' is no value for units: give a number"),
        ("5:lstm(3)", r"layer 1, LSTM: .* takes samples of shape \(steps, features\), but gets \(5,\)"),
        ("1x5:dense(2),conv(2,7)", r"layer 2, Conv: a window over \(7,\) does not fit into \(2,\)"),
        ("4x3:attention(2)", "3 features cannot be shared by 2 heads: take a divisor"),
        ("4:residual(dense(3))", r"adds \(3,\) to \(4,\): end it with the shape at its start"),
        ("3:dense(3,foo=4)", "dense has no setting 'foo': it has units, activation, bias"),
        ("2-2-1:tanh;l2=x", "'x' is no number for l2"),
        ("4:dense(4),dense(1);ties=W2~W1", r"W2 has shape \(1, 4\), W1 has \(4, 4\)"),
        ("4:dense(4),dense(4);ties=W2~W3", "W2 cannot be tied to W3: no W3 in W1, b1, W2, b2"),
        ("4:dense(4),dense(4),dense(4);ties=W2~W1,W3~W2", "W3 is tied to W2, which is no parameter of its own"),
        ("3:dense(3);loss=gaussian", "there are 3 outputs: give an even number"),
        ("2-2-1:tanh;loss=hinge(3)", "the loss hinge has nothing to set"),
        ("4:dropout(10,keep=0.5)", "mask of dropout has 2 numbers for a sample of 4"),
        ("4:dropout(1020)", "the mask of dropout holds 2: give zeros and ones"),
        ("4:dense(0)", "a layer has 0 units: give it at least 1"),
        ("4:layernorm(epsilon=0)", "epsilon is 0.0: give a number above 0"),
        ("4:dense(2),last", r"layer 2, Last: .* but gets \(2,\)"),
        ("3x2:gru(2);naming=article", 'numbered weight by weight: take naming="matrix"'),
        ("2-1:tanh;l1=-1", "penalties of -1.0 and 0.0: give numbers from 0 on"),
        ("3:dense(2);bias=none", "write it into the layer"),
    ],
)
def test_what_does_not_fit_names_the_layer_and_the_sizes(text, sentence):
    with pytest.raises(NetworkError, match=sentence):
        from_text(text)
