"""Layers made of ways that meet again: attention and residual connections."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gradcheck.errors import NetworkError
from gradcheck.network.dense import Shape, Shapes, at_least_one, need_axes

if TYPE_CHECKING:
    from gradcheck.network.layers import Layer


@dataclass(frozen=True, slots=True)
class Attention:
    """Self-attention (Vaswani 2017): softmax(q·kᵀ/√size)·v in each head, the heads side by side, times Wo.

    q, k, v = Wq·x, Wk·x, Wv·x along the last axis; size = features/heads. causal: no step sees a later one.
    """

    heads: int = 1
    causal: bool = False

    def __post_init__(self) -> None:
        at_least_one("attention", "heads", self.heads)

    def parameters(self, entering: Shape) -> Shapes:
        """Wq, Wk, Wv, Wo, each (features, features)."""
        return {f"W{role}": (entering[-1], entering[-1]) for role in "qkvo"}

    def leaving(self, entering: Shape) -> Shape:
        """The same; raises NetworkError where the features cannot be shared among the heads."""
        need_axes("attention", entering, 2, "(steps, features)")
        if entering[-1] % self.heads:
            raise NetworkError(f"{entering[-1]} features cannot be shared by {self.heads} heads: take a divisor")
        return entering


@dataclass(frozen=True, slots=True)
class Residual:
    """x + layers(x)."""

    layers: tuple["Layer", ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "layers", tuple(self.layers))
        if not self.layers:
            raise NetworkError("a residual connection goes around no layer: give it at least one")

    def parameters(self, entering: Shape) -> Shapes:
        """None of its own."""
        return {}

    def leaving(self, entering: Shape) -> Shape:
        """The same; raises NetworkError where the layers inside give another shape."""
        inside = entering
        for layer in self.layers:
            inside = layer.leaving(inside)
        if inside != entering:
            raise NetworkError(f"a residual connection adds {inside} to {entering}: end it with the shape at its start")
        return entering
