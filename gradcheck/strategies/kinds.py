"""What each kind of random network is made of, small enough for the symbolic opinion."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from gradcheck.network.attention import Attention, Residual
from gradcheck.network.dense import Dense, Dropout, Embedding, Flatten, Last, Shape
from gradcheck.network.layers import Layer
from gradcheck.network.norms import BatchNorm, LayerNorm, RMSNorm
from gradcheck.network.own import Own
from gradcheck.network.recurrent import GRU, LSTM, Recurrent
from gradcheck.network.windows import AveragePool, Conv, MaxPool

# Sequences of so many steps show every kind of reuse: first, middle, last.
STEPS = 3
# The smallest batch in which a mean over the batch is no sample's own; of two, one is the other's mirror image.
BATCH = 3


@dataclass(frozen=True, slots=True)
class Choices:
    """What a network may be made of."""

    width: int
    activations: Sequence[str]
    biases: Sequence[str]


@dataclass(frozen=True, slots=True)
class Body:
    """A network but for its loss."""

    entering: Shape
    layers: tuple[Layer, ...]
    ties: tuple[tuple[str, str], ...] = ()


def recurrent(draw: DrawFn, choices: Choices, layer: Callable[[int], Layer]) -> Body:
    """A recurrent layer over a few steps, or over words; its last state, or all, into a dense layer."""
    steps, units, features = (draw(st.integers(1, most)) for most in (STEPS, min(choices.width, 3), 2))
    head: tuple[Layer, ...] = (Last(),) if draw(st.booleans()) else ()
    body = (layer(units), *head, *draw(st.sampled_from([(), (Dense(1),), (Dense(2, "tanh"),)])))
    if draw(st.booleans()):
        return Body((steps,), (Embedding(steps + 1, features), *body))
    return Body((steps, features), body)


def rnn(draw: DrawFn, choices: Choices) -> Body:
    """A plain recurrent layer with any activation."""
    activation = draw(st.sampled_from(list(choices.activations)))
    return recurrent(draw, choices, lambda units: Recurrent(units, activation))


def conv(draw: DrawFn, choices: Choices) -> Body:
    """A convolution in one or two dimensions, perhaps a pool, a dense layer."""
    axes = draw(st.sampled_from([1, 2]))
    side, window, stride = (draw(st.integers(1, most)) for most in (5 - axes, 3 - axes + 1, 2))
    padding, dilation = draw(st.integers(0, 1)), draw(st.integers(1, 2))
    activation, bias = draw(st.sampled_from(list(choices.activations))), draw(st.sampled_from(list(choices.biases)))
    channels, below = draw(st.integers(1, 2)), draw(st.integers(1, 2))
    layer = Conv(channels, (window,) * axes, stride, padding, dilation, activation, bias)
    entering = (below, *(max(side, layer.window.reach[0] - 2 * padding),) * axes)
    pools: list[Layer] = [MaxPool((2,) * axes, 1), AveragePool((2,) * axes, 1)]
    fitting = [(pool,) for pool in pools if min(layer.leaving(entering)[1:]) > 1]
    none: tuple[Layer, ...] = ()
    pool = draw(st.sampled_from([none, *fitting]))
    return Body(entering, (layer, *pool, Flatten(), Dense(draw(st.integers(1, 2)))))


def norm(draw: DrawFn, choices: Choices) -> Body:
    """A normalisation between dense layers, or of the inputs."""
    units = draw(st.integers(2, max(2, choices.width)))
    norms: list[Layer] = [LayerNorm(), RMSNorm(), BatchNorm()]
    kind = draw(st.sampled_from(norms))
    first = draw(st.sampled_from([(), (Dense(units, "tanh"),)]))
    last = draw(st.sampled_from([(), (Dense(1),), (Dense(2, "sigmoid"),)]))
    return Body((units,), (*first, kind, *last))


def attention(draw: DrawFn, choices: Choices) -> Body:
    """Self-attention of one or two heads, perhaps with a residual connection around it."""
    heads, each, steps = draw(st.integers(1, 2)), draw(st.integers(1, 2)), draw(st.integers(1, STEPS))
    layer = Attention(heads, draw(st.booleans()))
    around: Layer = Residual((layer,)) if draw(st.booleans()) else layer
    return Body((steps, heads * each), (around, *draw(st.sampled_from([(), (Last(), Dense(1)), (Dense(2, "tanh"),)]))))


def shared(draw: DrawFn, choices: Choices) -> Body:
    """Weights that stand in two places: the same layer twice, or an encoder and its transpose; perhaps dropout."""
    inputs, hidden = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    activation = draw(st.sampled_from(list(choices.activations)))
    dropout = Dropout((1, *(0,) * (hidden - 1)), 0.5)
    if draw(st.booleans()):
        layers = (Dense(hidden, activation, "none"), Dense(inputs, "identity", "none"))
        return Body((inputs,), layers, (("W2", "W1.T"),))
    square = (Dense(inputs, activation), Dense(inputs, activation), Dense(hidden))
    extra = (dropout,) if draw(st.booleans()) else ()
    return Body((inputs,), (*square, *extra), (("W2", "W1"), ("b2", "b1")))


def own_body(kind: type[Own], shapes: Sequence[Shape]) -> Callable[[DrawFn, Choices], Body]:
    """A layer that a user registered, perhaps behind a dense layer, and a dense layer behind it; shapes: it takes."""

    def body(draw: DrawFn, choices: Choices) -> Body:
        entering = draw(st.sampled_from(list(shapes)))
        first = draw(st.sampled_from([(), (Dense(entering[-1], "tanh"),)]))
        return Body(entering, (*first, kind(), *draw(st.sampled_from([(Dense(1),), (Dense(2, "tanh"),)]))))

    return body


KINDS: dict[str, Callable[[DrawFn, Choices], Body]] = {
    "rnn": rnn,
    "lstm": lambda draw, choices: recurrent(draw, choices, LSTM),
    "peephole": lambda draw, choices: recurrent(draw, choices, lambda units: LSTM(units, peepholes=True)),
    "coupled": lambda draw, choices: recurrent(draw, choices, lambda units: LSTM(units, coupled=True)),
    "gru": lambda draw, choices: recurrent(draw, choices, GRU),
    "conv": conv,
    "norm": norm,
    "attention": attention,
    "shared": shared,
}
