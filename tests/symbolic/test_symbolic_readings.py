"""The names that a reading gives its values, and that no rule is missing."""

import pytest

from gradcheck.errors import TooLarge
from gradcheck.network.layers import LAYERS
from gradcheck.network.sources import point_of
from gradcheck.network.text import from_text
from gradcheck.symbolic.from_network import system_of
from gradcheck.symbolic.readings.layers import LAYER_RULES


def test_every_layer_has_a_reading_and_none_is_left_over():
    assert set(LAYER_RULES) == set(LAYERS.values())


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("1x1:lstm(1,peepholes)", ["zi1[0,0]", "i1[0,0]", "zf1[0,0]", "f1[0,0]", "zg1[0,0]", "g1[0,0]", "c1[0,0]"]),
        ("1x1:gru(1)", ["zr1[0,0]", "r1[0,0]", "zu1[0,0]", "u1[0,0]", "zn1[0,0]", "n1[0,0]", "h1[0,0]"]),
        ("1:batchnorm", ["m1[0]", "v1[0]", "a1[0]"]),
        ("1x1:attention", ["q1[0,0]", "k1[0,0]", "v1[0,0]", "e1[0,0,0]", "s1[0,0]", "p1[0,0,0]", "c1[0,0]"]),
        ("1:residual(dense(1));l1=0.5", ["z2[0]", "a2[0]", "a1[0]", "DataLoss", "Penalty", "Loss"]),
    ],
)
def test_every_value_has_a_name(text, names):
    network = from_text(text)
    assert list(system_of(network, point_of(network)).definitions)[: len(names)] == names


def test_a_step_that_is_hidden_is_not_read():
    network = from_text("3x1:attention(causal)")
    scores = [name for name in system_of(network, point_of(network)).definitions if name.startswith("e1")]
    assert scores == ["e1[0,0,0]", "e1[0,1,0]", "e1[0,1,1]", "e1[0,2,0]", "e1[0,2,1]", "e1[0,2,2]"]


def test_a_network_too_large_for_formulas_is_told_before_any_is_made():
    network = from_text("784-512-10:relu")
    with pytest.raises(TooLarge, match="its limit is"):
        system_of(network, point_of(network))
