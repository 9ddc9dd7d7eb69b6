"""A feedforward network as a value, and the point at which it is looked at."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from gradcheck.errors import NetworkError
from gradcheck.network.layers import LOSSES, NAMINGS, REDUCTIONS, Dense, known
from gradcheck.results.arrays import Floats, frozen, frozen_arrays


@dataclass(frozen=True, slots=True)
class Network:
    """Dense layers in a row and a loss; `repr` is code that rebuilds the value.

    The loss of a batch is the sum or the mean over its samples. naming "article" calls every weight by a number of
    its own (w1, w2, ..., b1), unit by unit; "matrix" has W1 (units, inputs) and b1 per layer. Raises NetworkError
    where the parts do not fit.
    """

    inputs: int
    layers: tuple[Dense, ...]
    loss: str = "half_square"
    reduction: str = "sum"
    naming: str = "matrix"

    def __post_init__(self) -> None:
        if self.inputs < 1 or not self.layers:
            raise NetworkError("a network needs at least one input and one layer: for example 2-2-1:sigmoid,linear")
        object.__setattr__(self, "layers", tuple(self.layers))
        object.__setattr__(self, "loss", known("loss", self.loss, LOSSES))
        object.__setattr__(self, "reduction", known("reduction", self.reduction, REDUCTIONS))
        object.__setattr__(self, "naming", known("naming", self.naming, NAMINGS))

    @property
    def outputs(self) -> int:
        """Units of the last layer."""
        return self.layers[-1].units

    @property
    def sizes(self) -> tuple[int, ...]:
        """Inputs, then the units of every layer."""
        return (self.inputs, *(layer.units for layer in self.layers))


@dataclass(frozen=True, slots=True, eq=False)
class Point:
    """Where a network is looked at: parameters by name, inputs (samples, inputs), targets (samples, outputs).

    `repr` is code that rebuilds the value.
    """

    params: Mapping[str, Floats]
    inputs: Floats
    targets: Floats

    def __post_init__(self) -> None:
        object.__setattr__(self, "params", frozen_arrays(self.params))
        object.__setattr__(self, "inputs", frozen(np.atleast_2d(self.inputs)))
        object.__setattr__(self, "targets", frozen(np.atleast_2d(self.targets)))

    def __repr__(self) -> str:
        params = {name: array.tolist() for name, array in self.params.items()}
        return f"Point({params!r}, {self.inputs.tolist()!r}, {self.targets.tolist()!r})"

    @property
    def samples(self) -> int:
        """How many samples the batch has."""
        return int(self.inputs.shape[0])

    def with_params(self, params: Mapping[str, ArrayLike]) -> "Point":
        """The same inputs and targets with other parameters."""
        return Point(frozen_arrays(params), self.inputs, self.targets)
