"""Layers that slide a window over one or two axes of space: convolution and pooling."""

from dataclasses import dataclass

from gradcheck.errors import NetworkError
from gradcheck.network.dense import Shape, Shapes, at_least_one, bias_shape, need_axes
from gradcheck.network.tables import ACTIVATIONS, BIASES, known

SPACES = {1: "(channels, length)", 2: "(channels, height, width)"}


@dataclass(frozen=True, slots=True)
class Window:
    """A window of that size per axis of space, moved by `stride`, over `padding` zeros on either side.

    dilation: the distance between neighbours in the window.
    """

    size: tuple[int, ...]
    stride: int = 1
    padding: int = 0
    dilation: int = 1

    @property
    def reach(self) -> tuple[int, ...]:
        """How many places the window covers along each axis, gaps included."""
        return tuple(self.dilation * (side - 1) + 1 for side in self.size)

    def places(self, space: Shape) -> Shape:
        """How many places it takes along each axis; raises NetworkError where it does not fit at all."""
        spare = [side + 2 * self.padding - reach for side, reach in zip(space, self.reach, strict=True)]
        if min(spare) < 0:
            raise NetworkError(f"a window over {self.reach} does not fit into {space} with {self.padding} padded")
        return tuple(rest // self.stride + 1 for rest in spare)


@dataclass(frozen=True, slots=True)
class Conv:
    """a = activation(Σ W·window + b), W moved over the space without being turned (a cross-correlation).

    size: of the window, one number for each axis of space: (3,) in one dimension, (3, 3) in two.
    """

    channels: int
    size: tuple[int, ...]
    stride: int = 1
    padding: int = 0
    dilation: int = 1
    activation: str = "identity"
    bias: str = "unit"

    def __post_init__(self) -> None:
        at_least_one("a convolution", "channels", self.channels)
        _ensure_window("a convolution", self.size, self.stride, self.padding, self.dilation)
        object.__setattr__(self, "activation", known("activation", self.activation, ACTIVATIONS))
        object.__setattr__(self, "bias", known("bias", self.bias, BIASES))

    @property
    def window(self) -> Window:
        """Its window."""
        return Window(self.size, self.stride, self.padding, self.dilation)

    def parameters(self, entering: Shape) -> Shapes:
        """W (channels, channels below, *size), b (channels,) or ()."""
        return {"W": (self.channels, entering[0], *self.size), **bias_shape(self.bias, self.channels)}

    def leaving(self, entering: Shape) -> Shape:
        """(channels, *places)."""
        _need_space("a convolution", entering, self.size)
        return (self.channels, *self.window.places(entering[1:]))


@dataclass(frozen=True, slots=True)
class MaxPool:
    """The largest number in each window, channel by channel; windows side by side unless a stride is given."""

    size: tuple[int, ...]
    stride: int | None = None

    def __post_init__(self) -> None:
        _ensure_window("a pool", self.size, self.stride or 1, 0, 1)

    @property
    def window(self) -> Window:
        """Its window."""
        return Window(self.size, self.stride or self.size[0])

    def parameters(self, entering: Shape) -> Shapes:
        """None."""
        return {}

    def leaving(self, entering: Shape) -> Shape:
        """(channels, *places)."""
        _need_space("a pool", entering, self.size)
        return (entering[0], *self.window.places(entering[1:]))


@dataclass(frozen=True, slots=True)
class AveragePool(MaxPool):
    """The mean of each window, channel by channel; windows side by side unless a stride is given."""


def _ensure_window(what: str, size: tuple[int, ...], stride: int, padding: int, dilation: int) -> None:
    if len(size) not in SPACES:
        raise NetworkError(f"{what} has a window of shape {size}: give one number, or two for images")
    for field, count in (("size", min(size)), ("stride", stride), ("dilation", dilation), ("padding", padding + 1)):
        at_least_one(what, field, count)


def _need_space(what: str, entering: Shape, size: tuple[int, ...]) -> None:
    need_axes(f"{what} with a window of {len(size)} axes", entering, len(size) + 1, SPACES[len(size)])
