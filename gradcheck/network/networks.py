"""A feedforward network as a value, and the point at which it is looked at."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from gradcheck.errors import NetworkError
from gradcheck.network.dense import Dense, Shape
from gradcheck.network.layers import LAYERS, Layer
from gradcheck.network.losses import target_shape
from gradcheck.network.own import Own
from gradcheck.network.stations import Station, ensure_ties, lay_out
from gradcheck.network.tables import LOSSES, NAMINGS, REDUCTIONS, SETTINGS, known
from gradcheck.results.arrays import Floats, frozen, frozen_arrays


@dataclass(frozen=True, slots=True)
class Network:
    """Layers in a row and a loss; `repr` is code that rebuilds the value.

    inputs: how many, or the shape of a sample: (steps, features), (channels, length), (channels, height, width).
    The loss of a batch is the sum or the mean over its samples; setting: Huber's width, the label smoothing of the
    softmax cross-entropy, the margin of the contrastive loss. ties: ("W2", "W1") for one array in both places,
    ("W2", "W1.T") for its transpose; the first name is then no parameter. l1, l2: l1·Σ|w| + l2/2·Σw² over weights, not
    over biases and gains. naming "article" (dense layers only) calls every weight by a number of its own (w1, w2,
    ..., b1), unit by unit; "matrix" has W1 (units, inputs) and b1 per layer. Raises NetworkError where parts clash.
    """

    inputs: int | Shape
    layers: tuple[Layer, ...]
    loss: str = "half_square"
    reduction: str = "sum"
    naming: str = "matrix"
    setting: float | None = None
    ties: tuple[tuple[str, str], ...] = ()
    l1: float = 0.0
    l2: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "layers", _layers(self.layers))
        _ensure_pairs(self.ties)
        if not self.layers or not self.input_shape or min(self.input_shape) < 1:
            raise NetworkError("a network needs at least one input and one layer: for example 2-2-1:sigmoid,linear")
        object.__setattr__(self, "loss", known("loss", self.loss, LOSSES))
        object.__setattr__(self, "reduction", known("reduction", self.reduction, REDUCTIONS))
        object.__setattr__(self, "naming", known("naming", self.naming, NAMINGS))
        object.__setattr__(self, "ties", tuple((tied, of) for tied, of in self.ties))
        target_shape(self.loss, self.output_shape)
        ensure_ties(self.stations, self.ties)
        if self.setting is not None and self.loss not in SETTINGS:
            raise NetworkError(f"the loss {self.loss} has nothing to set: leave `setting` out")
        if min(self.l1, self.l2) < 0:
            raise NetworkError(f"penalties of {self.l1} and {self.l2}: give numbers from 0 on")
        if self.naming == "article" and not (self.is_dense and not self.ties):
            raise NetworkError('only dense layers without ties can be numbered weight by weight: take naming="matrix"')

    @property
    def input_shape(self) -> Shape:
        """The shape of a sample."""
        return (self.inputs,) if isinstance(self.inputs, int) else tuple(self.inputs)

    @property
    def stations(self) -> tuple[Station, ...]:
        """The layers with their numbers and shapes."""
        return lay_out(self.input_shape, self.layers)

    @property
    def output_shape(self) -> Shape:
        """The shape of a sample's outputs."""
        return self.stations[-1].leaving

    @property
    def target_shape(self) -> Shape:
        """The shape of a sample's targets."""
        return target_shape(self.loss, self.output_shape)

    @property
    def is_dense(self) -> bool:
        """Is it nothing but dense layers over one row of inputs?"""
        return len(self.input_shape) == 1 and all(isinstance(layer, Dense) for layer in self.layers)

    @property
    def setting_of_loss(self) -> float:
        """What the loss is set to, its own default where nothing is said; 0 for a loss without a setting."""
        return SETTINGS.get(self.loss, 0.0) if self.setting is None else self.setting

    @property
    def sizes(self) -> tuple[int, ...]:
        """Inputs, then the units of every layer of a dense network."""
        return (*self.input_shape, *(layer.units for layer in self.dense_layers))

    @property
    def dense_layers(self) -> tuple[Dense, ...]:
        """The layers of a dense network; raises NetworkError for any other."""
        if not self.is_dense:
            raise NetworkError("this holds for a row of dense layers alone")
        return tuple(layer for layer in self.layers if isinstance(layer, Dense))


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
        object.__setattr__(self, "inputs", _rows("inputs", self.inputs))
        object.__setattr__(self, "targets", _rows("targets", self.targets))

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


def _layers(given: object) -> tuple[Layer, ...]:
    """The layers as a tuple; raises NetworkError where there is something else among them."""
    if not isinstance(given, tuple | list):
        raise NetworkError(f"the layers are {given!r}: give them in a tuple, (Dense(3), Dense(1))")
    strange = next((one for one in given if not isinstance(one, (*LAYERS.values(), Own))), None)
    if strange is not None:
        raise NetworkError(f"{strange!r} is no layer: give values like Dense(1), or write the network as a text")
    return tuple(given)


def _ensure_pairs(ties: object) -> None:
    pairs = isinstance(ties, tuple | list) and all(isinstance(one, tuple | list) and len(one) == 2 for one in ties)
    if not pairs:
        raise NetworkError(f'the ties are {ties!r}: give pairs of names, (("W2", "W1"),)')


def _rows(name: str, given: ArrayLike) -> Floats:
    """Rows of numbers; raises NetworkError where they are none."""
    try:
        return frozen(np.atleast_2d(np.asarray(given, dtype=np.float64)))
    except (TypeError, ValueError) as error:
        raise NetworkError(f"the {name} are no rows of numbers ({error}): give an array of floats") from None
