"""Programs that are kept for an architecture say what is computed step by step."""

import numpy as np
import pytest

from gradcheck.backprop.kept import kept_loss_of, kept_slope, slope_of
from gradcheck.backprop.networks import loss_of
from gradcheck.errors import NetworkError
from gradcheck.network.text import from_text
from gradcheck.strategies.points import point_at

TEXTS = [
    "2-3-2:relu,linear;loss=huber(0.5);l1=0.1",
    "2-2-1:sigmoid,linear;naming=article;bias=shared",
    "3-2-3:tanh,linear;bias=none;ties=W2~W1.T;loss=softmax_cross_entropy(0.1);reduction=mean",
    "3x2:lstm(2,peepholes),last,dense(2);loss=gaussian",
    "1x4x4:conv(2,2x2,padding=1),maxpool(2x2),flatten,dense(1)",
    "3:dense(3,activation=gelu),batchnorm,dense(2);loss=contrastive",
    "2x2:attention(heads=1,causal),last,dense(1)",
    "3:embedding(4,2),gru(2),last,dense(1)",
]


@pytest.mark.parametrize("text", TEXTS)
def test_kept_programs_say_what_is_computed_step_by_step(text):
    network = from_text(text)
    for seed, samples in ((1, 3), (2, 3), (3, 4), (4, 3), (5, 3)):
        point = point_at(network, seed, samples)
        along = {name: np.cos(np.arange(array.size)).reshape(array.shape) for name, array in point.params.items()}
        moved = {name: array * 0.9 for name, array in point.params.items()}
        f, plain = kept_loss_of(network, point), loss_of(network, point)
        for params in (point.params, moved, point.params):
            assert f(params) == pytest.approx(plain(params), rel=1e-14)
        assert kept_slope(network, point, along) == pytest.approx(slope_of(network, point, along), rel=1e-12)


def test_a_point_of_another_network_is_refused_when_it_is_known_too():
    network, other = from_text("2-2-1:sigmoid,linear"), from_text("2-3-1:sigmoid,linear")
    for _ in range(3):
        kept_loss_of(network, point_at(network, 1))
    with pytest.raises(NetworkError, match="parameter W1 has shape"):
        kept_loss_of(network, point_at(other, 1))
