"""A network as one word: `2-2-1:sigmoid,linear`, `5x3:lstm(4),last,dense(2)`, or the name of one of the sources' nets.

Settings follow as `;key=value`: bias (of a row of dense layers), loss (`huber(0.5)` sets it), reduction, naming,
ties (`W2~W1.T,b2~b1`), l1, l2.
"""

from difflib import get_close_matches
from typing import Any

from gradcheck.errors import NetworkError
from gradcheck.network.calls import read_layers, read_shape, split, write_layers
from gradcheck.network.dense import Dense
from gradcheck.network.networks import Network
from gradcheck.network.sources import SOURCES

EXAMPLE = "for example 2-2-1:sigmoid,linear, 3-4-2:tanh,linear;loss=softmax_cross_entropy or 5x3:lstm(4),last,dense(1)"
KEYS = ("bias", "loss", "reduction", "naming", "ties", "l1", "l2")
PLAIN = {"loss": "half_square", "reduction": "sum", "naming": "matrix", "ties": "", "l1": "0.0", "l2": "0.0"}


def from_text(text: str) -> Network:
    """The network that a text describes; raises NetworkError with the mend where it describes none."""
    if not isinstance(text, str):
        raise NetworkError(f"{text!r} is neither a Network nor the text of one: write {EXAMPLE}")
    if text in SOURCES:
        return SOURCES[text].network
    shape, *options = split(text, ";")
    sizes_text, _, layers_text = shape.partition(":")
    settings = _settings(options)
    sample = read_shape(sizes_text)
    if sample and layers_text:
        if "bias" in settings:
            raise NetworkError("bias=... is for a row of dense layers: write it into the layer, dense(3,bias=none)")
        return Network(sample[0] if len(sample) == 1 else sample, read_layers(layers_text), **_options(settings))
    sizes = _sizes(sizes_text, text)
    activations = _activations(layers_text, len(sizes) - 1)
    biases = _biases(settings.pop("bias", "unit"), len(sizes) - 1)
    return Network(sizes[0], tuple(map(Dense, sizes[1:], activations, biases)), **_options(settings))


def to_text(network: Network) -> str:
    """The text form that `from_text` reads back."""
    shape = _dense_row(network) if network.is_dense else _any_layers(network)
    loss = network.loss if network.setting is None else f"{network.loss}({network.setting})"
    ties = ",".join(f"{tied}~{of}" for tied, of in network.ties)
    told = {"loss": loss, "reduction": network.reduction, "naming": network.naming, "ties": ties}
    told |= {"l1": str(float(network.l1)), "l2": str(float(network.l2))}
    return ";".join([shape, *(f"{key}={value}" for key, value in told.items() if value != PLAIN[key])])


def _dense_row(network: Network) -> str:
    layers = network.dense_layers
    shape = "-".join(map(str, network.sizes)) + ":" + ",".join(layer.activation for layer in layers)
    biases = [layer.bias for layer in layers]
    bias = biases[0] if len(set(biases)) == 1 else ",".join(biases)
    return shape if bias == "unit" else f"{shape};bias={bias}"


def _any_layers(network: Network) -> str:
    return "x".join(map(str, network.input_shape)) + ":" + write_layers(network.layers)


def _options(settings: dict[str, str]) -> dict[str, Any]:
    """The fields of a Network that settings stand for."""
    options: dict[str, Any] = {key: settings[key] for key in ("reduction", "naming") if key in settings}
    if "loss" in settings:
        options["loss"], bracket, setting = settings["loss"].partition("(")
        options |= {"setting": _number("loss", setting.rstrip(")"))} if bracket else {}
    if "ties" in settings:
        pairs = [part.partition("~")[::2] for part in settings["ties"].split(",")]
        options["ties"] = tuple((tied.strip(), of.strip()) for tied, of in pairs)
    return options | {key: _number(key, settings[key]) for key in ("l1", "l2") if key in settings}


def _number(key: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise NetworkError(f"{text!r} is no number for {key}: write for example {key}=0.1") from None


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
