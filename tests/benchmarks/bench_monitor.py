"""What a `Monitor` at k = 100 adds to the training that it watches, on small and large networks.

usage: python tests/benchmarks/bench_monitor.py [--every 100] [--rounds 15] [--seed 0]

A step is loss, gradient and update: of `gradcheck.train` (reverse mode, step by step), and of a loop with loss and
gradient written by hand in NumPy, beside which it is hardest to be small. In every round `every`
steps without the watch are timed and then the `every` calls of the watch (one of them looks) alone: CPU / CPU in one
process on one thread, median of the rounds and their range. Exit code 1 where a median is above 2 % and a step lasts
more than 500 us: a look has 100 us of its own, to draw a direction and to move some arrays, and beside a hand-written
step of 50 us these weigh 4 to 8 %.
"""

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import argparse  # noqa: E402
import statistics  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402
from collections.abc import Callable, Mapping  # noqa: E402
from itertools import pairwise  # noqa: E402
from typing import Any  # noqa: E402

import numpy as np  # noqa: E402

from gradcheck.backprop.networks import gradient, loss_of  # noqa: E402
from gradcheck.network.text import from_text  # noqa: E402
from gradcheck.strategies.points import point_at  # noqa: E402
from gradcheck.training.monitor import Monitor  # noqa: E402

# The claim of issue 5.
CLAIM = 0.02
# Seconds of a step below which the claim is not made.
SHORTEST = 500e-6
NETWORKS = {"2-2-1": 1, "32-64-32-10": 16, "784-128-64-10": 32, "784-512-512-10": 128}
RATE = 1e-3

Step = Callable[[], None]


def spent(run: Callable[[], None], times: int) -> float:
    """CPU for so many runs."""
    start = time.process_time()
    for _ in range(times):
        run()
    return time.process_time() - start


def trained(text: str, batch: int, monitor: Monitor) -> tuple[Step, Step]:
    """(a step of training, a call of the watch) with the engine of gradcheck."""
    network = from_text(f"{text}:{','.join(['tanh'] * (text.count('-') - 1))},linear;reduction=mean")
    point = point_at(network, 0, batch)
    point = point.with_params({name: array / array.shape[-1] ** 0.5 for name, array in point.params.items()})
    params = {name: np.array(array) for name, array in point.params.items()}
    loss, last = loss_of(network, point), gradient(network, point).gradient

    def step() -> None:
        found = gradient(network, point.with_params(params)).gradient
        for name, array in params.items():
            array -= RATE * found[name]

    return step, lambda: monitor(loss, last, point.params)


def by_hand(text: str, batch: int, monitor: Monitor, seed: int) -> tuple[Step, Step]:
    """The same written by hand: tanh, the last layer linear, half the mean square."""
    widths, random = list(map(int, text.split("-"))), np.random.default_rng(seed)
    x, y = random.standard_normal((batch, widths[0])), random.standard_normal((batch, widths[-1]))
    depth, params = len(widths) - 1, {}
    for k, (a, b) in enumerate(pairwise(widths)):
        params |= {f"W{k}": random.standard_normal((a, b)) / a**0.5, f"b{k}": 0.1 * random.standard_normal(b)}

    def forward(at: Mapping[str, Any]) -> list[Any]:
        layers = [x]
        for k in range(depth):
            z = layers[-1] @ at[f"W{k}"]
            z += at[f"b{k}"]
            layers.append(np.tanh(z, out=z) if k < depth - 1 else z)
        return layers

    def loss(at: Mapping[str, Any]) -> float:
        error = forward(at)[-1] - y
        return 0.5 * float(np.vdot(error, error)) / error.size

    def slopes() -> dict[str, Any]:
        layers, found = forward(params), {}
        d = (layers[-1] - y) / y.size
        for k in range(depth - 1, -1, -1):
            found |= {f"W{k}": layers[k].T @ d, f"b{k}": d.sum(0)}
            d = (d @ params[f"W{k}"].T) * (1 - layers[k] ** 2) if k else d
        return found

    def step() -> None:
        found = slopes()
        for name, array in params.items():
            array -= RATE * found[name]

    there, found = {name: array.copy() for name, array in params.items()}, slopes()
    return step, lambda: monitor(loss, found, there)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--every", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    held = []
    for text, batch in NETWORKS.items():
        ways: dict[str, Any] = {
            "gradcheck.train": trained(text, batch, Monitor(options.every, report=None)),
            "by hand": by_hand(text, batch, Monitor(options.every, report=None), options.seed),
        }
        for name, (step, watch) in ways.items():
            step(), watch()
            few = max(1, min(options.every, int(0.2 / max(spent(step, 1), 1e-6))))  # a fifth of a second is enough
            shares = []
            for _ in range(options.rounds):
                one = spent(step, few) / few
                shares.append(spent(watch, options.every) / options.every / one)
            share = statistics.median(shares)
            print(f"{text:15} B{batch:<4} {name:16} {share:7.2%} ({min(shares):.2%} to {max(shares):.2%})", flush=True)
            held.append(share <= CLAIM or one < SHORTEST)
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
