"""Every layer, activation, loss and option against torch in float64, on batches."""

import pytest

from gradcheck.labels import by_label
from gradcheck.symbolic.from_network import system_of
from gradcheck.symbolic.numbers import evaluate
from gradcheck.symbolic.partials import differentiate


def test_a_network_has_the_loss_and_gradient_of_torch(network, drawn, torch_networks):
    exact = evaluate(differentiate(system_of(network, drawn)))
    loss, gradient = torch_networks.value_and_gradient(network, drawn)
    assert exact.loss == pytest.approx(loss, rel=1e-12)
    assert exact.gradient == pytest.approx(by_label(gradient), rel=1e-11, abs=1e-13)
