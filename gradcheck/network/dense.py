"""Layers that look at one place at a time: dense, activation, embedding, dropout, and changes of shape."""

from dataclasses import dataclass
from math import prod

from gradcheck.errors import NetworkError
from gradcheck.network.tables import ACTIVATIONS, BIASES, known

Shape = tuple[int, ...]
Shapes = dict[str, Shape]


@dataclass(frozen=True, slots=True)
class Dense:
    """a = activation(W·x + b) along the last axis: `units` outputs; one bias per unit, one shared by all, or none.

    Raises NetworkError for an unknown activation or bias, or fewer than one unit.
    """

    units: int
    activation: str = "identity"
    bias: str = "unit"

    def __post_init__(self) -> None:
        at_least_one("a layer", "units", self.units)
        object.__setattr__(self, "activation", known("activation", self.activation, ACTIVATIONS))
        object.__setattr__(self, "bias", known("bias", self.bias, BIASES))

    def parameters(self, entering: Shape) -> Shapes:
        """W (units, features), b (units,) or ()."""
        return {"W": (self.units, entering[-1]), **bias_shape(self.bias, self.units)}

    def leaving(self, entering: Shape) -> Shape:
        """The same but for the last axis."""
        return (*entering[:-1], self.units)


@dataclass(frozen=True, slots=True)
class Activation:
    """a = activation(x), number by number."""

    activation: str = "sigmoid"

    def __post_init__(self) -> None:
        object.__setattr__(self, "activation", known("activation", self.activation, ACTIVATIONS))

    def parameters(self, entering: Shape) -> Shapes:
        """None."""
        return {}

    def leaving(self, entering: Shape) -> Shape:
        """The same."""
        return entering


@dataclass(frozen=True, slots=True)
class Embedding:
    """Row x of E for every input number x, a whole number from 0 to words - 1."""

    words: int
    size: int

    def __post_init__(self) -> None:
        at_least_one("an embedding", "words", self.words)
        at_least_one("an embedding", "size", self.size)

    def parameters(self, entering: Shape) -> Shapes:
        """E (words, size)."""
        return {"E": (self.words, self.size)}

    def leaving(self, entering: Shape) -> Shape:
        """One axis more."""
        return (*entering, self.size)


@dataclass(frozen=True, slots=True)
class Dropout:
    """x·mask/keep: keeps the places where the mask is 1, and divides by the share `keep` that is kept on average.

    mask: one 0 or 1 for every number of a sample, in row-major order, the same for every sample.
    """

    mask: tuple[int, ...]
    keep: float = 0.5

    def __post_init__(self) -> None:
        object.__setattr__(self, "mask", tuple(int(one) for one in self.mask))
        if not set(self.mask) <= {0, 1}:
            raise NetworkError(f"the mask of dropout holds {max(self.mask)}: give zeros and ones")
        if not 0 < self.keep <= 1:
            raise NetworkError(f"dropout keeps a share of {self.keep}: give one above 0, at most 1")

    def parameters(self, entering: Shape) -> Shapes:
        """None."""
        return {}

    def leaving(self, entering: Shape) -> Shape:
        """The same; raises NetworkError where the mask has another size."""
        if len(self.mask) != prod(entering):
            raise NetworkError(f"the mask of dropout has {len(self.mask)} numbers for a sample of {prod(entering)}")
        return entering


@dataclass(frozen=True, slots=True)
class Flatten:
    """All numbers of a sample in one row."""

    def parameters(self, entering: Shape) -> Shapes:
        """None."""
        return {}

    def leaving(self, entering: Shape) -> Shape:
        """(size,)."""
        return (prod(entering),)


@dataclass(frozen=True, slots=True)
class Last:
    """The last step of a sequence."""

    def parameters(self, entering: Shape) -> Shapes:
        """None."""
        return {}

    def leaving(self, entering: Shape) -> Shape:
        """Without the first axis; raises NetworkError where there is none to spare."""
        need_axes("last", entering, 2, "(steps, features)")
        return entering[1:]


def at_least_one(what: str, field: str, count: int) -> None:
    """Raises NetworkError unless there is one at least."""
    if count < 1:
        raise NetworkError(f"{what} has {count} {field}: give it at least 1")


def need_axes(what: str, entering: Shape, axes: int, words: str) -> None:
    """Raises NetworkError unless a sample has so many axes; words: which."""
    if len(entering) != axes:
        raise NetworkError(f"{what} takes samples of shape {words}, but gets {entering}")


def bias_shape(bias: str, units: int) -> Shapes:
    """The bias of a layer as a parameter, if it has one."""
    return {} if bias == "none" else {"b": () if bias == "shared" else (units,)}
