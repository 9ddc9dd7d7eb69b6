"""Random networks under three opinions, in examples per second, against Hypothesis drawing the same networks alone.

usage: python tests/benchmarks/bench_property.py [--examples 60] [--rounds 7] [--seed 0] [--kind mlp]

The draws are those of `gradcheck cross-check`: network, seed of the point, number of samples. "kept": the architectures
are known, from examples that are not timed, and every one stands at a new point; "afresh": every exact partial is
derived anew. CPU / CPU in this process, in turn; the median of the rounds and their range. Exit code 1 where a claim
fails.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable

import hypothesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from gradcheck.checks.crossings import differing
from gradcheck.network.networks import Network
from gradcheck.strategies.networks import SEEDS, least_samples, networks
from gradcheck.strategies.points import point_at
from gradcheck.strategies.searching import MOST_SAMPLES

# The claims of issue 5: examples per second, by those of drawing alone.
CLAIMS = {"afresh": 12, "kept": 4}

# What is kept is recorded when a network comes a second time.
WARM = 3

Body = Callable[[Network, int, int], None]


def check(fresh: bool, shift: int = 0) -> Body:
    """What is done with an example; shift: another point of the same network."""

    def body(network: Network, seed: int, samples: int) -> None:
        samples = max(samples, least_samples(network))
        assert differing(network, point_at(network, seed + shift, samples), fresh=fresh) is None

    return body


def seconds(body: Body, options: argparse.Namespace) -> float:
    """CPU per example."""
    count = 0

    @hypothesis.seed(options.seed)
    @settings(
        max_examples=options.examples,
        database=None,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(networks(kinds=(options.kind,)), SEEDS, st.integers(1, MOST_SAMPLES))
    def run(network: Network, seed: int, samples: int) -> None:
        nonlocal count
        count += 1
        body(network, seed, samples)

    start = time.process_time()
    run()
    return (time.process_time() - start) / count


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kind", default="mlp")
    options = parser.parse_args()
    for number in range(WARM):
        seconds(check(False, number + 1000), options)
    spent: dict[str, list[float]] = {"drawing alone": [], "afresh": [], "kept": []}
    for number in range(1, options.rounds + 1):
        spent["drawing alone"].append(seconds(lambda *drawn: None, options))
        spent["afresh"].append(seconds(check(True, number), options))
        spent["kept"].append(seconds(check(False, number), options))
    alone, held = spent["drawing alone"], []
    for name, each in spent.items():
        ratios = sorted(one / other for one, other in zip(each, alone, strict=True))
        ratio, said = statistics.median(ratios), f"({ratios[0]:.2f} to {ratios[-1]:.2f})"
        print(f"{name:14} {1 / statistics.median(each):7.1f} examples/s, 1/{ratio:.2f} of drawing alone {said}")
        held.append(ratio <= CLAIMS.get(name, ratio))
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
