"""Layers, activations and losses by name: the tables that every opinion must have a rule for."""

from dataclasses import dataclass
from difflib import get_close_matches

from gradcheck.errors import NetworkError

ACTIVATIONS = ("identity", "sigmoid", "tanh", "relu", "leaky_relu", "softplus", "elu", "gelu", "silu")
LOSSES = ("half_square", "mean_square", "binary_cross_entropy", "softmax_cross_entropy", "output")
BIASES = ("unit", "shared", "none")
REDUCTIONS = ("sum", "mean")
NAMINGS = ("matrix", "article")

# The slope of leaky relu left of 0 and the height of elu far left, as in their papers (Maas 2013; Clevert 2016).
LEAKY_SLOPE = 0.01
ELU_HEIGHT = 1.0
OTHER_NAMES = {
    "linear": "identity",
    "logistic": "sigmoid",
    "swish": "silu",
    "mse": "mean_square",
    "squared": "half_square",
}


@dataclass(frozen=True, slots=True)
class Dense:
    """a = activation(W·x + b): `units` outputs; one bias per unit, one shared by all units, or none.

    Raises NetworkError for an unknown activation or bias, or fewer than one unit.
    """

    units: int
    activation: str = "identity"
    bias: str = "unit"

    def __post_init__(self) -> None:
        if self.units < 1:
            raise NetworkError(f"a layer has {self.units} units: give it at least 1")
        object.__setattr__(self, "activation", known("activation", self.activation, ACTIVATIONS))
        object.__setattr__(self, "bias", known("bias", self.bias, BIASES))


def known(what: str, name: str, table: tuple[str, ...]) -> str:
    """The table's own name for `name`; raises NetworkError with the nearest name where there is none."""
    plain = name.strip().lower().replace("-", "_").replace(" ", "_")
    plain = OTHER_NAMES.get(plain, plain)
    if plain not in table:
        near = get_close_matches(plain, [*table, *OTHER_NAMES], n=1)
        hint = f"did you mean {near[0]}?" if near else f"choose one of {', '.join(table)}"
        raise NetworkError(f"there is no {what} {name!r}: {hint}")
    return plain
