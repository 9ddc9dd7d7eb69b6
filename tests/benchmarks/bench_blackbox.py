"""What a black-box check costs beside the naive loop of 2n evaluations; run by hand, all figures are ratios in one run.

python tests/benchmarks/bench_blackbox.py [--sizes 1e2,1e3,1e4,1e6] [--seed 0]

Set OPENBLAS_NUM_THREADS=1. A tanh net with a hand-written gradient (shapes as in perf/mlp.py of the study). Columns:
evaluations of the loss over 2n, CPU over what those evaluations cost, for f as it is and as a check prepares it. For
1e6: evaluations and CPU (in evaluations) of a verdict at the given point, memory over the parameters, and one entry
wrong by a half or by 1e-3: is it named, and after how many further evaluations.
"""

import argparse
import time
import tracemalloc

import numpy as np

from gradcheck import verification
from gradcheck.results.result import Subject
from gradcheck.subject.cases import Functions, make_case
from gradcheck.subject.prepared import PreparedLoss
from gradcheck.verification import examine

SHAPES = {
    "1e2": ((8, 8, 3), 8),
    "1e3": ((20, 32, 10), 16),
    "1e4": ((64, 100, 32, 8), 32),
    "1e6": ((784, 800, 440, 50, 10), 32),
}


def net(size, seed):
    """(loss, gradient at the point, point) of a net with about so many parameters."""
    widths, batch = SHAPES[size]
    r = np.random.default_rng(seed)
    x, y, rows = r.standard_normal((batch, widths[0])), r.integers(0, widths[-1], batch), np.arange(batch)
    layers = range(len(widths) - 1)
    point = {}
    for k in layers:
        point[f"W{k}"] = r.standard_normal((widths[k], widths[k + 1])) / np.sqrt(widths[k])
        point[f"b{k}"] = 0.1 * r.standard_normal(widths[k + 1])

    def forward(p):
        outs = [x]
        for k in layers:
            z = outs[-1] @ p[f"W{k}"]
            z += p[f"b{k}"]
            outs.append(np.tanh(z, out=z) if k < layers[-1] else z)
        z = outs[-1] - outs[-1].max(axis=1, keepdims=True)
        return outs, z, np.log(np.exp(z).sum(axis=1))

    def loss(p):
        _, z, total = forward(p)
        return float((total - z[rows, y]).mean())

    outs, z, total = forward(point)
    delta = np.exp(z - total[:, None])
    delta[rows, y] -= 1
    delta /= batch
    gradient = {}
    for k in reversed(layers):
        gradient[f"W{k}"], gradient[f"b{k}"] = outs[k].T @ delta, delta.sum(axis=0)
        delta = (delta @ point[f"W{k}"].T) * (1 - outs[k] ** 2)
    return loss, gradient, point


def naive(loss, point, h=6e-6):
    """The floor: central differences, one in-place edit an evaluation."""
    for array in point.values():
        flat = array.reshape(-1)
        for i in range(flat.size):
            x = flat[i]
            flat[i] = x + h
            up = loss(point)
            flat[i] = x - h
            (up - loss(point)) / (2 * h)
            flat[i] = x


def cpu(act):
    start = time.process_time()
    result = act()
    return time.process_time() - start, result


def all_partials(size, seed):
    loss, gradient, point = net(size, seed)
    n = sum(array.size for array in point.values())
    users = lambda **p: loss(p)  # noqa: E731
    case = make_case(Functions(users, lambda **p: gradient), point, Subject(None, "loss", "gradient"))
    for kind, called, f in (
        ("as it is", loss, lambda: loss),
        ("prepared", lambda p: users(**p), lambda: PreparedLoss(case, case.at.arrays)),
    ):
        ratios = []
        for _ in range(40 if n < 500 else 3 if n < 5000 else 1):
            rounds = 1 + 500 // n  # as many evaluations as the check takes, or one preemption is most of it
            floor = cpu(lambda called=called, r=rounds: [naive(called, point) for _ in range(r)])[0] / (2 * n) / rounds
            spent, result = cpu(lambda f=f: examine(f(), gradient, point))
            ratios.append(spent / result.evaluations / floor)
        told = f"evaluations {result.evaluations / 2 / n:.2f} x 2n, CPU {np.median(ratios):.2f} x those evaluations"
        print(f"n={n}, f {kind}: {told}, { ({verdict.outcome.name for verdict in result.verdicts}) }")


def one_verdict(size, seed):
    loss, gradient, point = net(size, seed)
    n = sum(array.size for array in point.values())
    ratios = []
    for _ in range(5):
        each = cpu(lambda: [loss(point) for _ in range(20)])[0] / 20
        spent, result = cpu(lambda: examine(loss, gradient, point))
        ratios.append(spent / each)
    tracemalloc.start()
    examine(loss, gradient, point)
    peak = tracemalloc.get_traced_memory()[1] / 8 / n
    tracemalloc.stop()
    spent = f"{result.evaluations} evaluations, CPU {np.median(ratios):.0f} evaluations"
    print(f"n={n}: {spent}, memory {peak:.1f} x parameters")
    print(f"   {result.verdicts[0].coverage}")
    r = np.random.default_rng(seed)
    for fault in (0.5, 1e-3):
        name = f"W{r.integers(3)}"
        flat = int(r.integers(gradient[name].size))
        wrong = {key: np.array(value) for key, value in gradient.items()}
        wrong[name].flat[flat] *= 1 + fault
        found = examine(loss, wrong, point)
        named = {v.name: v.wrong_entries for v in found.verdicts if v.wrong_entries}
        right = named == {name: (tuple(map(int, np.unravel_index(flat, wrong[name].shape))),)}
        print(f"   wrong by {fault}: named {right}, {found.evaluations - result.evaluations} further evaluations")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="1e2,1e3,1e4,1e6")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    for size in options.sizes.split(","):
        verification.EVERY = 10**5  # all partials one by one, also where a check would probe
        if size == "1e6":
            one_verdict(size, options.seed)
        else:
            all_partials(size, options.seed)


if __name__ == "__main__":
    main()
