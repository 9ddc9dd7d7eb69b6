"""A network as one word: `2-2-1:sigmoid,linear`, then `;key=value`, or the name of one of the sources' nets."""

from difflib import get_close_matches

from gradcheck.errors import NetworkError
from gradcheck.network.layers import Dense
from gradcheck.network.networks import Network
from gradcheck.network.sources import SOURCES

EXAMPLE = "for example 2-2-1:sigmoid,linear or 3-4-2:tanh,linear;loss=softmax_cross_entropy"
KEYS = ("bias", "loss", "reduction", "naming")


def from_text(text: str) -> Network:
    """The network that a text describes; raises NetworkError with the mend where it describes none."""
    if text in SOURCES:
        return SOURCES[text].network
    shape, *options = text.split(";")
    sizes_text, _, activations_text = shape.partition(":")
    sizes = _sizes(sizes_text, text)
    settings = _settings(options)
    activations = _activations(activations_text, len(sizes) - 1)
    biases = _biases(settings.pop("bias", "unit"), len(sizes) - 1)
    layers = tuple(map(Dense, sizes[1:], activations, biases))
    return Network(sizes[0], layers, **settings)


def to_text(network: Network) -> str:
    """The text form that `from_text` reads back."""
    shape = "-".join(map(str, network.sizes)) + ":" + ",".join(layer.activation for layer in network.layers)
    biases = [layer.bias for layer in network.layers]
    bias = biases[0] if len(set(biases)) == 1 else ",".join(biases)
    options = {key: getattr(network, key) for key in KEYS if key != "bias"} | {"bias": bias}
    plain = {"bias": "unit", "loss": "half_square", "reduction": "sum", "naming": "matrix"}
    return ";".join([shape, *(f"{key}={value}" for key, value in options.items() if value != plain[key])])


def _sizes(text: str, whole: str) -> list[int]:
    parts = text.strip().split("-")
    if len(parts) < 2 or not all(part.strip().isdecimal() for part in parts):
        near = get_close_matches(whole, SOURCES, n=1)
        known = f"write the sizes with dashes, {EXAMPLE}, or one of {', '.join(SOURCES)}"
        hint = f"did you mean {near[0]}?" if near else known
        raise NetworkError(f"{whole!r} describes no network: {hint}")
    return [int(part) for part in parts]


def _activations(text: str, layers: int) -> list[str]:
    names = [name for name in text.split(",") if name.strip()]
    if not names:
        names = ["sigmoid"]
    if len(names) == 1 and layers > 1:
        return names * (layers - 1) + ["identity"]
    if len(names) != layers:
        mend = "give one for each layer, or one for all hidden layers"
        raise NetworkError(f"{len(names)} activations for {layers} layers: {mend}")
    return names


def _biases(text: str, layers: int) -> list[str]:
    """One kind of bias for each layer; a single one is for all."""
    kinds = text.split(",")
    if len(kinds) not in (1, layers):
        raise NetworkError(f"{len(kinds)} kinds of bias for {layers} layers: give one for each layer, or one for all")
    return kinds * layers if len(kinds) == 1 else kinds


def _settings(options: list[str]) -> dict[str, str]:
    settings = {}
    for option in options:
        key, equals, value = option.partition("=")
        if not equals or key.strip() not in KEYS:
            raise NetworkError(f"{option!r} is no setting of a network: write key=value with one of {', '.join(KEYS)}")
        settings[key.strip()] = value.strip()
    return settings
