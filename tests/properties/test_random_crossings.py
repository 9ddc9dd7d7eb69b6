"""Random networks of every kind: right engines agree, a fault planted in any rule is found and shrinks."""

from dataclasses import replace

import pytest

from gradcheck.backprop.primitives import PRIMITIVES
from gradcheck.backprop.readings import layers as reverse_layers
from gradcheck.checks.crossings import cross_check_random, differing
from gradcheck.errors import UsageError
from gradcheck.network import recurrent, windows
from gradcheck.network.text import from_text
from gradcheck.report.crossings import command_of, crossing_to_text, example_of
from gradcheck.strategies import point_at
from gradcheck.strategies.networks import every_kind


@pytest.mark.parametrize("kind", every_kind())
def test_right_engines_agree_to_second_order(kind):
    crossing = cross_check_random((kind,), examples=6, seed=3, order=2)
    assert crossing, crossing_to_text(crossing)
    assert crossing.checked == 6


def test_the_same_seed_checks_the_same_networks():
    assert cross_check_random(("mlp",), 3, seed=5).checked == cross_check_random(("mlp",), 3, seed=5).checked


# name of the primitive -> a kind whose networks must show it
PLANTED = {"sigmoid": "lstm", "tanh": "rnn", "matmul": "mlp", "softmax": "attention", "sqrt": "norm", "max": "conv"}


@pytest.mark.parametrize("name", PLANTED)
def test_a_fault_of_one_in_a_million_in_a_vjp_is_found(monkeypatch, name):
    right = PRIMITIVES[name]
    vjp = right.vjps[0]
    wrong = replace(right, vjps=(lambda *args, **options: vjp(*args, **options) * (1 + 1e-6), *right.vjps[1:]))
    monkeypatch.setitem(PRIMITIVES, name, wrong)
    crossing = cross_check_random((PLANTED[name],), examples=60, seed=1)
    assert not crossing
    assert crossing.failure.told.startswith(("the partial of", "the adjoint of", "the gradient of", "the slope"))


def test_a_reading_with_another_forward_pass_is_another_network(monkeypatch):
    def forgets(book, station, layer, x):
        return right(book, station, layer, x) * 1.01

    right = reverse_layers.LAYER_RULES[recurrent.GRU]
    monkeypatch.setitem(reverse_layers.LAYER_RULES, recurrent.GRU, forgets)
    crossing = cross_check_random(("gru",), examples=20, seed=0)
    assert crossing.failure.told.startswith("two different networks: the loss is")


def test_a_failure_shrinks_and_says_how_to_repeat_it(monkeypatch):
    right = reverse_layers.LAYER_RULES[windows.Conv]

    def strided(book, station, layer, x):
        return right(book, station, layer, x * (1 + 1e-3 * (layer.dilation > 1)))

    monkeypatch.setitem(reverse_layers.LAYER_RULES, windows.Conv, strided)
    failure = cross_check_random(("conv",), examples=80, seed=2).failure
    network = from_text(failure.text)
    assert (network.layers[0].channels, network.layers[0].dilation) == (1, 2)
    assert differing(network, failure_point(failure)) == failure.told
    assert command_of(failure).endswith(f"--seed {failure.seed} --samples {failure.samples}")
    assert failure.text in example_of(failure)
    text = crossing_to_text(cross_check_random(("conv",), examples=80, seed=2))
    assert failure.code in text
    assert "the smallest of the networks that fail" in text


def failure_point(failure):
    return point_at(from_text(failure.text), failure.seed, failure.samples)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"kinds": ("lstn",)}, "there is no kind of network 'lstn': did you mean lstm"),
        ({"kinds": ()}, "there is no kind of network ''"),
        ({"examples": 0}, "give at least one example"),
        ({"order": 3}, "order 1 or 2"),
    ],
)
def test_what_makes_no_sense_is_refused(options, sentence):
    with pytest.raises(UsageError, match=sentence):
        cross_check_random(**options)
