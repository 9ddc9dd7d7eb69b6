"""A user's own layer: one formula read by every opinion, checked at once, refused where it is wrong."""

import numpy as np
import pytest
from hypothesis import find, settings

import gradcheck
from gradcheck.backprop.networks import gradient
from gradcheck.backprop.readings.own import computed_by
from gradcheck.backprop.recording import record
from gradcheck.checks.crossings import cross_check_random, differing
from gradcheck.errors import GradientInconclusive, GradientMismatch, NetworkError, UsageError
from gradcheck.labels import by_label
from gradcheck.network.layers import LAYERS
from gradcheck.network.sources import point_of
from gradcheck.network.text import to_text
from gradcheck.strategies import point_at
from gradcheck.symbolic.from_network import system_of
from gradcheck.symbolic.numbers import evaluate
from gradcheck.symbolic.partials import differentiate


def gain(shape):
    return {"g": shape[-1:]}


def scale(x, p, power=1):
    return p["g"] * x**power


def layer_norm(x, p, epsilon=1e-5):
    off = x - x.mean(-1, keepdims=True)
    return p["g"] * off / np.sqrt(np.mean(off**2, axis=-1, keepdims=True) + epsilon) + p["b"]


def recurrent(x, p, units=2):
    h, states = np.zeros((x.shape[0], units)), []
    for t in range(x.shape[1]):
        h = np.tanh(x[:, t] @ p["W"].T + h @ p["U"].T + p["b"])
        states.append(h)
    return np.stack(states, 1)


def attention(x, p):
    q, k, v = (np.einsum("nti,oi->nto", x, p[f"W{role}"]) for role in "qkv")
    share = np.exp(q @ np.swapaxes(k, 1, 2) / np.sqrt(x.shape[-1]))
    return (share / np.sum(share, -1, keepdims=True)) @ v @ p["Wo"].T


def softmax(x):
    share = np.exp(x - np.max(x, -1, keepdims=True))
    return share / share.sum(-1, keepdims=True)


TWINS = {
    "own_norm": (layer_norm, lambda s: {"g": s[-1:], "b": s[-1:]}, "3:dense(3,tanh),{},dense(2)", "layernorm"),
    "own_rnn": (
        recurrent,
        lambda s, units: {"W": (units, s[-1]), "U": (units, units), "b": (units,)},
        "3x2:{}(3),last,dense(1)",
        "rnn",
    ),
    "own_attention": (attention, lambda s: {f"W{r}": (s[-1], s[-1]) for r in "qkvo"}, "3x2:{},last", "attention"),
}


@pytest.mark.parametrize("name", TWINS)
def test_a_formula_like_that_of_a_layer_of_ours_has_its_gradient_in_every_opinion(name):
    formula, parameters, text, ours = TWINS[name]
    gradcheck.register_layer(name, formula, parameters, shape=(2, 2) if "x" in text else None)
    own, network = gradcheck.from_text(text.format(name)), gradcheck.from_text(text.format(ours))
    point = point_at(network, seed=4, samples=2)
    right = gradient(network, point)
    assert gradient(own, point).loss == pytest.approx(right.loss, rel=1e-13)
    exact = evaluate(differentiate(system_of(own, point))).gradient
    for label, number in by_label(right.gradient).items():
        assert exact[label] == pytest.approx(number, rel=1e-10, abs=1e-13)
        assert by_label(gradient(own, point).gradient)[label] == pytest.approx(number, rel=1e-10, abs=1e-13)
    assert differing(own, point, order=2) is None


def test_softmax_has_the_gradient_of_the_formula_on_paper():
    gradcheck.register_layer("softmax", softmax)
    network = gradcheck.from_text("3:dense(4),softmax,dense(2)")
    point = point_of(network)
    params, x = point.params, point.inputs
    weights = np.exp(x @ params["W1"].T + params["b1"])
    s = weights / weights.sum(-1, keepdims=True)
    delta = s @ params["W3"].T + params["b3"] - point.targets
    ds = delta @ params["W3"]
    dz = np.array([(np.diag(one) - np.outer(one, one)) @ bar for one, bar in zip(s, ds, strict=True)])
    true = {"W1": dz.T @ x, "b1": dz.sum(0), "W3": delta.T @ s, "b3": delta.sum(0)}
    for key, array in gradient(network, point).gradient.items():
        np.testing.assert_allclose(array, true[key], rtol=1e-12)
    assert gradcheck.cross_check(network)


def test_text_python_form_and_repr_are_one_value():
    scaled = gradcheck.register_layer("scale", scale, gain)
    network = gradcheck.from_text("3:scale(2),dense(1)")
    assert network == gradcheck.Network(3, (scaled(power=2), gradcheck.Dense(1)))
    assert to_text(network) == "3:scale(power=2),dense(1)"
    assert eval(repr(network), {"Scale": scaled, "Dense": gradcheck.Dense, "Network": gradcheck.Network}) == network
    assert gradcheck.from_text("3:residual(scale),dense(1)").layers[0].layers == (scaled(),)
    with pytest.raises(NetworkError, match="'scle' is no layer: did you mean scale"):
        gradcheck.from_text("3:scle")
    with pytest.raises(NetworkError, match="scale has no setting 'way': it has power"):
        gradcheck.from_text("3:scale(way=2)")


def test_it_is_derived_trained_watched_and_recorded():
    gradcheck.register_layer("scale", scale, gain)
    network = gradcheck.from_text("3:dense(3,tanh),scale(2),dense(1)")
    assert gradcheck.derive(network, "g2[1]").paths
    inputs = np.random.default_rng(0).normal(size=(8, 3))
    watch = gradcheck.Monitor(every=2)
    training = gradcheck.train(network, (inputs, inputs[:, :1]), rate=0.05, epochs=20, watch=watch)
    assert training.losses[-1] < training.losses[0]
    assert watch.looks == 10
    function = record(lambda x, g: computed_by(LAYERS["scale"])(LAYERS["scale"](3), x, {"g": g}))
    for factor in (1.0, 2.0):
        np.testing.assert_allclose(function(factor * inputs, inputs[0]), inputs[0] * (factor * inputs) ** 3, rtol=1e-15)


def test_random_networks_of_the_kind_are_drawn_checked_and_shrink():
    gradcheck.register_layer("scale", scale, gain)
    crossing = cross_check_random(("scale",), examples=3, seed=2)
    assert crossing
    assert crossing.checked == 3
    ours = settings(database=None, derandomize=True)
    smallest = find(gradcheck.strategies.networks(kinds=("scale",)), lambda net: True, settings=ours)
    assert to_text(smallest) == "3:scale,dense(1)"


def test_ties_and_penalties_reach_its_parameters():
    gradcheck.register_layer("mix", lambda x, p: x @ p["W"].T, lambda s: {"W": (s[-1], s[-1])})
    assert gradcheck.cross_check("2:dense(2,tanh),mix,dense(1);ties=W2~W1.T;l1=0.1;l2=0.2")


def scale_back(dy, x, p, power=1):
    axes = tuple(range(dy.ndim - 1))
    return dy * p["g"] * power * x ** (power - 1), {"g": np.sum(dy * x**power, axes)}


def test_a_backward_pass_that_is_right_is_what_the_engine_takes():
    calls = []

    def counted(*args, **settings):
        calls.append(1)
        return scale_back(*args, **settings)

    gradcheck.register_layer("scale", scale, gain, backward=counted)
    calls.clear()
    network = gradcheck.from_text("3:dense(3,tanh),scale(2),dense(1)")
    assert differing(network, point_at(network, 3, samples=2), order=2) is None
    assert calls


def test_a_backward_pass_that_is_wrong_for_another_setting_is_found_by_cross_check():
    def back(dy, x, p, power=1):
        return scale_back(dy, x, p)

    gradcheck.register_layer("scale", scale, gain, backward=back)
    assert gradcheck.cross_check("3:dense(3,tanh),scale,dense(1)")
    assert gradcheck.cross_check("3:dense(3,tanh),scale(2),dense(1)").outcome is gradcheck.Outcome.DISAGREE


def planted(change):
    def back(dy, x, p, power=1):
        dx, dparams = scale_back(dy, x, p)
        return change(dx, dparams["g"], dy, x)

    return back


WRONG = {
    r"'own' by x\[.*: yours is .*, the true one .*, by differences .* at x = .*: mend backward": planted(
        lambda dx, dg, dy, x: (dx * (1 + 1e-6), {"g": dg})
    ),
    r"'own' by g\[.*: yours is": planted(lambda dx, dg, dy, x: (dx, {"g": dg * (1 + 1e-6)})),
    r"the backward pass of 'own': g has shape \(3,\), its gradient \(4, 3\): sum it over": planted(
        lambda dx, dg, dy, x: (dx, {"g": np.sum(dy * x, 0)})
    ),
}


@pytest.mark.parametrize("words", WRONG)
def test_a_wrong_backward_pass_is_refused_with_the_point_and_both_values(words):
    with pytest.raises(GradientMismatch, match=words):
        gradcheck.register_layer("own", scale, gain, backward=WRONG[words])
    assert "own" not in LAYERS
    with pytest.raises(NetworkError, match="'own' is no layer"):
        gradcheck.from_text("3:own")


UNFIT = {
    "returns dx and a dict: return dx, {'g': dg}": lambda dy, x, p, power=1: dy,
    "returns nothing for 'g': add it": lambda dy, x, p, power=1: (dy, {}),
    "the backward pass of 'own' raises NameError: name 'lost'": lambda dy, x, p, power=1: (lost, {}),  # noqa: F821
    "changes dy in place: work on a copy": lambda dy, x, p, power=1: (np.multiply(dy, 2, out=dy), {"g": dy}),
}


@pytest.mark.parametrize("words", UNFIT)
def test_a_backward_pass_that_cannot_be_used_is_told(words):
    with pytest.raises(UsageError, match=words.replace("returns dx", "has to return dx")):
        gradcheck.register_layer("own", scale, gain, backward=UNFIT[words])


def changing(x, p):
    x *= p["g"]
    return x


def filling(x, p):
    out = np.zeros(x.shape)
    out[:] = x * p["g"]
    return out


@pytest.mark.parametrize(
    ("formula", "parameters", "words"),
    [
        (3, gain, "a layer's formula is a function: write def forward"),
        (lambda x, y, z: x, gain, "a layer's formula is a function"),
        (scale, {"g": (3,)}, "write a function of the shape, lambda shape: {'g': shape}"),
        (scale, lambda s: [3], r"the parameters of 'own' are \[3\]: give their shapes by name"),
        (scale, lambda s: {"g": 3}, r"'g' of 'own' has shape 3: give whole numbers, as in \(3,\)"),
        (scale, lambda s: {"g1": (3,)}, "'g1' is no name for a parameter of 'own': take letters alone"),
        (scale, lambda s: {"x": (3,)}, "neither x nor a"),
        (scale, lambda s: {}, r"'own' raises KeyError for samples of shape \(3,\): 'g'"),
        (lambda x, p: p["W"] @ x, lambda s: {"W": (2, s[-1])}, "x holds the samples in its first axis"),
        (lambda x, p: np.sum(p["g"] * x), gain, r"makes shape \(\) of 2 samples of shape \(3,\): keep the samples in"),
        (changing, gain, r"changes x in place: write x = x \* 2 for x \*= 2"),
        (lambda x, p: np.log(x) * p["g"], gain, r"makes y\[0,0\] nan at x = .*: a layer is finite for all numbers"),
        (lambda x, p: (x - x.mean(0)) * p["g"], gain, "another value among others than alone: compute along the axes"),
        (lambda x, p: x * p["g"] * np.random.default_rng().normal(), gain, "two values at one point: take out what is"),
        (lambda x, p: np.fft.fft(x).real * p["g"], gain, "the symbolic opinion does not read fft: use exp"),
        (
            lambda x, p: np.where(x > 0, x, p["g"]) if (x > -9).all() else x,
            gain,
            "the symbolic opinion does not read all",
        ),
        (filling, gain, "into a plain array: put it together by np.stack"),
        (lambda x, p, way=[1]: x, gain, r"the setting 'way' of 'own' is \[1\] by default: take one of bool, int"),
    ],
)
def test_what_cannot_be_taken_is_told(formula, parameters, words):
    with pytest.raises(UsageError, match=words):
        gradcheck.register_layer("own", formula, parameters)
    assert "own" not in LAYERS


@pytest.mark.parametrize("name", ["dense", "mlp", "norm", "Own Layer", 3])
def test_a_name_that_is_taken_or_none_is_told(name):
    with pytest.raises(UsageError, match=r"take another name|take small letters, digits and _"):
        gradcheck.register_layer(name, scale, gain)


def test_the_same_formula_may_be_registered_again_and_no_other():
    first = gradcheck.register_layer("own", scale, gain)
    assert gradcheck.register_layer("own", lambda x, p, power=1: x**power * p["g"], gain, backward=scale_back) is first
    assert first.recipe.backward is scale_back
    others = [(lambda x, p, power=1: 2 * p["g"] * x**power, gain), (scale, lambda s: {"g": ()})]
    others += [(lambda x, p: p["g"] * x, gain), (lambda x, p, power=2: p["g"] * x**power, gain)]
    for formula, parameters in others:
        with pytest.raises(UsageError, match="there is a layer 'own' already, with another formula: take another"):
            gradcheck.register_layer("own", formula, parameters)


def test_a_layer_for_samples_of_so_many_axes_takes_no_others():
    gradcheck.register_layer("own", scale, gain, shape=3)
    with pytest.raises(NetworkError, match=r"layer 1, Own: own takes samples of shape .*1 axes, but gets \(2, 3\)"):
        gradcheck.from_text("2x3:own,flatten,dense(1)")


def test_a_formula_that_loses_its_digits_cannot_be_decided():
    with pytest.raises(GradientInconclusive, match="can be decided at no point of samples of shape"):
        gradcheck.register_layer("own", lambda x, p: (x * p["g"] + 1e13) - 1e13, gain)


METHODS = {
    "methods": lambda x, p: (x.reshape(x.shape[0], -1).cumsum(1) * p["g"].sum()).swapaxes(0, 1).T,
    "extremes": lambda x, p: np.maximum(np.clip(x, -1.5, 1.5), x.min(-1, keepdims=True)) * p["g"],
    "spread": lambda x, p: x * p["g"] / (1 + np.std(x, -1, keepdims=True) + np.linalg.norm(x, axis=-1, keepdims=True)),
    "logic": lambda x, p: np.where((x > -1) & ~(x > 1), x * p["g"], np.where((x <= 0) | (x < -3), x, 0.5 * x)),
    "moved": lambda x, p: np.concatenate([np.roll(x, 1, -1), np.flip(x, -1)[..., :1]], -1) * p["g"].mean(),
    "split": lambda x, p: np.stack([half * p["g"][..., :1] for half in np.split(x[..., :2], 2, -1)], -1)[..., 0, :],
    "joined": lambda x, p: np.outer(np.ravel(x), p["g"]).reshape(x.shape[0], -1),
    "varied": lambda x, p: np.var(x * p["g"], axis=-1, ddof=1, keepdims=True) + x.transpose(*range(x.ndim)),
}


@pytest.mark.parametrize("name", METHODS)
def test_what_numpy_offers_is_read_alike_by_all(name):
    gradcheck.register_layer(name, METHODS[name], gain, shape=(2, 3))
