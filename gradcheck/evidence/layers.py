"""Inside a network: the size of the gradient per layer, every parameter's partials, the gates over time."""

from collections.abc import Mapping

import numpy as np

from gradcheck.backprop.networks import Backprop
from gradcheck.network.names import bias_place, weight_place
from gradcheck.network.networks import Network
from gradcheck.network.recurrent import GRU, LSTM
from gradcheck.network.stations import Station, walk
from gradcheck.results.arrays import Floats
from gradcheck.results.figures import GateCurve, Gates, HeatMap, LayerSizes, NetworkFigures

# σ' = σ·(1 - σ) is largest where σ = 1/2: a sigmoid layer keeps a quarter of the error at most, times its weights.
KEPT = 0.25
# Of fewer steps from layer to layer nobody would say that something vanishes along them.
LEAST = 3
WORDS = {
    "i": "input gate: how much of the candidate is written",
    "f": "forget gate: how much of the cell is kept",
    "o": "output gate: how much of the cell is shown",
    "r": "reset gate: how much of the state the candidate sees",
    "u": "update gate: how much of the state is kept",
    "g": "candidate",
    "n": "candidate",
    "c": "cell",
    "h": "state",
}
SHOWN = {LSTM: "ifogch", GRU: "runh"}


def look_inside(network: Network, reverse: Backprop) -> NetworkFigures:
    """The figures of a network from its values and its gradient at a point."""
    layers = {station: _partials(network, station, reverse.gradient) for station in walk(network.stations)}
    found = {station: arrays for station, arrays in layers.items() if arrays}
    maps = (HeatMap(name, _as_rows(array)) for arrays in found.values() for name, array in arrays.items())
    gates = (_gates(station, reverse.values) for station in layers if type(station.layer) in SHOWN)
    return NetworkFigures(_sizes(network, found) if len(found) > 1 else None, tuple(maps), tuple(gates))


def _partials(network: Network, station: Station, gradient: Mapping[str, Floats]) -> dict[str, Floats]:
    """The partials of a layer's own parameters; the article's numbered ones put together under `W1` and `b1`."""
    if network.naming == "matrix":
        return {name: np.asarray(gradient[name]) for name in station.parameters if name in gradient}
    k, units = station.number - 1, range(station.leaving[-1])
    places = [[weight_place(network, k, unit, source)[0] for source in range(station.entering[-1])] for unit in units]
    biases = dict.fromkeys(place[0] for unit in units if (place := bias_place(network, k, unit)))
    weights = {_span(places[0][0], places[-1][-1]): np.array([[float(gradient[n]) for n in row] for row in places])}
    if not biases:
        return weights
    first, *_, last = [*biases, *biases]
    return weights | {_span(first, last): np.array([float(gradient[n]) for n in biases])}


def _span(first: str, last: str) -> str:
    return first if last == first else f"{first} to {last}"


def _as_rows(array: Floats) -> Floats:
    """Rows of a matrix; a vector is one row, the windows of a convolution one row per channel."""
    return array.reshape(1, -1) if array.ndim < 2 else array.reshape(len(array), -1)


def _sizes(network: Network, found: Mapping[Station, Mapping[str, Floats]]) -> LayerSizes:
    rms = [_root_mean_square(np.concatenate([np.ravel(one) for one in arrays.values()])) for arrays in found.values()]
    return LayerSizes(tuple(map(_called, found)), np.array(rms), _verdict(found, rms))


def _root_mean_square(partials: Floats) -> float:
    """By the largest of them: the squares of large ones would overflow, those of small ones vanish."""
    largest = float(np.max(np.abs(partials)))
    if not largest or not np.isfinite(largest):
        return largest
    return largest * float(np.sqrt(np.mean(np.square(partials / largest))))


def _called(station: Station) -> str:
    kind = getattr(station.layer, "activation", "")
    return f"{station.number}: {type(station.layer).__name__}{f', {kind}' if kind else ''}"


def _verdict(found: Mapping[Station, object], rms: list[float]) -> str:
    """What the sizes say: vanishing where every layer keeps less than a quarter on average, exploding the other way."""
    steps = len(rms) - 1
    if not rms[0] or not rms[-1] or not np.isfinite(rms).all():
        return "The partials of a layer are all 0 or not finite: it cannot learn from them."
    share = rms[0] / rms[-1]
    if steps < LEAST:
        return f"The partials of the first layer are {_times(share)} those of the last."
    if share > KEPT**-steps:
        return f"The gradient explodes towards the input: the first layer's is {_times(share)} the last one's."
    if share >= KEPT**steps:
        return f"The gradient reaches the input: the first layer's is {_times(share)} the last one's."
    sigmoids = sum(getattr(station.layer, "activation", "") == "sigmoid" for station in list(found)[:-1])
    because = (
        f" On its way back the error passes {sigmoids} sigmoids, and each multiplies it by σ′ = a·(1 − a), at most "
        f"1/4, times the weights: by 1/4 alone it would be {4**sigmoids:,} times smaller."
    )
    return (
        f"The gradient vanishes towards the input: the first layer's is {_times(share)} the last one's."
        f"{because if sigmoids else ''} The first layers hardly learn: weights and activations make it so, no error."
    )


def _times(share: float) -> str:
    """`3.2 times`, `740,000 times smaller than`."""
    if share >= 1:
        return f"{float(f'{share:.2g}'):,g} times"
    return f"{float(f'{1 / share:.2g}'):,.12g} times smaller than"


def _gates(station: Station, values: Mapping[str, Floats]) -> Gates:
    curves = []
    for letter in SHOWN[type(station.layer)]:
        name = f"{letter}{station.number}"
        if name in values:
            steps = np.asarray(values[name])
        else:  # coupled: what is not forgotten is written
            name, steps = f"{name} = 1 - f{station.number}", 1.0 - np.asarray(values[f"f{station.number}"])
        first = steps if steps.ndim == 2 else steps[0]
        low, high = _range(letter, first)
        curves.append(GateCurve(name, WORDS[letter], first, low, high))
    return Gates(_called(station), tuple(curves))


def _range(letter: str, steps: Floats) -> tuple[float, float]:
    """A gate lies between 0 and 1, a candidate and a state between -1 and 1, a cell anywhere."""
    if letter in "iforu":
        return 0.0, 1.0
    most = max(1.0, float(np.ceil(np.max(np.abs(steps))))) if letter == "c" and np.isfinite(steps).all() else 1.0
    return -most, most
