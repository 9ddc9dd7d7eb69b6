"""Every loss of whole batches, and the penalties."""

from collections.abc import Callable
from typing import Any

from gradcheck.backprop import arrays as xp
from gradcheck.backprop.readings.notebooks import Notebook
from gradcheck.network.names import weight_names

# (outputs, targets, setting) -> a number, or one for each row, to be summed over each sample
Rule = Callable[[Any, Any, float], Any]


def softmax_cross_entropy(out: Any, y: Any, smoothing: float) -> Any:
    """-Σ y'·(z - log Σ exp z), y' the smoothed labels."""
    return -((1 - smoothing) * y + smoothing / y.shape[-1]) * xp.log_softmax(out)


def huber(out: Any, y: Any, width: float) -> Any:
    """d²/2 up to the width, width·(|d| - width/2) beyond."""
    gap = xp.absolute(out - y)
    near = xp.minimum(gap, width)
    return near * (gap - near / 2)


def gaussian(out: Any, y: Any, _: float) -> Any:
    """½·(log variance + (y - mean)²/variance)."""
    mean, log_variance = xp.split(out, 2, -1)
    return (log_variance + xp.square(y - mean) * xp.exp(-log_variance)) / 2


def cosine(out: Any, y: Any, _: float) -> Any:
    """1 - out·y/(|out|·|y|)."""
    return 1 - xp.sum(out * y, -1) / (xp.norm(out, -1) * xp.norm(y, -1))


def contrastive(out: Any, y: Any, margin: float) -> Any:
    """½·(y·d² + (1 - y)·max(0, margin - d)²), d the distance of the two halves."""
    first, second = xp.split(out, 2, -1)
    distance = xp.norm(first - second, -1, keepdims=True)
    return (y * xp.square(distance) + (1 - y) * xp.square(xp.relu(margin - distance))) / 2


LOSS_RULES: dict[str, Rule] = {
    "half_square": lambda out, y, _: xp.square(y - out) / 2,
    "mean_square": lambda out, y, _: xp.square(y - out) / (y.size / y.shape[0]),
    "binary_cross_entropy": lambda out, y, _: xp.softplus(out) - y * out,
    "softmax_cross_entropy": softmax_cross_entropy,
    "output": lambda out, y, _: out,
    "huber": huber,
    "hinge": lambda out, y, _: xp.relu(1 - y * out),
    "gaussian": gaussian,
    "poisson": lambda out, y, _: xp.exp(out) - y * out,
    "cosine": cosine,
    "contrastive": contrastive,
}


def read_loss(book: Notebook, out: Any, targets: Any) -> Any:
    """The loss of the batch, penalties included."""
    network = book.network
    total = xp.sum(LOSS_RULES[network.loss](out, targets, network.setting_of_loss))
    if network.reduction == "mean":
        total = total / targets.shape[0]
    return total + penalty(book) if network.l1 or network.l2 else total


def penalty(book: Notebook) -> Any:
    """l1·Σ|w| + l2/2·Σw² over the weights."""
    network, terms = book.network, []
    weights = [book.params[""][: _weights(book)]] if network.naming == "article" else _arrays(book)
    for array in weights:
        terms.append(network.l1 * xp.sum(xp.absolute(array)) + network.l2 / 2 * xp.sum(xp.square(array)))
    return sum(terms[1:], terms[0])


def _arrays(book: Notebook) -> list[Any]:
    return [book.params[name] for name in weight_names(book.network)]


def _weights(book: Notebook) -> int:
    """How many of the article's scalars are weights: they stand before the biases."""
    return len(weight_names(book.network))
