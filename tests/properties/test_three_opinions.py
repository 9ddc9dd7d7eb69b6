"""Over random feedforward architectures: the loss values first, then the three opinions pairwise."""

import numpy as np
import pytest
from hypothesis import given, settings

from gradcheck import strategies as gst
from gradcheck.backprop.networks import forward, gradient, loss_of
from gradcheck.labels import by_label, from_labels
from gradcheck.network.dense import Dense
from gradcheck.network.names import parameter_shapes
from gradcheck.network.networks import Network
from gradcheck.network.tables import ACTIVATIONS, LOSSES
from gradcheck.numeric.estimation import estimate
from gradcheck.results.outcomes import Outcome
from gradcheck.symbolic.from_network import system_of
from gradcheck.symbolic.numbers import evaluate
from gradcheck.symbolic.partials import differentiate
from gradcheck.verification import verify

OURS = settings(deadline=None, derandomize=True, database=None)
NAMINGS = ("matrix", "article")

# The symbolic opinion is correctly rounded. Reverse mode may lose what cancels in its sums: 4e-15 of the largest
# partial and 1.3e-14 of the largest adjoint were the worst of 260 random nets with 4,941 partials.
ROUNDING = 1e-12


def exact(network, point):
    return evaluate(differentiate(system_of(network, point)))


def gap(ours, theirs):
    """The largest difference by the largest number, over all names of ours."""
    largest = max(map(abs, theirs.values()))
    return max(abs(number - theirs[name]) for name, number in ours.items()) / (largest or 1.0)


@given(gst.cases(max_samples=3, namings=NAMINGS))
@settings(OURS, max_examples=50)
def test_symbolic_and_reverse_mode_agree_on_the_loss_then_on_every_adjoint(case):
    network, point = case
    symbolic, reverse = exact(network, point), gradient(network, point)
    assert forward(network, point) == pytest.approx(symbolic.loss, rel=ROUNDING, abs=ROUNDING), "two different networks"
    assert gap(by_label(reverse.values), symbolic.values) < ROUNDING
    assert gap(by_label(reverse.adjoints), symbolic.adjoints) < ROUNDING
    assert gap(by_label(reverse.gradient), symbolic.gradient) < ROUNDING


@given(gst.cases(max_depth=2, max_width=3, max_samples=2, namings=NAMINGS))
@settings(OURS, max_examples=15)
def test_the_numeric_opinion_holds_both_others_within_its_own_bars(case):
    network, point = case
    symbolic, reverse = exact(network, point), gradient(network, point)
    numeric = estimate(loss_of(network, point), point.params)
    exactly = from_labels(symbolic.gradient, parameter_shapes(network))
    for name, one in numeric.items():
        assert np.all(np.abs(one.value - exactly[name]) <= one.bar)
        slack = ROUNDING * np.abs(exactly[name]).max(initial=0)
        assert np.all(np.abs(one.value - reverse.gradient[name]) <= one.bar + slack)


def every_kind():
    for activation in ACTIVATIONS:
        yield pytest.param(Network(2, (Dense(2, activation), Dense(2))), id=activation)
    for loss in LOSSES:
        far = 9.0 if loss == "contrastive" else None  # within the margin: beyond it the loss is 0
        yield pytest.param(Network(2, (Dense(2, "tanh"), Dense(2)), loss, setting=far), id=loss)


@pytest.mark.parametrize("network", list(every_kind()))
def test_the_judge_says_agree_and_with_one_planted_fault_disagree(network):
    point = gst.point_at(network, seed=1)
    true = {name: np.array(array) for name, array in gradient(network, point).gradient.items()}
    f = loss_of(network, point)
    exactly = from_labels(exact(network, point).gradient, parameter_shapes(network))
    verdicts = verify(f, true, point.params, exact=exactly)
    assert [verdict.outcome for verdict in verdicts] == [Outcome.AGREE] * 4
    place = np.unravel_index(np.abs(true["W1"]).argmax(), (2, 2))  # a dead relu has partials 0, which no factor changes
    true["W1"][place] *= 1 + 1e-6
    wrong = {verdict.name: verdict for verdict in verify(f, true, point.params)}
    assert wrong["W1"].wrong_entries == (place,)
    assert [name for name, verdict in wrong.items() if verdict.outcome is Outcome.DISAGREE] == ["W1"]
