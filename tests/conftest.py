"""Networks of every kind, and their independent reading in torch (tests are no package: modules are loaded by path)."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

from gradcheck.network.dense import Embedding
from gradcheck.network.losses import targets_from
from gradcheck.network.names import parameter_shapes
from gradcheck.network.networks import Point
from gradcheck.network.tables import ACTIVATIONS, BIASES, LOSSES
from gradcheck.network.text import from_text

TEXTS = [
    *(f"3-3-2:{activation};bias=shared,unit" for activation in ACTIVATIONS),
    *(f"2-2-4:tanh,linear;bias=none;loss={loss};reduction=mean" for loss in LOSSES),
    *(f"2-2-1:sigmoid;bias={bias}" for bias in BIASES),
    "3x2:dense(4);loss=softmax_cross_entropy(0.1)",
    "3x2:dense(2);loss=gaussian",
    "2-2:tanh;loss=huber(0.3)",
    "2-4:tanh;loss=contrastive(2.5);reduction=mean",
    "3-2:tanh;l1=0.01;l2=0.1",
    "3-2-3:tanh,linear;ties=W2~W1.T",
    "2:dense(2,activation=tanh),dense(2,activation=tanh),dense(1);ties=W2~W1,b2~b1;l2=0.5",
    "3:activation(tanh),dense(2)",
    "4:dense(4,activation=tanh),dropout(1011,keep=0.75),dense(1)",
    "3x2:rnn(2),last,dense(1)",
    "2x3:rnn(3,activation=relu)",
    "3x2:lstm(2),last,dense(2)",
    "3x2:lstm(2,peepholes)",
    "3x2:lstm(2,coupled),lstm(1)",
    "2x2:lstm(2,peepholes,coupled),flatten,dense(1)",
    "3x2:gru(2),last",
    "4:embedding(5,2),gru(2),last,dense(1)",
    "2x6:conv(2,3,stride=2,padding=1),flatten,dense(1)",
    "1x6:conv(2,2,dilation=2,activation=tanh,bias=shared),maxpool(2)",
    "2x4x3:conv(2,2x2,padding=1,activation=relu,bias=none),avgpool(2x2,stride=1)",
    "1x4x4:conv(2,2x2),maxpool(2x2),flatten,dense(1)",
    "3:dense(3),batchnorm,dense(2)",
    "2x3x2:batchnorm(epsilon=0.1),flatten",
    "3x4:layernorm",
    "3x4:rmsnorm,dense(1)",
    "3x4:attention",
    "3x4:attention(heads=2,causal),last",
    "2x2:residual(dense(3,activation=tanh),dense(2)),residual(attention),dense(1)",
]


@pytest.fixture(params=TEXTS)
def network(request):
    """A network for every layer, activation, loss and option."""
    return from_text(request.param)


@pytest.fixture
def drawn(network):
    """A generic point of the network, three samples."""
    rng = np.random.default_rng(7)

    def number(shape):
        return np.round(rng.uniform(-1.5, 1.5, shape), 2) + 0.003

    params = {name: number(shape) for name, shape in parameter_shapes(network).items()}
    first = network.layers[0]
    words = isinstance(first, Embedding)
    shape = (3, *network.input_shape)
    inputs = rng.integers(0, first.words, shape).astype(float) if words else number(shape)
    return Point(params, inputs, targets_from(network.loss, number((3, *network.target_shape))))


@pytest.fixture(scope="session")
def torch_networks():
    """The reading of networks in torch."""
    pytest.importorskip("torch")
    spec = importlib.util.spec_from_file_location("torch_networks", Path(__file__).with_name("torch_networks.py"))
    module = importlib.util.module_from_spec(spec)
    sys.modules["torch_networks"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def registers():
    """Whatever activations and layers a test registers are gone after it: every table is as it was."""
    from gradcheck.backprop.primitives import PRIMITIVES
    from gradcheck.backprop.readings import dense
    from gradcheck.backprop.readings import layers as reverse
    from gradcheck.network.layers import LAYERS
    from gradcheck.network.tables import ADDED
    from gradcheck.strategies.kinds import KINDS
    from gradcheck.symbolic.readings import activations
    from gradcheck.symbolic.readings import layers as symbolic

    held = (ADDED, activations.ACTIVATION_RULES, dense.ACTIVATION_RULES, PRIMITIVES)
    held += (LAYERS, KINDS, reverse.LAYER_RULES, symbolic.LAYER_RULES)
    before = [dict(table) for table in held]
    ADDED["activation"] = list(ADDED.get("activation", ()))
    yield
    for table, was in zip(held, before, strict=True):
        table.clear()
        table.update(was)
