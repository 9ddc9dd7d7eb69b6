"""All central differences of a dense network, in forward passes: cost, error, bars, and one wrong entry found.

usage: python tests/benchmarks/bench_structured.py [--network 784-128-64-10:tanh,tanh,linear;...] [--batch 32]
           [--rounds 7] [--naive 300] [--faults 20] [--seed 0]

CPU / CPU of one forward pass (`loss_of`), measured beside it in every round; the median and the range of the rounds.
"naive": 2n forward passes, timed on some entries and scaled; must read about 2n. "differences": every partial with its
bar (checks/differences.py). "probes": the random directions that cover the contraction. Error: against reverse mode,
relative to the largest partial. Faults: one random entry times 1 + r; told by `examine_dense`, which is given the
gradient alone. Exit code 1 where the differences take more than 75 forward passes, a bar misses, or a fault that the
entry's bar shows is not named, or not alone.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable

import numpy as np

from gradcheck.backprop.networks import gradient, loss_of
from gradcheck.checks.contractions import examine_dense
from gradcheck.checks.differences import differences
from gradcheck.judgement.comparison import own_rounding
from gradcheck.network.losses import targets_from
from gradcheck.network.names import parameter_shapes
from gradcheck.network.networks import Network, Point
from gradcheck.network.text import from_text
from gradcheck.verification import examine

NETWORK = "784-128-64-10:tanh,tanh,linear;loss=softmax_cross_entropy;reduction=mean"
# The claim of issue 5: PERF.md section 2 did it in 74.
CLAIM = 75
NAIVE_STEP = 6e-6


def point_for(network: Network, batch: int, seed: int) -> Point:
    """Weights of variance 1/inputs, biases of 1/9, normal inputs."""
    rng = np.random.default_rng(seed)
    params = {
        name: rng.standard_normal(shape) / (shape[-1] ** 0.5 if len(shape) > 1 else 3)
        for name, shape in parameter_shapes(network).items()
    }
    inputs = rng.standard_normal((batch, *network.input_shape))
    return Point(params, inputs, targets_from(network.loss, rng.uniform(-2, 2, (batch, *network.target_shape))))


def cpu(run: Callable[[], object], times: int = 1) -> float:
    """Seconds of CPU for one run."""
    start = time.process_time()
    for _ in range(times):
        run()
    return (time.process_time() - start) / times


def naive(f: Callable[[dict[str, np.ndarray]], float], point: Point, name: str, entries: list[int]) -> None:
    """Central differences of some entries, moved in place."""
    params = {key: np.array(array) for key, array in point.params.items()}
    flat = params[name].reshape(-1)
    for entry in entries:
        x = flat[entry]
        flat[entry] = x + NAIVE_STEP
        up = f(params)
        flat[entry] = x - NAIVE_STEP
        (up - f(params)) / (2 * NAIVE_STEP)
        flat[entry] = x


def forwards(network: Network, point: Point, rounds: int, sample: int) -> dict[str, list[float]]:
    """Each way's CPU in forward passes, round by round."""
    f, slopes = loss_of(network, point), gradient(network, point).gradient
    n = sum(array.size for array in point.params.values())
    first = next(iter(point.params))
    entries = np.random.default_rng(0).choice(point.params[first].size, sample).tolist()
    ways: dict[str, tuple[Callable[[], object], int, float]] = {
        "naive": (lambda: naive(f, point, first, entries), 1, n / sample),
        "reverse mode": (lambda: gradient(network, point), 10, 1.0),
        "differences": (lambda: differences(network, point), 5, 1.0),
        "probes": (lambda: examine(f, slopes, point.params, level="quick"), 2, 1.0),
        "all of examine_dense": (lambda: examine_dense(network, point, slopes), 2, 1.0),
    }
    read: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, (run, times, scale) in ways.items():
            one = cpu(lambda: f(point.params), 50)
            spent = cpu(run, times)
            one = (one + cpu(lambda: f(point.params), 50)) / 2
            read[name].append(spent * scale / one)
    return read


def accuracy(network: Network, point: Point) -> tuple[bool, np.ndarray]:
    """(every bar holds, the smallest relative fault that each entry's bar shows), with the figures printed."""
    slopes, found = gradient(network, point).gradient, differences(network, point)
    error, bar, size = (
        np.concatenate([part(name) for name in found])
        for part in (
            lambda name: np.abs(found[name].value - slopes[name]).ravel(),
            lambda name: (found[name].bar + own_rounding(slopes[name], np.float64)).ravel(),
            lambda name: np.abs(slopes[name]).ravel(),
        )
    )
    with np.errstate(all="ignore"):
        visible, relative = (error + bar) / size, error / size
    print(
        f"largest error {error.max() / size.max():.1e} of the largest partial, largest bar {bar.max() / size.max():.1e}"
    )
    print(f"relative error of 99.9 % of the entries below {np.quantile(relative[size > 0], 0.999):.1e}")
    held, wider = np.mean(error <= bar), np.median(bar[error > 0] / error[error > 0])
    print(f"bars hold in {held:.4%} of {size.size} entries; median bar / error {wider:.0f}")
    print("shows a fault of " + ", ".join(f"{r:.0e} in {np.mean(visible < r):.2%}" for r in (1e-7, 1e-6, 1e-5, 1e-4)))
    return bool((error <= bar).all()), visible


def faults(network: Network, point: Point, visible: np.ndarray, count: int, size: float, seed: int) -> bool:
    """Plants a fault in one entry after another; True where all that their bars can show are named alone."""
    slopes = {name: np.array(array) for name, array in gradient(network, point).gradient.items()}
    named = [(name, flat) for name, array in slopes.items() for flat in range(array.size)]
    places = np.random.default_rng(seed).choice(len(named), count, replace=False).tolist()
    told, could = [], []
    for place in places:
        name, flat = named[place]
        wrong = {key: np.array(array) for key, array in slopes.items()}
        wrong[name].flat[flat] *= 1 + size
        verdicts = examine_dense(network, point, wrong).verdicts
        entries = [(one.name, index) for one in verdicts for index in one.wrong_entries]
        told.append(entries == [(name, tuple(map(int, np.unravel_index(flat, slopes[name].shape))))])
        could.append(bool(visible[place] < size))
    print(
        f"one entry wrong by {size:.0e}: {sum(told)} of {count} named alone, {sum(could)} could be seen by their bars"
    )
    return all(one for one, can in zip(told, could, strict=True) if can)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--network", default=NETWORK)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--naive", type=int, default=300, help="entries to time")
    parser.add_argument("--faults", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    network = from_text(options.network)
    point = point_for(network, options.batch, options.seed)
    n = sum(array.size for array in point.params.values())
    print(f"{options.network}, batch {options.batch}: {n} parameters, 2n = {2 * n}", flush=True)
    read = forwards(network, point, options.rounds, options.naive)
    for name, rounds in read.items():
        low, high = min(rounds), max(rounds)
        print(f"{name}: {statistics.median(rounds):.4g} forward passes ({low:.4g} to {high:.4g})", flush=True)
    holds, visible = accuracy(network, point)
    named = [faults(network, point, visible, options.faults, size, options.seed) for size in (1e-6, 1e-3)]
    return 0 if holds and all(named) and statistics.median(read["differences"]) <= CLAIM else 1


if __name__ == "__main__":
    sys.exit(main())
