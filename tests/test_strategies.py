"""Random networks and points: numbers keyed by place, away from kinks, shrinking to the smallest net."""

import random
from itertools import combinations

import numpy as np
import pytest
from hypothesis import Phase, find, given, settings

from gradcheck import strategies as gst
from gradcheck.backprop.networks import gradient, layer_values
from gradcheck.network.dense import Dense
from gradcheck.network.fitting import fit
from gradcheck.network.networks import Network
from gradcheck.network.tables import ACTIVATIONS, BIASES, LOSSES
from gradcheck.strategies.points import KINKED, MARGIN

OURS = settings(deadline=None, derandomize=True, database=None)


@given(gst.cases(max_samples=3, namings=("matrix", "article")))
@settings(OURS, max_examples=60)
def test_every_point_belongs_to_its_network(case):
    fit(*case)


@pytest.mark.parametrize("seed", [0, 1, 65535])
@pytest.mark.parametrize("shape", [(1, 1), (4, 5), (32, 33)])
def test_numbers_are_short_binary_fractions_all_different_and_never_zero(shape, seed):
    numbers = gst.numbers_at(seed, "layer 1", *shape)
    assert len(set(numbers.flat)) == numbers.size
    assert np.all(numbers != 0)
    assert np.all(np.abs(numbers) < 2)
    grid = 16 if numbers.size <= 32 else 16 * 2**6
    assert np.all(numbers * grid == np.round(numbers * grid))


def test_a_unit_that_is_removed_leaves_all_other_numbers_alone():
    wide = gst.point_at(Network(3, (Dense(4), Dense(3))), seed=9)
    narrow = gst.point_at(Network(2, (Dense(3), Dense(2))), seed=9)
    assert np.array_equal(narrow.params["W1"], wide.params["W1"][:3, :2])
    assert np.array_equal(narrow.params["W2"], wide.params["W2"][:2, :3])
    assert np.array_equal(narrow.params["b1"], wide.params["b1"][:3])
    assert np.array_equal(narrow.inputs, wide.inputs[:, :2])


def test_a_layer_that_is_removed_leaves_the_layers_after_it_alone():
    shallow = gst.point_at(Network(2, (Dense(2), Dense(1))))
    deep = gst.point_at(Network(2, (Dense(2), Dense(2), Dense(1))))
    assert np.array_equal(deep.params["W3"], shallow.params["W2"])
    assert np.array_equal(deep.params["W2"], shallow.params["W1"])


def test_seeds_differ_and_a_seed_repeats_itself():
    network = Network(2, (Dense(3), Dense(2)))
    weights = [gst.point_at(network, seed).params["W1"] for seed in range(20)]
    assert all(not np.array_equal(a, b) for a, b in combinations(weights, 2))
    assert np.array_equal(weights[7], gst.point_at(network, 7).params["W1"])


def test_the_numbers_of_seed_0_never_change():
    """Pages and @example lines hold them: a new order would be a new point under an old name."""
    point = gst.point_at(Network(1, (Dense(2), Dense(1))))
    assert point.params["W1"].tolist() == [[1.125], [-1.375]]
    assert point.params["W2"].tolist() == [[-0.8125, -1.75]]


@pytest.mark.parametrize("activation", KINKED)
@pytest.mark.parametrize("bias", BIASES)
def test_no_pre_activation_lies_near_a_kink(activation, bias):
    network = Network(3, (Dense(4, activation, bias), Dense(4, activation, bias), Dense(2)))
    near = moved = 0
    for seed in range(60):
        point = gst.point_at(network, seed, samples=2)
        inputs = point.inputs
        values = layer_values(network, point)
        for z, a in [(values[f"z{k}"], values[f"a{k}"]) for k in (1, 2)]:
            reach = np.abs(inputs).max(axis=1, keepdims=True) if bias == "none" else np.ones((2, 1))
            near += int(np.sum(np.abs(z) < MARGIN * reach))
            inputs = a
        moved += any(array.size and np.any(array * 16 % 1) for array in point.params.values())
    assert near == 0
    assert moved > 0  # else the claim above was luck


@pytest.mark.parametrize("loss", LOSSES)
def test_targets_are_what_the_loss_is_made_for(loss):
    targets = gst.point_at(Network(2, (Dense(4),), loss), samples=4).targets
    if loss == "binary_cross_entropy":
        assert np.all((targets > 0) & (targets < 1))
    if loss == "softmax_cross_entropy":
        np.testing.assert_allclose(targets.sum(axis=1), 1, rtol=1e-15)


def test_networks_keep_to_their_options():
    @given(gst.networks(max_depth=1, max_width=2, activations=["tanh"], losses=["output"], biases=["none"]))
    @settings(OURS, max_examples=30)
    def kept(network):
        assert len(network.layers) <= 2
        assert max(network.sizes) <= 2
        assert {layer.activation for layer in network.layers} == {"tanh"}
        assert (network.loss, network.layers[0].bias) == ("output", "none")

    kept()


def test_every_activation_and_loss_is_drawn():
    seen = set()

    @given(gst.networks())
    @settings(OURS, max_examples=200, phases=[Phase.generate])
    def drawn(network):
        seen.update([network.loss, *(layer.activation for layer in network.layers)])

    drawn()
    assert seen == {*ACTIVATIONS, *LOSSES}


def wrong_hidden_bias(network, point):
    """The b1 kind of bug: the path over a hidden unit takes the outgoing weight of its sibling. Is it to be seen?"""
    true = gradient(network, point)
    for k, layer in enumerate(network.layers[:-1], start=1):
        if layer.units > 1 and layer.bias != "none":
            delta, slope = np.atleast_1d(true.adjoints[f"z{k + 1}"]), layer_slope(true, k)
            wrong = (point.params[f"W{k + 1}"][:, 0] @ delta) * slope[1]
            right = true.adjoints[f"z{k}"][1]
            if abs(wrong - right) > 1e-9 * abs(right):
                return True
    return False


def layer_slope(true, k):
    a_bar = true.adjoints[f"a{k}"]
    return np.divide(true.adjoints[f"z{k}"], a_bar, out=np.zeros_like(a_bar), where=a_bar != 0)


@pytest.mark.parametrize("seed", range(10))
def test_the_b1_kind_of_bug_shrinks_to_1_2_1(seed):
    """From whatever net Hypothesis finds first: 10 of 10 seeds end at one hidden layer of two units."""
    ours = settings(OURS, derandomize=False)
    network, _ = find(gst.cases(), lambda case: wrong_hidden_bias(*case), random=random.Random(seed), settings=ours)
    assert network.sizes == (1, 2, 1)
    assert {layer.activation for layer in network.layers} == {"identity"}


def test_siblings_hide_the_b1_kind_of_bug_in_no_draw():
    shown = []

    @given(gst.cases(activations=["sigmoid", "tanh"], biases=["unit"]))
    @settings(OURS, max_examples=150, phases=[Phase.generate])
    def count(case):
        if any(layer.units > 1 for layer in case[0].layers[:-1]):
            shown.append(wrong_hidden_bias(*case))

    count()
    assert len(shown) > 50
    assert all(shown)
