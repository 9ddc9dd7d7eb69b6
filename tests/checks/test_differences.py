"""Every partial of dense networks by differences: bars against torch, and one entry wrong by a millionth."""

from dataclasses import replace

import numpy as np
import pytest

from gradcheck.backprop.networks import gradient
from gradcheck.checks import contractions, cross_check
from gradcheck.checks import networks as checked
from gradcheck.checks.contractions import examine_dense
from gradcheck.checks.differences import differences, obstacle
from gradcheck.network.losses import targets_from
from gradcheck.network.names import parameter_shapes
from gradcheck.network.networks import Point
from gradcheck.network.tables import ACTIVATIONS, LOSSES
from gradcheck.network.text import from_text
from gradcheck.results.outcomes import Outcome, Reason
from gradcheck.results.verdicts import EVERY_ENTRY

TEXTS = [
    *(f"5-7-6-4:{name},{name},linear" for name in ACTIVATIONS),
    *(f"5-7-6-4:tanh,silu,linear;loss={name};reduction=mean" for name in LOSSES),
    "5-4:tanh",
    "4-3-3-1:tanh,relu,linear;bias=none,shared,unit",
    "4-6-4:gelu,linear;ties=W2~W1.T",
    "4-4-4-2:tanh,tanh,linear;ties=W2~W1,b2~b1",
    "5-7-4:tanh,linear;l1=0.01;l2=0.1",
]

# Large enough for cross_check to take this way: 1,334 parameters.
LARGE = "20-30-20-4:{0},{0},linear;loss=softmax_cross_entropy;reduction=mean"
# With so many samples the exact opinion, which takes seconds here, stands aside.
MANY = 40


def point_for(network, samples=6, seed=3):
    rng = np.random.default_rng(seed)
    params = {name: rng.standard_normal(shape) / 2 for name, shape in parameter_shapes(network).items()}
    targets = targets_from(network.loss, rng.uniform(-2, 2, (samples, *network.target_shape)))
    return Point(params, rng.standard_normal((samples, *network.input_shape)), targets)


def planted(network, point, name, index, fault):
    """The gradient of reverse mode, one entry wrong."""
    found = {key: np.array(array) for key, array in gradient(network, point).gradient.items()}
    found[name][index] *= 1 + fault
    return found


@pytest.mark.parametrize("buffer", [1, 2**17])
@pytest.mark.parametrize("text", TEXTS)
def test_bars_hold_the_gradient_of_torch(text, buffer, torch_networks):
    network = from_text(text)
    point = point_for(network)
    _, truth = torch_networks.value_and_gradient(network, point)
    for name, one in differences(network, point, buffer).items():
        assert (np.abs(one.value - truth[name]) <= one.bar).all()
        assert one.bar.max() <= 1e-6 * max(1.0, np.abs(truth[name]).max())


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("place", [("W1", (2, 7)), ("W2", (19, 0)), ("W3", (1, 1)), ("b1", (4,)), ("b3", (3,))])
def test_one_entry_wrong_by_a_millionth_is_named_and_no_other(activation, place):
    network = from_text(LARGE.format(activation))
    point = point_for(network)
    name, index = place
    right = gradient(network, point).gradient[name]
    index = index if right[index] else np.unravel_index(np.abs(right).argmax(), right.shape)
    verdicts = examine_dense(network, point, planted(network, point, name, index, 1e-6)).verdicts
    wrong = {verdict.name: verdict.wrong_entries for verdict in verdicts if verdict.wrong_entries}
    assert wrong == {name: (tuple(map(int, index)),)}
    assert all(verdict.coverage == EVERY_ENTRY for verdict in verdicts)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_a_right_gradient_agrees_in_every_entry(activation):
    network = from_text(LARGE.format(activation))
    result = cross_check(network, point_for(network, MANY))
    assert result.outcome is Outcome.AGREE
    assert {verdict.coverage for verdict in result.parameters} == {EVERY_ENTRY}
    assert any("2160 slopes of single samples" in note for note in result.notes)


def test_units_on_their_corners_are_undecided_and_a_slope_beyond_them_is_wrong(torch_networks):
    network = from_text("3-5-2:relu,linear")
    point = point_for(network)
    inputs, bias = np.array(point.inputs), np.array(point.params["b1"])
    inputs[0], bias[1] = [1.0, 0.0, 0.0], -point.params["W1"][1, 0]  # z1[0,1] = 0 without a rounding
    point = Point({**point.params, "b1": bias}, inputs, point.targets)
    found = differences(network, point)
    _, truth = torch_networks.value_and_gradient(network, point)
    for name, one in found.items():
        left, right = (one.value, one.value) if one.slopes is None else np.where(
            np.isfinite(one.slopes), one.slopes, one.value
        )  # fmt: skip
        assert (truth[name] >= left - one.bar).all()
        assert (truth[name] <= right + one.bar).all()
    assert np.isfinite(found["W1"].slopes[:, 1, 0]).all()
    verdicts = {verdict.name: verdict for verdict in examine_dense(network, point, dict(truth)).verdicts}
    assert (verdicts["b1"].outcome, verdicts["b1"].reason) == (Outcome.INCONCLUSIVE, Reason.KINK)
    far = {**truth, "b1": truth["b1"] + np.array([0, 50.0, 0, 0, 0])}
    assert {v.name: v for v in examine_dense(network, point, far).verdicts}["b1"].outcome is Outcome.DISAGREE


def test_differences_that_the_whole_loss_does_not_repeat_make_nobody_wrong(monkeypatch):
    def wrong(network, point):
        found = differences(network, point)
        return {**found, "W2": replace(found["W2"], value=found["W2"].value * (1 + 1e-3))}

    monkeypatch.setattr(contractions, "differences", wrong)
    network = from_text(LARGE.format("tanh"))
    verdict = {one.name: one for one in cross_check(network, point_for(network, MANY)).parameters}["W2"]
    assert (verdict.outcome, verdict.reason) == (Outcome.INCONCLUSIVE, Reason.RESOLUTION)
    assert "look at them first" in verdict.remark


def test_probes_catch_a_contraction_that_differences_and_gradient_share(monkeypatch):
    """Both opinions with the same wrong sum over the inputs: only the whole loss can tell."""

    def wrong(network, point):
        found = differences(network, point)
        return {**found, "W1": replace(found["W1"], value=found["W1"].value * 1.01)}

    network = from_text(LARGE.format("tanh"))
    point = point_for(network)
    monkeypatch.setattr(contractions, "differences", wrong)
    right = gradient(network, point).gradient
    verdicts = examine_dense(network, point, {**right, "W1": right["W1"] * 1.01}).verdicts
    assert {one.name for one in verdicts if one.outcome is Outcome.DISAGREE} == {"W1"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("40:dense(30,tanh),batchnorm,dense(2)", "batch norm couples the samples"),
        ("4x16:lstm(16),last,dense(2)", "not every layer is dense"),
        ("40-30-2:tanh,linear;naming=article", "its weights are numbered one by one"),
    ],
)
def test_other_networks_are_probed_and_it_is_said(text, said):
    network = from_text(text)
    assert obstacle(network) == said
    if network.naming == "matrix":
        result = cross_check(network, point_for(network, 3))
        assert result.outcome is Outcome.AGREE
        assert any("are probed along random directions" in note and said in note for note in result.notes)


def test_outputs_by_the_thousand_are_not_moved_one_by_one():
    network = from_text("3-10000:tanh")
    assert obstacle(network, 1) is None
    assert obstacle(network, 100) == "they would take 4e+10 multiplications"
    assert obstacle(from_text("784-512-512-10:tanh"), 128) is None


def test_a_small_network_is_differenced_one_entry_after_the_other(monkeypatch):
    monkeypatch.setattr(checked, "examine_dense", None)
    assert cross_check("2-2-1:sigmoid,linear").notes == ()
