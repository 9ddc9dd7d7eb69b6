"""The systems that the sources describe (SOURCES N1-N12), each by name, and what each of them is there to show."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from gradcheck.backprop.networks import function_of, gradient
from gradcheck.backprop.primitives import PRIMITIVES
from gradcheck.backprop.transforms import gradient as gradient_by
from gradcheck.backprop.transforms import hvp
from gradcheck.checks import cross_check
from gradcheck.derivation.chain_rule import derive
from gradcheck.errors import UsageError
from gradcheck.network.networks import Network
from gradcheck.network.sources import SOURCES
from gradcheck.results.outcomes import Outcome
from gradcheck.strategies import point_at

SYSTEMS = {
    "N1": ["perceptron"],
    "N2": ["sigmoid-circuit"],
    "N3": ["source-2-2-1"],
    "N4": ["source-2-2-2"],
    "N5": ["n-m-k"],
    "N6": ["3-4-2"],
    "N7": ["deep"],
    "N8": ["vanishing"],
    "N9": ["recurrent"],
    "N10": ["lstm", "lstm-peepholes", "lstm-coupled", "gru"],
    "N11": ["many-paths"],
    "N12": ["curved"],
}


def test_every_system_has_its_network_by_name():
    assert sorted(name for names in SYSTEMS.values() for name in names) == sorted(SOURCES)


@pytest.mark.parametrize("name", SOURCES)
def test_the_second_derivatives_of_every_source_agree(name):
    result = cross_check(name, order=2)
    assert result.outcome is Outcome.AGREE
    names = [verdict.name for verdict in result.parameters]
    assert names[len(names) // 2 :] == [f"hess.{name}" for name in names[: len(names) // 2]]


@pytest.mark.parametrize("name", SOURCES)
def test_a_partial_of_every_source_is_the_sum_of_its_paths(name):
    derivation, source = derive(name), SOURCES[name]
    first = next(iter(source.point.params))
    partial = gradient(source.network, source.point).gradient[first]
    assert derivation.total == pytest.approx(float(np.ravel(partial)[0]), rel=1e-12)


def test_the_first_weight_reaches_the_loss_through_both_outputs():
    assert len(derive("source-2-2-2", "w1").paths) == 2


@pytest.fixture
def visits(monkeypatch):
    """The VJP rules that were called."""
    called = []

    def counted(rule):
        def visited(*args, **options):
            called.append(rule)
            return rule(*args, **options)

        return visited if rule else None

    for name, one in list(PRIMITIVES.items()):
        monkeypatch.setitem(PRIMITIVES, name, replace(one, vjps=tuple(map(counted, one.vjps))))
    return called


def test_through_many_paths_every_edge_is_visited_once(visits):
    """With every block the paths double; the edges grow by those of one block."""
    whole, counts = SOURCES["many-paths"].network, {}
    for blocks in (2, 3, 4, 10):
        network = Network(whole.inputs, (*whole.layers[:blocks], *whole.layers[10:]))
        visits.clear()
        gradient(network, point_at(network))
        counts[blocks] = len(visits)
    one = counts[3] - counts[2]
    assert 0 < one < 20
    assert counts == {blocks: counts[2] + one * (blocks - 2) for blocks in counts}


def test_the_gradient_of_the_gradient_is_that_of_torch():
    network, point = SOURCES["curved"].network, SOURCES["curved"].point
    along = {name: np.cos(1.0 + np.arange(array.size)).reshape(array.shape) for name, array in point.params.items()}

    def loss(*params):
        w1, b1, w2, b2, w3, b3 = params
        hidden = torch.tanh(torch.tensor(point.inputs) @ w1.T + b1)
        out = torch.nn.functional.softplus(hidden @ w2.T + b2) @ w3.T + b3
        return -(torch.tensor(point.targets) * torch.log_softmax(out, -1)).sum()

    params = tuple(torch.tensor(array) for array in point.params.values())
    _, right = torch.autograd.functional.hvp(loss, params, tuple(torch.tensor(v) for v in along.values()))
    f, at = function_of(network, point), (dict(point.params),)
    (forward_over_reverse,) = hvp(f, at, (along,))

    def slope(values):
        bars = gradient_by(f, (values,))[0]
        terms = [np.sum(bars[name] * v) for name, v in along.items()]
        return sum(terms[1:], terms[0])

    (reverse_over_reverse,) = gradient_by(slope, at)
    for name, true in zip(point.params, right, strict=True):
        np.testing.assert_allclose(forward_over_reverse[name], true.numpy(), rtol=1e-12, atol=1e-14)
        np.testing.assert_allclose(reverse_over_reverse[name], true.numpy(), rtol=1e-12, atol=1e-14)


def test_a_fault_in_a_tangent_shows_in_the_second_derivatives_alone(monkeypatch):
    (jvp,) = PRIMITIVES["tanh"].jvps
    wrong = replace(PRIMITIVES["tanh"], jvps=(lambda *args: jvp(*args) * (1 + 1e-6),))
    monkeypatch.setitem(PRIMITIVES, "tanh", wrong)
    assert cross_check("curved").outcome is Outcome.AGREE
    result = cross_check("curved", order=2)
    assert result.outcome is Outcome.DISAGREE
    assert {one.name[:5] for one in result.parameters if one.outcome is Outcome.DISAGREE} == {"hess."}


def test_a_third_order_is_refused():
    with pytest.raises(UsageError, match="derivatives of order 3: give order 1 or 2"):
        cross_check("curved", order=3)
