"""Cost against size: the engine over links and steps, the symbolic opinion over definitions, as figures and plots.

usage: python tests/benchmarks/bench_growth.py [--rounds 7] [--out tests/benchmarks]

Engine: a chain x = (sin x + x·x)/2, whose paths double with every link, and one LSTM (64 units, batch 16) over more and
more steps; the first run records, the others replay. Symbolic: every partial of dense sigmoid nets, derived and
evaluated in a fresh process, up to 1,573 parameters; and one LSTM step with peepholes, 2x2, beside the 2-2-1 net. CPU
seconds, the median of the rounds. Writes engine.svg and symbolic.svg. Exit code 1 where cost grows faster than size to
the power 1.15, or the LSTM step costs more than 5 times the 2-2-1 net.
"""

import argparse
import json
import math
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import bench_engine  # one thread, before NumPy is loaded
import numpy as np
from plots import Series, write_plot

from gradcheck.backprop.recording import record
from gradcheck.backprop.transforms import value_and_gradient

LINKS, STEPS = (100, 300, 1000, 3000, 10000), (8, 32, 128, 512)
NETWORKS = ("3-4-2", "4-8-8-3", "5-16-16-4", "8-24-24-5", "10-32-32-5")
SMALL, STEP = "2-2-1:sigmoid,sigmoid", "1x2:lstm(2,peepholes),last"
# Sizes grow a hundredfold: at the power 1.15 cost grows twice as much as that.
STEEPEST, CLAIM = 1.15, 5.0


def chain(links: int, rounds: int) -> tuple[float, float]:
    """Seconds of (the first run, a replay)."""

    def function(x: Any) -> Any:
        for _ in range(links):
            x = 0.5 * (np.sin(x) + x * x)
        return x

    return twice(record(lambda x: value_and_gradient(function, x)), rounds, np.array(0.3))


def lstm(steps: int, rounds: int) -> tuple[float, float]:
    """Seconds of (the first run, a replay)."""
    return twice(bench_engine.lstm(0, steps=steps)["ours"](), rounds)


def twice(run: Any, rounds: int, *args: Any) -> tuple[float, float]:
    """CPU seconds of the first run, and the median of the others."""
    spent = []
    for _ in range(rounds + 1):
        start = time.process_time()
        run(*args)
        spent.append(time.process_time() - start)
    return spent[0], statistics.median(spent[1:])


def exactly(text: str) -> tuple[int, int, float]:
    """(parameters, definitions, CPU seconds) of all exact partials of a network."""
    from gradcheck.network.sources import point_of
    from gradcheck.network.text import from_text
    from gradcheck.symbolic.from_network import system_of
    from gradcheck.symbolic.numbers import evaluate
    from gradcheck.symbolic.partials import differentiate

    network = from_text(text)
    point = point_of(network)
    start = time.process_time()
    partials = differentiate(system_of(network, point))
    evaluate(partials)
    return len(partials.system.parameters), len(partials.local), time.process_time() - start


def afresh(text: str, rounds: int) -> tuple[int, int, float]:
    """The same, each round in a process of its own."""
    runs = []
    for _ in range(rounds):
        done = subprocess.run([sys.executable, __file__, "--exactly", text], capture_output=True, text=True, check=True)
        runs.append(json.loads(done.stdout))
    return runs[0][0], runs[0][1], statistics.median(run[2] for run in runs)


def steepness(series: Series) -> float:
    """The power of the size that the seconds grow with, from end to end."""
    (small, few), (large, many) = series[0], series[-1]
    return math.log(many / few) / math.log(large / small)


def engine(rounds: int) -> dict[str, Series]:
    """The engine's series, first runs and replays."""
    found: dict[str, Series] = {}
    for name, sizes, measure in (("chain", LINKS, chain), ("LSTM", STEPS, lstm)):
        pairs = [measure(size, rounds) for size in sizes]
        found |= {f"{name}, recorded": [(size, pair[0]) for size, pair in zip(sizes, pairs, strict=True)]}
        found |= {f"{name}, replayed": [(size, pair[1]) for size, pair in zip(sizes, pairs, strict=True)]}
    return found


def symbolic(rounds: int) -> tuple[Series, float]:
    """(seconds against links between definitions, the LSTM step beside the 2-2-1 net)."""
    series = []
    for sizes in NETWORKS:
        text = f"{sizes}:{','.join(['sigmoid'] * sizes.count('-'))}"
        parameters, links, seconds = afresh(text, rounds)
        print(f"  {sizes:12} {parameters:6} parameters {links:6} links {seconds:8.3f} s", flush=True)
        series.append((float(links), seconds))
    small, step = (afresh(text, max(rounds, 5))[2] for text in (SMALL, STEP))
    print(f"  one LSTM step with peepholes, 2x2: {step:.3f} s, 2-2-1: {small:.3f} s, ratio {step / small:.2f}")
    return series, step / small


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent)
    parser.add_argument("--exactly", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.exactly:
        print(json.dumps(exactly(options.exactly)))
        return 0
    found = engine(options.rounds)
    for name, series in found.items():
        per = ", ".join(f"{size:.0f}: {seconds / size * 1e6:.1f}" for size, seconds in series)
        print(f"  {name:16} us for each of {per}")
    print("symbolic, all partials derived and evaluated in a fresh process")
    exact, ratio = symbolic(max(1, options.rounds // 2))
    write_plot(options.out / "engine.svg", "Engine: cost against size", "links of the chain, steps of the LSTM", found)
    across = "links between definitions (1,573 parameters at the right end)"
    write_plot(options.out / "symbolic.svg", "Symbolic: cost against size", across, {"all partials": exact})
    powers = {name: steepness(series) for name, series in {**found, "symbolic": exact}.items()}
    print("grows with the power", ", ".join(f"{name}: {power:.2f}" for name, power in powers.items()))
    return 0 if max(powers.values()) <= STEEPEST and ratio <= CLAIM else 1


if __name__ == "__main__":
    sys.exit(main())
