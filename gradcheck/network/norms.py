"""Layers that normalise: over the batch, over the features of a sample, by the root mean square."""

from dataclasses import dataclass

from gradcheck.errors import NetworkError
from gradcheck.network.dense import Shape, Shapes

# The epsilon of the papers' own code (Ioffe 2015, Ba 2016, Zhang 2019).
EPSILON = 1e-5


@dataclass(frozen=True, slots=True)
class BatchNorm:
    """g·(x - mean)/√(variance + epsilon) + b with mean and variance (divided by n) of the batch, as in training.

    A sample with axes of space (channels first) has one mean per channel, over the batch and the space.
    """

    epsilon: float = EPSILON

    def __post_init__(self) -> None:
        _ensure_positive(self.epsilon)

    def parameters(self, entering: Shape) -> Shapes:
        """g and b, (features,) or (channels,)."""
        return {"g": entering[:1], "b": entering[:1]}

    def leaving(self, entering: Shape) -> Shape:
        """The same."""
        return entering


@dataclass(frozen=True, slots=True)
class LayerNorm:
    """g·(x - mean)/√(variance + epsilon) + b with mean and variance (divided by n) over the last axis."""

    epsilon: float = EPSILON

    def __post_init__(self) -> None:
        _ensure_positive(self.epsilon)

    def parameters(self, entering: Shape) -> Shapes:
        """g and b, (features,)."""
        return {"g": entering[-1:], "b": entering[-1:]}

    def leaving(self, entering: Shape) -> Shape:
        """The same."""
        return entering


@dataclass(frozen=True, slots=True)
class RMSNorm:
    """g·x/√(mean of x² + epsilon), the mean over the last axis."""

    epsilon: float = EPSILON

    def __post_init__(self) -> None:
        _ensure_positive(self.epsilon)

    def parameters(self, entering: Shape) -> Shapes:
        """g (features,)."""
        return {"g": entering[-1:]}

    def leaving(self, entering: Shape) -> Shape:
        """The same."""
        return entering


def _ensure_positive(epsilon: float) -> None:
    if not epsilon > 0:
        raise NetworkError(f"epsilon is {epsilon}: give a number above 0, for equal inputs have no variance")
