"""Activations and losses by name: the tables that every opinion must have a rule for."""

from difflib import get_close_matches

from gradcheck.errors import NetworkError

ACTIVATIONS = ("identity", "sigmoid", "tanh", "relu", "leaky_relu", "softplus", "elu", "gelu", "silu")
LOSSES = (
    "half_square",
    "mean_square",
    "binary_cross_entropy",
    "softmax_cross_entropy",
    "output",
    "huber",
    "hinge",
    "gaussian",
    "poisson",
    "cosine",
    "contrastive",
)
BIASES = ("unit", "shared", "none")
REDUCTIONS = ("sum", "mean")
NAMINGS = ("matrix", "article")

# What a loss can be set to: Huber's width of the parabola, the share of the labels that is spread evenly over all
# classes (Szegedy 2016), the distance beyond which unlike pairs are left alone (Hadsell 2006).
SETTINGS = {"huber": 1.0, "softmax_cross_entropy": 0.0, "contrastive": 1.0}

# The slope of leaky relu left of 0 and the height of elu far left, as in their papers (Maas 2013; Clevert 2016).
LEAKY_SLOPE = 0.01
ELU_HEIGHT = 1.0
OTHER_NAMES = {
    "linear": "identity",
    "logistic": "sigmoid",
    "swish": "silu",
    "mse": "mean_square",
    "squared": "half_square",
    "cross_entropy": "softmax_cross_entropy",
}
# What a user registered, by kind ("activation"): names that count like those of the tables.
ADDED: dict[str, list[str]] = {}


def names_of(what: str, table: tuple[str, ...]) -> tuple[str, ...]:
    """The names of a table, behind them those that a user registered."""
    return (*table, *ADDED.get(what, ()))


def known(what: str, name: str, table: tuple[str, ...]) -> str:
    """The table's own name for `name`; raises NetworkError with the nearest name where there is none."""
    table = names_of(what, table)
    plain = name.strip().lower().replace("-", "_").replace(" ", "_")
    plain = OTHER_NAMES.get(plain, plain)
    if plain not in table:
        near = get_close_matches(plain, [*table, *OTHER_NAMES], n=1)
        hint = f"did you mean {near[0]}?" if near else f"choose one of {', '.join(table)}"
        raise NetworkError(f"there is no {what} {name!r}: {hint}")
    return plain
