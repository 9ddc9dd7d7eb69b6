"""All exact partials of 4-8-8-3 (sigmoid): named definitions against SymPy's diff and cse of the composed loss.

usage: python tests/benchmarks/bench_symbolic.py [--network 4-8-8-3:sigmoid,sigmoid,sigmoid] [--rounds 3] [--limit 600]

Each measurement is a process of its own (cold caches); imports are not counted. Both routes derive every partial as a
formula and evaluate all of them at one point, and their numbers are compared. The composed route runs once, ours
`rounds` times (median). Exit code 1 where the ratio is below 100 or the numbers differ.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time

# The claim of issue 2: at least so many times faster on 4-8-8-3.
CLAIM = 100

# The composed formulas are evaluated in doubles, ours exactly: 1e-9 leaves room for the rounding of 10,000 operations.
SAME = 1e-9


def named(text: str) -> tuple[float, dict[str, float]]:
    """(seconds, gradient) by our route."""
    from gradcheck.network.sources import point_of
    from gradcheck.network.text import from_text
    from gradcheck.symbolic.from_network import system_of
    from gradcheck.symbolic.numbers import evaluate
    from gradcheck.symbolic.partials import differentiate

    network = from_text(text)
    point = point_of(network)
    start = time.perf_counter()
    partials = differentiate(system_of(network, point))
    formulas = partials.gradient
    exact = evaluate(partials)
    seconds = time.perf_counter() - start
    assert len(formulas) == len(exact.gradient)
    return seconds, dict(exact.gradient)


def composed(text: str) -> tuple[float, dict[str, float]]:
    """(seconds, gradient) by differentiating the whole loss as one expression; knows sigmoid layers only."""
    import sympy

    from gradcheck.labels import by_label, label
    from gradcheck.network.sources import point_of
    from gradcheck.network.text import from_text

    network = from_text(text)
    point = point_of(network)
    values = by_label(point.params)
    start = time.perf_counter()
    names = {name: sympy.Symbol(f"p{place}", real=True) for place, name in enumerate(values)}
    a = [sympy.Symbol(f"x{k}", real=True) for k in range(network.inputs)]
    y = [sympy.Symbol(f"y{k}", real=True) for k in range(network.outputs)]
    data = [*a, *y]
    for k, layer in enumerate(network.layers, start=1):
        sums = (
            sum(names[label(f"W{k}", (unit, j))] * below for j, below in enumerate(a)) + names[label(f"b{k}", (unit,))]
            for unit in range(layer.units)
        )
        a = [1 / (1 + sympy.exp(-z)) for z in sums]
    loss = sum((t - out) ** 2 for out, t in zip(a, y, strict=True)) / 2
    partials = [sympy.diff(loss, symbol) for symbol in names.values()]
    function = sympy.lambdify([*names.values(), *data], partials, "math", cse=True)
    numbers = function(*values.values(), *point.inputs[0], *point.targets[0])
    seconds = time.perf_counter() - start
    return seconds, dict(zip(values, map(float, numbers), strict=True))


def measure(route: str, text: str, limit: float) -> tuple[float, dict[str, float]]:
    """One route in a fresh process."""
    command = [sys.executable, __file__, "--route", route, "--network", text]
    done = subprocess.run(command, capture_output=True, text=True, timeout=limit, check=True)
    seconds, gradient = json.loads(done.stdout)
    return seconds, gradient


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--network", default="4-8-8-3:sigmoid,sigmoid,sigmoid")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--limit", type=float, default=600.0, help="seconds for one measurement")
    parser.add_argument("--route", choices=["named", "composed"], help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.route:
        print(json.dumps({"named": named, "composed": composed}[options.route](options.network)))
        return 0
    runs = [measure("named", options.network, options.limit) for _ in range(options.rounds)]
    ours = statistics.median(seconds for seconds, _ in runs)
    print(f"named definitions: {ours:.3f} s, {len(runs[0][1])} partials of {options.network}", flush=True)
    theirs, gradient = measure("composed", options.network, options.limit)
    gap = max(abs(gradient[name] - value) for name, value in runs[0][1].items())
    print(f"composed, diff and cse: {theirs:.1f} s; largest difference {gap:.1e}")
    print(f"ratio {theirs / ours:.0f}")
    return 0 if theirs >= CLAIM * ours and gap <= SAME else 1


if __name__ == "__main__":
    sys.exit(main())
