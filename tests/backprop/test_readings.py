"""Every layer, activation, loss and option against torch in float64, on batches; no rule is missing."""

import numpy as np
import pytest

from gradcheck.backprop.networks import forward, gradient, layer_values
from gradcheck.backprop.readings.dense import ACTIVATION_RULES
from gradcheck.backprop.readings.layers import LAYER_RULES
from gradcheck.backprop.readings.losses import LOSS_RULES
from gradcheck.network.layers import LAYERS
from gradcheck.network.sources import point_of
from gradcheck.network.tables import ACTIVATIONS, LOSSES
from gradcheck.network.text import from_text


def test_no_rule_is_missing_and_none_is_left_over():
    assert tuple(ACTIVATION_RULES) == ACTIVATIONS
    assert tuple(LOSS_RULES) == LOSSES
    assert set(LAYER_RULES) == set(LAYERS.values())


def test_a_network_has_the_loss_and_gradient_of_torch(network, drawn, torch_networks):
    ours = gradient(network, drawn)
    loss, theirs = torch_networks.value_and_gradient(network, drawn)
    assert ours.loss == pytest.approx(loss, rel=1e-13)
    assert forward(network, drawn) == ours.loss
    largest = max(np.abs(array).max(initial=0) for array in theirs.values())
    for name, array in theirs.items():
        np.testing.assert_allclose(ours.gradient[name], array, rtol=1e-12, atol=1e-13 * largest)


@pytest.mark.parametrize(
    ("text", "shapes"),
    [
        ("3x2:lstm(4,peepholes)", {"zi1": (3, 4), "f1": (3, 4), "c1": (3, 4), "h1": (3, 4)}),
        ("2x4:attention(heads=2)", {"q1": (2, 4), "c1": (2, 4), "a1": (2, 4)}),
        ("1x4:conv(2,3)", {"z1": (2, 2), "a1": (2, 2)}),
        ("3:dense(3),batchnorm", {"m2": (3,), "v2": (3,), "a2": (3,)}),
    ],
)
def test_values_and_adjoints_have_the_shape_of_a_sample(text, shapes):
    network = from_text(text)
    found = gradient(network, point_of(network))
    assert {name: found.values[name].shape for name in shapes} == shapes
    assert {name: found.adjoints[name].shape for name in shapes} == shapes
    values = layer_values(network, point_of(network))
    assert all(values[name].shape[-len(shape) :] == shape for name, shape in shapes.items())
