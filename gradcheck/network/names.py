"""What every number of a network is called: parameters, pre-activations, activations."""

from collections.abc import Sequence

from gradcheck.labels import label
from gradcheck.network.networks import Network
from gradcheck.network.stations import walk


def parameter_shapes(network: Network) -> dict[str, tuple[int, ...]]:
    """Shape of every parameter by name, layer by layer, weights before biases; a tied name is none."""
    return _matrix_shapes(network) if network.naming == "matrix" else _article_shapes(network)


def weight_place(network: Network, layer: int, unit: int, source: int) -> tuple[str, tuple[int, ...]]:
    """(name, index) of the weight from `source` to `unit` of a layer; layers, units and sources count from 0."""
    if network.naming == "matrix":
        return f"W{layer + 1}", (unit, source)
    sizes = network.sizes
    before = sum(sizes[k] * sizes[k + 1] for k in range(layer))
    return f"w{before + unit * sizes[layer] + source + 1}", ()


def bias_place(network: Network, layer: int, unit: int) -> tuple[str, tuple[int, ...]] | None:
    """(name, index) of a unit's bias; None where the layer has none."""
    kind = network.dense_layers[layer].bias
    if kind == "none":
        return None
    if network.naming == "matrix":
        return f"b{layer + 1}", () if kind == "shared" else (unit,)
    before = sum(_biases(network, k) for k in range(layer))
    return f"b{before + (0 if kind == 'shared' else unit) + 1}", ()


def pre_activation_name(network: Network, layer: int, unit: int, sample: int = 0, samples: int = 1) -> str:
    """`z1[0]`, in the article's way `neth1`, `neto`; with a sample number where there are several samples."""
    return _value_name(network, layer, unit, sample, samples, "z", "net")


def activation_name(network: Network, layer: int, unit: int, sample: int = 0, samples: int = 1) -> str:
    """`a1[0]`, in the article's way `outh1`, `out` (the only output) or `outo1`."""
    name = _value_name(network, layer, unit, sample, samples, "a", "out")
    return "out" + name.removeprefix("outo") if _only_output(network, layer) and network.naming == "article" else name


def input_name(network: Network, source: int, sample: int = 0, samples: int = 1) -> str:
    """`x[0]`, in the article's way `x1`."""
    return _data_name(network, "x", source, sample, samples, network.sizes[0])


def target_name(network: Network, unit: int, sample: int = 0, samples: int = 1) -> str:
    """`y[0]`, in the article's way `y` (the only output) or `y1`."""
    return _data_name(network, "y", unit, sample, samples, network.sizes[-1])


def weight_names(network: Network) -> list[str]:
    """The parameters that penalties are for: weights, recurrent ones and embeddings; not biases and gains."""
    return [name for name in parameter_shapes(network) if name[0] in "WUEPw"]


def value_name(letters: str, number: int, index: Sequence[int], sample: int = 0, samples: int = 1) -> str:
    """The name of one number inside layer `number`: `h2[0,1]`; with a sample number in front of several samples."""
    return label(f"{letters}{number}", (*((sample,) if samples > 1 else ()), *index))


def data_name(letter: str, index: Sequence[int], sample: int = 0, samples: int = 1) -> str:
    """The name of one input or target in the matrix naming: `x[0]`, `x[3,0,1]`."""
    return label(letter, (*((sample,) if samples > 1 else ()), *index))


def _matrix_shapes(network: Network) -> dict[str, tuple[int, ...]]:
    tied = {name for name, _ in network.ties}
    named = (item for station in walk(network.stations) for item in station.parameters.items())
    return {name: shape for name, shape in named if name not in tied}


def _article_shapes(network: Network) -> dict[str, tuple[int, ...]]:
    sizes = network.sizes
    weights = sum(sizes[k] * sizes[k + 1] for k in range(len(network.layers)))
    biases = sum(_biases(network, k) for k in range(len(network.layers)))
    return {**{f"w{i + 1}": () for i in range(weights)}, **{f"b{i + 1}": () for i in range(biases)}}


def _biases(network: Network, layer: int) -> int:
    return {"none": 0, "shared": 1, "unit": network.dense_layers[layer].units}[network.dense_layers[layer].bias]


def _only_output(network: Network, layer: int) -> bool:
    return layer == len(network.layers) - 1 and network.sizes[-1] == 1


def _value_name(network: Network, layer: int, unit: int, sample: int, samples: int, letter: str, word: str) -> str:
    if network.naming == "matrix":
        return f"{letter}{layer + 1}[{f'{sample},' if samples > 1 else ''}{unit}]"
    tail = f"_{sample + 1}" if samples > 1 else ""
    if layer == len(network.layers) - 1:
        return f"{word}o{'' if network.sizes[-1] == 1 else unit + 1}{tail}"
    before = sum(one.units for one in network.dense_layers[:layer])
    return f"{word}h{before + unit + 1}{tail}"


def _data_name(network: Network, letter: str, place: int, sample: int, samples: int, count: int) -> str:
    if network.naming == "matrix":
        return f"{letter}[{f'{sample},' if samples > 1 else ''}{place}]"
    number = "" if letter == "y" and count == 1 else str(place + 1)
    return f"{letter}{number}{f'_{sample + 1}' if samples > 1 else ''}"
