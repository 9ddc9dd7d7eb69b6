"""The networks of the sources by name, each with the point its source looks at (SOURCES N1-N12)."""

from dataclasses import dataclass
from math import prod

import numpy as np

from gradcheck.network.attention import Residual
from gradcheck.network.dense import Dense, Embedding, Flatten, Last, Shape
from gradcheck.network.layers import Layer
from gradcheck.network.losses import targets_from
from gradcheck.network.names import parameter_shapes
from gradcheck.network.networks import Network, Point
from gradcheck.network.numbers import hundredths
from gradcheck.network.recurrent import GRU, LSTM, Recurrent
from gradcheck.results.arrays import Floats

# More inputs than these get numbers of either sign below 1/2: sums of tenths that go on growing saturate a unit.
MANY = 12


@dataclass(frozen=True, slots=True)
class Source:
    """One network of the sources, in words, with its own point."""

    words: str
    network: Network
    point: Point


def _at(network: Network, params: dict[str, float], inputs: list[float], targets: list[float]) -> Point:
    return Point({name: np.array(value) for name, value in params.items()}, np.array([inputs]), np.array([targets]))


def _spread(network: Network) -> Point:
    """Short decimals, all different, never 0, the same at every call: the sources give no numbers for these nets."""
    shapes, count = parameter_shapes(network), 0
    params = {}
    for name, shape in shapes.items():
        params[name] = hundredths(shape, count)
        count += prod(shape)
    targets = targets_from(network.loss, _tenths(network.target_shape) + 0.02)
    return Point(params, _inputs(network)[np.newaxis], targets[np.newaxis])


def _inputs(network: Network) -> Floats:
    """One sample: word numbers for an embedding."""
    first = network.layers[0]
    if isinstance(first, Embedding):
        return np.arange(prod(network.input_shape), dtype=np.float64).reshape(network.input_shape) % first.words
    return _tenths(network.input_shape) + 0.05


def _tenths(shape: Shape) -> Floats:
    """0.1, 0.2, ... for a few; hundredths of either sign for many, which stay small."""
    size = prod(shape)
    return ((np.arange(size) + 1) / 10).reshape(shape) if size <= MANY else hundredths(shape)


def _source(words: str, network: Network, point: Point | None = None) -> Source:
    return Source(words, network, point or _spread(network))


def _sequence(words: str, layer: Layer) -> Source:
    """Three steps of two features, the last state into one linear unit."""
    return _source(words, Network((3, 2), (layer, Last(), Dense(1))))


def _net(
    *sizes: int,
    activations: tuple[str, ...],
    bias: str = "unit",
    loss: str = "half_square",
    naming: str = "matrix",
) -> Network:
    layers = tuple(Dense(units, activation, bias) for units, activation in zip(sizes[1:], activations, strict=True))
    return Network(sizes[0], layers, loss=loss, naming=naming)


N1 = _net(2, 1, activations=("sigmoid",), naming="article")
N2 = _net(2, 1, activations=("sigmoid",), loss="output", naming="article")
N3 = _net(2, 2, 1, activations=("sigmoid", "identity"), bias="shared", naming="article")
N4 = _net(2, 2, 2, activations=("sigmoid", "sigmoid"), bias="shared", naming="article")
N5 = _net(3, 3, 2, activations=("sigmoid", "sigmoid"))
N6 = _net(3, 4, 2, activations=("sigmoid", "sigmoid"))
N7 = _net(2, 4, 4, 3, 2, activations=("sigmoid",) * 4)
N8 = _net(2, 3, 3, 3, 3, 3, 3, 1, activations=("sigmoid",) * 7)
# From the input to the loss there are 2^10 ways through the blocks, and more than 4^10 through their numbers.
N11 = Network((2, 2), (*(Residual((Dense(2, "tanh"),)),) * 10, Flatten(), Dense(1)))
N12 = Network(2, (Dense(3, "tanh"), Dense(2, "softplus"), Dense(2)), "softmax_cross_entropy")

ARTICLE = {**{f"w{i}": 0.2 for i in range(1, 7)}, "b1": 0.5, "b2": 0.5}
MAZUR = {**{f"w{i + 1}": (15 + 5 * i) / 100 for i in range(4)}, "w5": 0.4, "w6": 0.45, "w7": 0.5, "w8": 0.55}
MAZUR |= {"b1": 0.35, "b2": 0.6}

SOURCES = {
    "perceptron": _source("one sigmoid unit, no hidden layer", N1),
    "sigmoid-circuit": _source("one sigmoid unit walked back from d(out) = 1", N2),
    "source-2-2-1": _source("the source example: one shared b1", N3, _at(N3, ARTICLE, [0.02, 0.03], [7.0])),
    "source-2-2-2": _source("w1 reaches the loss through two outputs", N4, _at(N4, MAZUR, [0.05, 0.1], [0.01, 0.99])),
    "n-m-k": _source("sigmoid on both layers, index form and matrix form", N5),
    "3-4-2": _source("weight and bias formulas layer by layer", N6),
    "deep": _source("four layers: the equations BP1 to BP4", N7),
    "recurrent": _sequence("backpropagation through time: three steps share one set of weights", Recurrent(2)),
    "lstm": _sequence("a cell behind gates, three steps", LSTM(2)),
    "lstm-peepholes": _sequence("gates that see the cell", LSTM(2, peepholes=True)),
    "lstm-coupled": _sequence("what is not forgotten is not written", LSTM(2, coupled=True)),
    "gru": _sequence("two gates and no cell", GRU(2)),
    "many-paths": _source("a graph over tensors: ten blocks, each with a way around it", N11),
    "curved": _source("smooth through and through: its gradient has a gradient", N12),
    "vanishing": _source("seven sigmoid layers: the gradient vanishes towards the input", N8),
}


def point_of(network: Network) -> Point:
    """The point at which its source looks at a network; for any other, short decimals that are all different."""
    own = (source.point for source in SOURCES.values() if source.network == network)
    return next(own, None) or _spread(network)
