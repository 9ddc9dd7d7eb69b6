"""Programs that are kept for an architecture say what is derived afresh at every point."""

import hypothesis
import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from gradcheck.network.networks import Point
from gradcheck.network.sources import SOURCES
from gradcheck.network.text import from_text
from gradcheck.strategies.kinds import KINDS
from gradcheck.strategies.networks import MLP, least_samples, networks
from gradcheck.strategies.points import point_at
from gradcheck.symbolic.from_network import system_of
from gradcheck.symbolic.kept import exact_at
from gradcheck.symbolic.numbers import evaluate
from gradcheck.symbolic.partials import differentiate


@pytest.mark.parametrize("name", SOURCES)
def test_partials_that_are_kept_are_those_derived_afresh(name):
    network = SOURCES[name].network
    for seed in (1, 2):
        same_numbers(network, point_at(network, seed, samples=2))


@pytest.mark.parametrize("kind", [MLP, *KINDS])
def test_programs_that_are_kept_say_what_is_derived_afresh(kind):
    @hypothesis.seed(5)
    @settings(
        max_examples=6, database=None, deadline=None, phases=(Phase.generate,), suppress_health_check=list(HealthCheck)
    )
    @given(networks(kinds=(kind,), max_depth=2, max_width=3))
    def run(network):
        for seed in (3, 4):
            same_numbers(network, point_at(network, seed, least_samples(network)))

    run()


KINKED = "2-3-2:relu,{0};loss={1};l1=0.1"


@pytest.mark.parametrize("loss", ["huber(0.5)", "hinge", "contrastive", "half_square"])
@pytest.mark.parametrize("activation", ["linear", "leaky_relu", "elu"])
def test_kept_programs_take_the_same_side_on_a_kink(activation, loss):
    """Weights of 0, units that are exactly off or on the kink, gaps of exactly the width of Huber's loss."""
    network = from_text(KINKED.format(activation, loss))
    for seed in range(4):
        rng = np.random.default_rng(seed)
        at = point_at(network, 0, 2)
        params = {name: rng.integers(-1, 2, array.shape) / 2 for name, array in at.params.items()}
        same_numbers(network, Point(params, rng.integers(-1, 2, (2, 2)) / 1.0, at.targets))


def same_numbers(network, point):
    kept, afresh = exact_at(network, point), evaluate(differentiate(system_of(network, point)))
    assert kept.local.keys() == afresh.local.keys()
    for one, other in ((kept.values, afresh.values), (kept.adjoints, afresh.adjoints), (kept.local, afresh.local)):
        assert np.array_equal([one[key] for key in other], list(other.values()), equal_nan=True)
