"""Trains a small network on any table of measurements with one column of kinds, its gradient watched all the while.

    python -m gradcheck.examples.classify FILE.csv [TARGET]

FILE.csv: one row for each sample, with or without a line of names; TARGET: the name or number of the column that holds
the kinds (the last one if left out). A third of the rows is kept for the test.
"""

import sys

import numpy as np

from gradcheck.backprop.networks import layer_values
from gradcheck.errors import GradcheckError
from gradcheck.network.networks import Network, Point
from gradcheck.network.text import from_text
from gradcheck.training import Monitor, Table, Training, read_table, train

HIDDEN, RATE, MOMENTUM, BATCH, EPOCHS = 5, 0.1, 0.9, 8, 60


def classify(table: Table, seed: int = 0) -> tuple[Training, float, Monitor]:
    """The training on two thirds of the rows, the share of right answers on the others, and the watch."""
    order = np.random.default_rng(seed).permutation(len(table.inputs))
    test, rest = np.split(order, [len(order) // 3])
    sizes = f"{len(table.columns)}-{HIDDEN}-{len(table.kinds)}"
    network = from_text(f"{sizes}:tanh,linear;loss=softmax_cross_entropy;reduction=mean")
    watch = Monitor(every=20)
    training = train(
        network,
        (table.inputs[rest], table.targets[rest]),
        rate=RATE,
        momentum=MOMENTUM,
        batch=BATCH,
        epochs=EPOCHS,
        seed=seed,
        watch=watch,
    )
    return training, share_right(network, training, table.inputs[test], table.targets[test]), watch


def share_right(network: Network, training: Training, inputs: np.ndarray, targets: np.ndarray) -> float:
    """How many of the samples get the largest output for their own kind."""
    outputs = layer_values(network, Point(training.params, inputs, targets))[f"a{len(network.layers)}"]
    return float(np.mean(outputs.argmax(axis=1) == targets.argmax(axis=1)))


def main(arguments: list[str]) -> int:
    """Trains and prints; 2 where the table cannot be used."""
    if not 1 <= len(arguments) <= 2:
        print("python -m gradcheck.examples.classify FILE.csv [TARGET]", file=sys.stderr)
        return 2
    try:
        table = read_table(*arguments)
    except GradcheckError as error:
        print(f"gradcheck: {error}", file=sys.stderr)
        return 2
    training, right, watch = classify(table)
    print(f"{len(table.inputs)} rows, {len(table.columns)} measurements, {len(table.kinds)} kinds")
    print(f"loss {training.losses[0]:.4f} -> {training.losses[-1]:.4f} in {training.steps} steps")
    print(f"right on rows not trained on: {right:.1%}; gradient looked at {watch.looks} times, it held")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
