"""Random networks under a check, and the smallest one that fails it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import hypothesis
from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis import strategies as st

from gradcheck.network.networks import Network, Point
from gradcheck.strategies.networks import SEEDS, least_samples, networks
from gradcheck.strategies.points import point_at

# In a batch of up to so many samples sums over it are no sample's own.
MOST_SAMPLES = 3
# (network, point) -> what is wrong, in words; None where nothing is.
Check = Callable[[Network, Point], str | None]


@dataclass(frozen=True, slots=True)
class Failing:
    """The smallest network found that fails, its point by seed and samples, and what was told of it."""

    network: Network
    seed: int
    samples: int
    told: str

    @property
    def point(self) -> Point:
        """Where it fails."""
        return point_at(self.network, self.seed, self.samples)


class _Failed(AssertionError):
    """Raised for Hypothesis, which then shrinks."""


def search(check: Check, kinds: Sequence[str], examples: int, seed: int) -> tuple[int, Failing | None]:
    """(networks checked, the smallest that fails or None); the same for the same seed."""
    checked, last = 0, None

    @hypothesis.seed(seed)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        verbosity=Verbosity.quiet,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
        print_blob=False,
    )
    @given(networks(kinds=kinds), SEEDS, st.integers(1, MOST_SAMPLES))
    def run(network: Network, at: int, samples: int) -> None:
        nonlocal checked, last
        samples = max(samples, least_samples(network))
        checked += last is None
        told = check(network, point_at(network, at, samples))
        if told:
            last = Failing(network, at, samples, told)
            raise _Failed

    try:
        run()
    except _Failed:
        return checked, last
    return checked, None
