"""Random networks and points for property tests: structure drawn by Hypothesis, numbers keyed by their place.

A number depends on (seed, layer, row, column) alone, so that a net which loses a unit keeps all other numbers: failing
examples shrink to the smallest net. Within a layer all numbers differ, so that no fault hides behind equal siblings.
"""

import random
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn
from numpy.typing import NDArray

from gradcheck.backprop.networks import layer_values
from gradcheck.network.layers import ACTIVATIONS, BIASES, LOSSES, REDUCTIONS, Dense
from gradcheck.network.names import bias_place, parameter_shapes, weight_place
from gradcheck.network.networks import Network, Point
from gradcheck.results.arrays import Floats

# Multiples of 1/16 in (-2, 2) without 0: exact in binary, cheap as a fraction in the symbolic opinion, short on a page.
FRIENDLY = tuple(k / 16 for k in range(-31, 32) if k)

# Slopes (elu: curvatures) that change at 0. A pre-activation nearer than MARGIN has its bias moved by a step wider than
# the forbidden interval, so that every pre-activation rules out one move at most; 1/1024 keeps the bias distinct.
# Without a bias the weights are moved, one source after the other, and MARGIN is a share of the layer's largest input.
KINKED = ("relu", "leaky_relu", "elu")
MARGIN = 1 / 32
SHIFT = 1 / 8 + 1 / 1024
MOVES = 64
SEEDS = st.integers(0, 2**16 - 1)


@st.composite
def networks(
    draw: DrawFn,
    *,
    max_depth: int = 3,
    max_width: int = 4,
    activations: Sequence[str] = ACTIVATIONS,
    losses: Sequence[str] = LOSSES,
    biases: Sequence[str] = BIASES,
    reductions: Sequence[str] = REDUCTIONS,
    namings: Sequence[str] = ("matrix",),
) -> Network:
    """Networks of up to `max_depth` hidden layers; they shrink to few and narrow layers and the first of each list."""
    depth = draw(st.integers(0, max_depth))
    widths = [draw(st.integers(1, max_width)) for _ in range(depth + 2)]  # from the output back to the input
    kinds = [draw(st.sampled_from(list(activations))) for _ in range(depth + 1)]
    bias = draw(st.sampled_from(list(biases)))
    loss = draw(st.sampled_from([name for name in losses if _tells_apart(name, widths[0])] or list(losses)))
    layers = tuple(Dense(units, kind, bias) for units, kind in zip(widths[-2::-1], kinds, strict=True))
    reduction = draw(st.sampled_from(list(reductions)))
    return Network(widths[-1], layers, loss, reduction, naming=draw(st.sampled_from(list(namings))))


@st.composite
def points(draw: DrawFn, network: Network, *, max_samples: int = 1) -> Point:
    """Points of a network: `point_at` with drawn samples and seed; they shrink to one sample and seed 0."""
    samples = draw(st.integers(1, max_samples))
    return point_at(network, draw(SEEDS), samples)


@st.composite
def cases(draw: DrawFn, /, *, max_samples: int = 1, **options: Any) -> tuple[Network, Point]:
    """A network and a point of it: `networks` and `points` in one draw; the options are those of `networks`."""
    network = draw(networks(**options))
    return network, draw(points(network, max_samples=max_samples))


def point_at(network: Network, seed: int = 0, samples: int = 1) -> Point:
    """The network's point for a seed, the same at every call; no pre-activation is nearer to a kink than MARGIN."""
    params = {name: np.zeros(shape) for name, shape in parameter_shapes(network).items()}
    for k, layer in enumerate(network.layers):
        numbers = numbers_at(seed, f"layer {len(network.layers) - k} from the end", layer.units, network.sizes[k] + 1)
        for unit in range(layer.units):
            place = bias_place(network, k, unit)
            if place and not (layer.bias == "shared" and unit):
                params[place[0]][place[1]] = numbers[unit, 0]
            for source in range(network.sizes[k]):
                name, index = weight_place(network, k, unit, source)
                params[name][index] = numbers[unit, source + 1]
    targets = _targets(network.loss, numbers_at(seed, "targets", samples, network.outputs))
    return _off_kinks(network, Point(params, numbers_at(seed, "inputs", samples, network.inputs), targets))


def numbers_at(seed: int, role: str, rows: int, columns: int) -> Floats:
    """(rows, columns) numbers in (-2, 2), not 0, all different; each depends on seed, role and its own place only."""
    row, column = np.indices((rows, columns))
    # Rosenberg and Strong's pairing numbers the places shell by shell, whatever the size of the array.
    shell = np.maximum(row, column)
    place = shell * shell + shell + row - column
    whole, turn = place % len(FRIENDLY), place // len(FRIENDLY)
    return np.asarray(_shuffled(seed, role)[whole] + _radical_inverse(turn) / 16)


@lru_cache(maxsize=1024)
def _shuffled(seed: int, role: str) -> Floats:
    """The friendly numbers in an order of their own; random() of a text seed is the same in every version of Python."""
    source = random.Random(f"{seed}: {role}")
    return np.array(sorted(FRIENDLY, key=lambda _: source.random()))


def _radical_inverse(number: NDArray[np.intp]) -> Floats:
    """van der Corput's sequence in base 2: 0, 1/2, 1/4, 3/4, ...: a fraction of its own in [0, 1) for every number."""
    fraction, unit = np.zeros(number.shape), 0.5
    while number.any():
        fraction, number, unit = fraction + unit * (number % 2), number // 2, unit / 2
    return fraction


def _tells_apart(loss: str, outputs: int) -> bool:
    """Softmax over one output is 1 whatever the weights."""
    return loss != "softmax_cross_entropy" or outputs > 1


def _targets(loss: str, numbers: Floats) -> Floats:
    """Probabilities for the cross-entropies: each on its own for the binary one, together 1 for the softmax."""
    if loss == "binary_cross_entropy":
        return (numbers + 2) / 4
    if loss == "softmax_cross_entropy":
        return np.asarray((numbers + 2) / np.sum(numbers + 2, axis=-1, keepdims=True))
    return numbers


def _off_kinks(network: Network, point: Point) -> Point:
    """The point with biases moved (weights where there are none) until no pre-activation is near a kink."""
    for k, layer in enumerate(network.layers):
        for move in range(MOVES if layer.activation in KINKED else 0):
            near = _near_kink(network, point, k)
            if not near:
                break
            point = _moved(network, point, k, near, move % network.sizes[k])
    return point


def _near_kink(network: Network, point: Point, layer: int) -> list[int]:
    """The units of a layer that have a pre-activation near 0 in some sample."""
    values = layer_values(network, point)
    inputs = values[layer - 1][1] if layer else point.inputs
    reach = np.abs(inputs).max(axis=1, keepdims=True) if network.layers[layer].bias == "none" else 1.0
    return [int(unit) for unit in np.flatnonzero((np.abs(values[layer][0]) < MARGIN * reach).any(axis=0))]


def _moved(network: Network, point: Point, layer: int, units: list[int], source: int) -> Point:
    params = {name: np.array(array) for name, array in point.params.items()}
    for name, index in {bias_place(network, layer, u) or weight_place(network, layer, u, source) for u in units}:
        params[name][index] += SHIFT
    return point.with_params(params)
