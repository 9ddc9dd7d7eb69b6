"""What a network is like inside: sizes per layer against torch, the words they come with, maps, gates."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from gradcheck.backprop.networks import gradient
from gradcheck.evidence.layers import look_inside
from gradcheck.network.networks import Point
from gradcheck.network.sources import point_of
from gradcheck.network.text import from_text


def inside(text, change=None):
    network = from_text(text)
    point = point_of(network)
    if change:
        point = Point(change(point.params), point.inputs, point.targets)
    return look_inside(network, gradient(network, point))


def scaled(factor):
    return lambda params: {name: array * factor for name, array in params.items()}


def test_the_sizes_are_the_root_mean_squares_that_torch_finds():
    network = from_text("vanishing")
    point = point_of(network)
    params = {name: torch.tensor(array, requires_grad=True) for name, array in point.params.items()}
    a = torch.tensor(point.inputs)
    for k in range(1, 8):
        a = torch.sigmoid(a @ params[f"W{k}"].T + params[f"b{k}"])
    (0.5 * (a - torch.tensor(point.targets)) ** 2).sum().backward()
    true = [torch.cat([params[f"{x}{k}"].grad.ravel() for x in "Wb"]).square().mean().sqrt() for k in range(1, 8)]
    np.testing.assert_allclose(inside("vanishing").sizes.sizes, np.array(true), rtol=1e-9)


def test_a_deep_sigmoid_net_vanishes_and_the_words_say_why():
    words = inside("vanishing").sizes.words
    assert "vanishes towards the input: the first layer's is 750,000 times smaller" in words
    assert "passes 6 sigmoids" in words
    assert "at most 1/4, times the weights: by 1/4 alone it would be 4,096 times smaller" in words


@pytest.mark.parametrize(
    ("text", "change", "words"),
    [
        ("2-3-3-3-1:tanh,tanh,tanh,linear", lambda old: old | {"W4": old["W4"] * 1e4}, "explodes towards the input"),
        ("2-3-3-3-1:tanh,tanh,tanh,linear", scaled(0.01), "vanishes towards the input"),
        ("2-2-2-2-2:identity;bias=none", lambda _: {f"W{k}": np.eye(2) for k in (1, 2, 3, 4)}, "reaches"),
        ("2-2-2-1:sigmoid", scaled(0.01), "The partials of the first layer are"),
        ("2-2-1:sigmoid,linear", None, "The partials of the first layer are"),
        ("2-2-1:relu,linear", lambda params: params | {"b1": np.array([-9.0, -9.0])}, "are all 0 or not finite"),
    ],
)
def test_the_words_fit_the_sizes(text, change, words):
    found = inside(text, change).sizes.words
    assert words in found
    assert ("sigmoids" in found) is ("σ′" in found)


@pytest.mark.parametrize("factor", [1e-200, 1e200])
def test_partials_whose_squares_leave_the_floats_have_a_size(factor):
    network = from_text("2-2-1:tanh,linear")
    reverse = gradient(network, point_of(network))
    far = replace(reverse, gradient={name: array * factor for name, array in reverse.gradient.items()})
    sizes = (look_inside(network, one).sizes.sizes for one in (reverse, far))
    np.testing.assert_allclose(*(array * scale for array, scale in zip(sizes, (factor, 1.0), strict=True)), rtol=1e-13)


def test_the_maps_hold_every_partial_once():
    for text in ("source-2-2-1", "source-2-2-2", "lstm", "1x4:conv(2,3),flatten,dense(1)"):
        network = from_text(text)
        reverse = gradient(network, point_of(network))
        held = np.concatenate([one.partials.ravel() for one in look_inside(network, reverse).maps])
        true = np.concatenate([np.ravel(one) for one in reverse.gradient.values()])
        np.testing.assert_array_equal(np.sort(held), np.sort(true))


def test_the_articles_weights_stand_unit_by_unit():
    network = from_text("source-2-2-2")
    reverse = gradient(network, point_of(network))
    maps = {one.name: one.partials for one in look_inside(network, reverse).maps}
    assert list(maps) == ["w1 to w4", "b1", "w5 to w8", "b2"]
    assert maps["w5 to w8"].tolist() == [[float(reverse.gradient[f"w{k}"]) for k in row] for row in ((5, 6), (7, 8))]


def test_the_gates_of_an_lstm_are_those_of_its_equations():
    network = from_text("lstm-coupled")
    point = point_of(network)
    params = point.params
    (gates,) = look_inside(network, gradient(network, point)).gates
    curves = {one.name: one.values for one in gates.curves}
    h, c = np.zeros(2), np.zeros(2)
    for t, x in enumerate(point.inputs[0]):
        f, o, g = (params[f"W{k}1"] @ x + params[f"U{k}1"] @ h + params[f"b{k}1"] for k in "fog")
        f, o = 1 / (1 + np.exp(-f)), 1 / (1 + np.exp(-o))
        c = f * c + (1 - f) * np.tanh(g)
        h = o * np.tanh(c)
        for name, true in {"f1": f, "i1 = 1 - f1": 1 - f, "o1": o, "g1": np.tanh(g), "c1": c, "h1": h}.items():
            np.testing.assert_allclose(curves[name][t], true, rtol=1e-12)


def test_every_curve_lies_within_its_range():
    for text in ("lstm", "gru", "lstm-peepholes"):
        for curve in inside(text, scaled(30.0)).gates[0].curves:
            assert curve.low <= curve.values.min() <= curve.values.max() <= curve.high


def test_of_a_batch_the_first_sample_is_shown():
    network = from_text("4x2:gru(3),last,dense(1)")
    one = point_of(network)
    both = Point(one.params, np.concatenate([one.inputs, one.inputs * 2]), np.concatenate([one.targets] * 2))
    alone, first = (look_inside(network, gradient(network, at)).gates[0].curves for at in (one, both))
    for a, b in zip(alone, first, strict=True):
        np.testing.assert_allclose(a.values, b.values, rtol=1e-12)
