"""Gradient descent on a network: whole batches, mini-batches or single samples, with momentum."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from gradcheck.backprop.networks import gradient, loss_of
from gradcheck.errors import UsageError
from gradcheck.network.fitting import fit
from gradcheck.network.names import parameter_shapes, weight_names
from gradcheck.network.networks import Network, Point
from gradcheck.network.text import from_text
from gradcheck.results.arrays import Floats, frozen_arrays

Params = dict[str, Floats]
# (loss of the batch as a function of the parameters, its gradient, the parameters): a Monitor, or one's own.
Watch = Callable[[Callable[[Mapping[str, Floats]], float], Mapping[str, Floats], Mapping[str, Floats]], None]


@dataclass(frozen=True, slots=True)
class Training:
    """What came of it: the parameters, the loss of all data before the first epoch and after each, the steps.

    ended: "threshold" where the loss fell to it, "count" where the epochs were used up, "diverged" where the loss was
    no longer finite; the parameters are then those before that epoch.
    """

    params: Mapping[str, Floats]
    losses: tuple[float, ...]
    steps: int
    ended: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "params", frozen_arrays(self.params))


def train(
    network: Network | str,
    data: Point | tuple[Floats, Floats],
    *,
    rate: float = 0.1,
    batch: int | None = None,
    momentum: float = 0.0,
    epochs: int = 100,
    threshold: float | None = None,
    seed: int = 0,
    watch: Watch | None = None,
) -> Training:
    """Trains by change = rate·gradient + momentum·last change, parameter = parameter - change (Polyak 1964).

    data: a point, whose parameters are the start, or (inputs, targets), where the start is drawn by seed. batch: how
    many samples make a step, None for all; their order is drawn anew for every epoch. Ends when the loss of all data
    is at most `threshold`, or after `epochs`. watch: called before every step. Raises UsageError, NetworkError.
    """
    network = network if isinstance(network, Network) else from_text(network)
    point = data if isinstance(data, Point) else Point(start_of(network, seed), *_pair(data))
    fit(network, point)
    _ensure(rate, momentum, batch, epochs)
    params: Params = {name: np.array(array) for name, array in point.params.items()}
    last: Params = {name: np.zeros_like(array) for name, array in params.items()}
    losses, steps, ended = [loss_of(network, point)(params)], 0, "count"
    random = np.random.default_rng(seed)
    for _ in range(epochs):
        if threshold is not None and losses[-1] <= threshold:
            ended = "threshold"
            break
        before = {name: array.copy() for name, array in params.items()}
        for part in _batches(point, batch, random):
            _step(network, part, params, last, rate, momentum, watch)
            steps += 1
        loss = loss_of(network, point)(params)
        if not np.isfinite(loss):
            return Training(before, tuple(losses), steps, "diverged")
        losses.append(loss)
    else:
        ended = "threshold" if threshold is not None and losses[-1] <= threshold else "count"
    return Training(params, tuple(losses), steps, ended)


def _pair(data: object) -> tuple[Floats, Floats]:
    if not isinstance(data, tuple | list) or len(data) != 2:
        raise UsageError("the data is no pair: give (inputs, targets), one row per sample in each, or a Point")
    return data[0], data[1]


def start_of(network: Network, seed: int = 0) -> Params:
    """Parameters to start from: weights normal with variance 1/inputs of the unit, biases 0, gains 1 (LeCun 1998)."""
    random, weights = np.random.default_rng(seed), set(weight_names(network))
    start = {}
    for name, shape in parameter_shapes(network).items():
        fan = int(np.prod(shape[1:])) or 1
        plain = np.ones(shape) if name[0] == "g" else np.zeros(shape)
        start[name] = random.standard_normal(shape) / np.sqrt(fan) if name in weights else plain
    return start


def _step(
    network: Network, part: Point, params: Params, last: Params, rate: float, momentum: float, watch: Watch | None
) -> None:
    """One change of every parameter, in place."""
    here = gradient(network, part.with_params(params)).gradient
    if watch is not None:
        watch(loss_of(network, part), here, params)
    for name, slope in here.items():
        last[name] = rate * slope + momentum * last[name]
        params[name] -= last[name]


def _batches(point: Point, batch: int | None, random: np.random.Generator) -> Iterator[Point]:
    """The samples of an epoch in a new order, so many at a time; all as they stand where `batch` is None."""
    if batch is None:
        yield point
        return
    order = random.permutation(point.samples)
    for first in range(0, point.samples, batch):
        rows = order[first : first + batch]
        yield Point(point.params, point.inputs[rows], point.targets[rows])


def _ensure(rate: float, momentum: float, batch: int | None, epochs: int) -> None:
    if not rate > 0:
        raise UsageError(f"the rate is {rate}: give a number above 0")
    if not 0 <= momentum < 1:
        raise UsageError(f"the momentum is {momentum}: give a number from 0 to below 1, or the changes never fade")
    if batch is not None and batch < 1:
        raise UsageError(f"a batch has {batch} samples: give at least 1, or None for all")
    if epochs < 1:
        raise UsageError(f"{epochs} epochs: give at least 1")
