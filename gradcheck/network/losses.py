"""What a loss needs: the shape of its targets, outputs that it can share out, and numbers that may be targets."""

import numpy as np

from gradcheck.errors import NetworkError
from gradcheck.network.dense import Shape
from gradcheck.results.arrays import Floats

# These read the last axis of the outputs in two halves: means and log-variances; the two members of a pair.
HALVED = ("gaussian", "contrastive")


def target_shape(loss: str, outputs: Shape) -> Shape:
    """The shape of a sample's targets; raises NetworkError where the outputs cannot be halved.

    The outputs' own; for "gaussian" half as many, one for every mean; for "contrastive" one per pair: 1 alike, 0 not.
    """
    if loss not in HALVED:
        return outputs
    if outputs[-1] % 2:
        need = "a mean and a log-variance for every target" if loss == "gaussian" else "both members of a pair"
        raise NetworkError(f"the loss {loss} needs {need}, but there are {outputs[-1]} outputs: give an even number")
    return (*outputs[:-1], outputs[-1] // 2 if loss == "gaussian" else 1)


def targets_from(loss: str, numbers: Floats) -> Floats:
    """Targets of a loss from numbers in (-2, 2), no two the same: probabilities, signs, counts, or the numbers.

    Probabilities are each on their own for the binary cross-entropy, together 1 for the softmax.
    """
    if loss == "binary_cross_entropy":
        return (numbers + 2) / 4
    if loss == "softmax_cross_entropy":
        return np.asarray((numbers + 2) / np.sum(numbers + 2, axis=-1, keepdims=True))
    if loss == "hinge":
        return np.where(numbers > 0, 1.0, -1.0)
    if loss == "contrastive":
        return np.where(numbers > 0, 1.0, 0.0)
    return np.floor(numbers + 2) if loss == "poisson" else numbers
