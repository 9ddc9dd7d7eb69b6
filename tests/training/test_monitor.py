"""A watch that is cheap and quiet while the gradient holds, and ends the training with a page when it breaks."""

import numpy as np
import pytest

from gradcheck.backprop.networks import gradient, loss_of
from gradcheck.errors import GradientMismatch, UsageError
from gradcheck.network.text import from_text
from gradcheck.strategies import point_at
from gradcheck.training import Monitor, train

RNG = np.random.default_rng(3)
DATA = (RNG.normal(size=(12, 3)), RNG.normal(size=(12, 2)))


@pytest.mark.parametrize("text", ["3-4-2:tanh", "3-4-2:relu", "3-3-2:sigmoid,linear;loss=huber", "3-8-8-2:gelu"])
def test_right_gradients_are_let_pass(text):
    watch = Monitor(every=3, report=None)
    train(text, DATA, rate=0.05, batch=4, epochs=30, watch=watch)
    assert (watch.steps, watch.looks) == (90, 30)
    # relu: a look across a kink is a suspicion, which the judge turns down
    assert 2 * 30 <= watch.evaluations <= 6 * 30 or "relu" in text


def broken(step, fault):
    """A watch behind which the gradient of W1[0,1] is wrong from a step on."""
    watch, count = Monitor(every=10, report=None), [0]

    def through(loss, gradient, params):
        count[0] += 1
        wrong = {name: np.array(array) for name, array in gradient.items()}
        if count[0] >= step:
            wrong["W1"][0, 1] *= 1 + fault
        watch(loss, wrong, params)

    return through


@pytest.mark.parametrize("fault", [1.0, -2.0, 1e-2, 1e-4])
def test_a_gradient_that_breaks_ends_the_training_at_the_next_look(fault):
    with pytest.raises(GradientMismatch, match=r"the gradient broke by step 31: W1\[0,1\] is wrong"):
        train("3-4-2:tanh", DATA, rate=0.05, batch=4, epochs=30, watch=broken(25, fault))


def test_the_page_shows_the_finding(tmp_path):
    network = from_text("3-4-2:tanh")
    point = point_at(network, 1, samples=4)
    wrong = {name: np.array(array) for name, array in gradient(network, point).gradient.items()}
    wrong["b2"][1] *= -1
    with pytest.raises(GradientMismatch, match="page: "):
        Monitor(report=tmp_path / "pages")(loss_of(network, point), wrong, point.params)
    page = (tmp_path / "pages" / "step-1.html").read_text(encoding="utf-8")
    assert "b2[1]" in page


@pytest.mark.parametrize("change", [lambda g: g.pop("b1"), lambda g: g.update(W1=g["W1"].T)])
def test_a_gradient_without_a_name_or_of_another_shape_is_told(change):
    network = from_text("3-4-2:tanh")
    point = point_at(network, 1)
    wrong = dict(gradient(network, point).gradient)
    change(wrong)
    with pytest.raises(GradientMismatch):
        Monitor(report=None)(loss_of(network, point), wrong, point.params)


@pytest.mark.parametrize(("power", "each"), [(2, 2), (4000, 6)])
def test_a_look_costs_two_evaluations_or_six_where_the_loss_bends_and_the_others_none(power, each):
    calls = []

    def loss(params):
        calls.append(1)
        return float(np.sum(params["w"] ** power))

    watch, w = Monitor(every=100, report=None), np.array([1.0, 0.9])
    for _ in range(200):
        watch(loss, {"w": power * w ** (power - 1)}, {"w": w})
    assert len(calls) == watch.evaluations == 2 * each


def test_a_look_every_nothing_is_refused():
    with pytest.raises(UsageError, match="a look every 0 steps: give at least 1"):
        Monitor(every=0)
