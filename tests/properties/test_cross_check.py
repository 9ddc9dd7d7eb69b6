"""cross_check: right engines agree, and a fault planted in any one of the three is told."""

from dataclasses import replace

import pytest
from hypothesis import given, settings

from gradcheck import strategies as gst
from gradcheck.backprop.primitives import PRIMITIVES
from gradcheck.checks import cross_check
from gradcheck.errors import NetworkError
from gradcheck.network.dense import Dense
from gradcheck.network.sources import SOURCES
from gradcheck.results.outcomes import Outcome, Reason
from gradcheck.symbolic import from_network, numbers
from gradcheck.symbolic.from_network import system_of
from gradcheck.symbolic.numbers import evaluate

# Its point is generic: no two weights are equal.
NETWORK = "source-2-2-2"


@pytest.mark.parametrize("name", SOURCES)
def test_every_source_agrees(name):
    assert cross_check(name).outcome is Outcome.AGREE


@given(gst.cases(max_depth=2, max_width=3, max_samples=2))
@settings(deadline=None, derandomize=True, database=None, max_examples=5)
def test_random_networks_agree(case):
    assert cross_check(*case).outcome is Outcome.AGREE


def test_a_fault_in_one_vjp_disagrees(monkeypatch):
    (vjp,) = PRIMITIVES["sigmoid"].vjps
    wrong = replace(PRIMITIVES["sigmoid"], vjps=(lambda *args: vjp(*args) * (1 + 1e-6),))
    monkeypatch.setitem(PRIMITIVES, "sigmoid", wrong)
    assert cross_check(NETWORK).outcome is Outcome.DISAGREE


def test_a_fault_in_the_symbolic_gradient_is_told(monkeypatch):
    def wrong(partials):
        exact = evaluate(partials)
        return replace(exact, gradient={**exact.gradient, "w5": exact.gradient["w5"] * (1 + 1e-6)})

    monkeypatch.setattr(numbers, "evaluate", wrong)
    assert cross_check(NETWORK).outcome is not Outcome.AGREE


def test_two_forward_passes_that_differ_are_two_networks_and_no_wrong_gradient(monkeypatch):
    def other(network, point):
        return system_of(replace(network, layers=(network.layers[0], Dense(2, "tanh", "shared"))), point)

    monkeypatch.setattr(from_network, "system_of", other)
    result = cross_check(NETWORK)
    assert (result.outcome, result.reason) == (Outcome.INCONCLUSIVE, Reason.TWO_NETWORKS)


def test_an_unknown_network_is_told_the_nearest():
    with pytest.raises(NetworkError, match="did you mean source-2-2-"):
        cross_check("source-2-2-5")
