"""Every partial of a network of dense layers by differences, at the price of some dozen forward passes.

z = W·a + b is linear in W and b: the loss of each sample is differenced in each pre-activation of that sample alone,
samples x units unknowns instead of parameters, and ∂L/∂W = Σ ∂L/∂z · a is taken as given, so that something else must
cover it. Only what lies above the moved unit is computed again. In here samples stand in the last axis.
"""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from gradcheck.checks.moved_units import Layer, layers_at, losses_above, losses_of, outputs_of
from gradcheck.network.names import weight_names
from gradcheck.network.networks import Network, Point
from gradcheck.network.norms import BatchNorm
from gradcheck.network.stations import TRANSPOSED, walk
from gradcheck.numeric.rows import Slopes, slopes_of_rows
from gradcheck.numeric.steps import magnitude_of
from gradcheck.precision import EPS
from gradcheck.results.arrays import Floats
from gradcheck.results.estimates import Estimate

# Numbers in one buffer: 1 MB. With 2^13, 2^14 ... 2^18 and 2^20 all took 91, 81, 64, 60, 56, 59 and 67 forward passes.
BUFFER = 2**17
# Some 20 seconds: the 1.5e9 of 784-512-512-10, batch 128, take 1.6 (bench_structured.py).
MOST = 2.0**34


def obstacle(network: Network, samples: int = 1) -> str | None:
    """What in the network or the size of its batch forbids it, in words; None where nothing does."""
    if any(isinstance(station.layer, BatchNorm) for station in walk(network.stations)):
        return "batch norm couples the samples"
    if not network.is_dense:
        return "not every layer is dense"
    if network.naming == "article":
        return "its weights are numbered one by one"
    return f"they would take {work:.0e} multiplications" if (work := _work(network, samples)) > MOST else None


def _work(network: Network, samples: int) -> float:
    """How many multiplications the differences take: above every unit the next layer's units, then whole products."""
    sizes = network.sizes[1:]
    products = [below * above for below, above in pairwise(sizes)]
    each = [next_ + sum(products[k + 1 :]) for k, next_ in enumerate((*sizes[1:], sizes[-1]))]
    return 4.0 * samples * sum(units * numbers for units, numbers in zip(sizes, each, strict=True))


def differences(network: Network, point: Point, buffer: int = BUFFER) -> dict[str, Estimate]:
    """The partials of the loss in every parameter, each with its error bar, of a network without obstacle.

    The bar of a partial is the sum of those of its terms, and what rounding adds in summing them. buffer: how many
    numbers to keep at once. Raises NetworkError unless the point belongs to the network.
    """
    layers = layers_at(network, point)
    total = {name: Slopes(*(np.zeros(array.shape) for _ in range(3))) for name, array in point.params.items()}
    with np.errstate(all="ignore"):
        centre = losses_of(network, point.targets.T, outputs_of(layers[-1:], layers[-1].z))
        count = point.samples if network.reduction == "mean" else 1
        size = np.abs(centre)  # what a relative rounding of everything above moves the losses by
        for k, layer in reversed(list(enumerate(layers))):
            above = losses_above(network, point, layers[k:])
            at_once = max(1, buffer // (4 * point.samples * max(one.z.shape[0] for one in layers[k:][:2])))
            slopes = slopes_of_rows(above, layer.z, centre, size, at_once)
            size = size + np.abs(layer.z * slopes.value).sum(axis=0)
            for name, part in _contracted(network, layer, slopes, count):
                _add(network, total, name, part)
        if network.l1 or network.l2:
            for name in weight_names(network):
                _add(network, total, name, _penalty_slopes(network, point.params[name]))
    loss = float(np.abs(centre).sum()) / count
    scales = {name: np.asarray(loss / magnitude_of(array)) for name, array in point.params.items()}
    return {name: _to_estimate(part, scales[name]) for name, part in total.items()}


def _contracted(network: Network, layer: Layer, slopes: Slopes, count: int) -> Iterator[tuple[str, Slopes]]:
    """What the slopes in a layer's pre-activations make of those in its parameters, under the layer's own names."""
    samples = layer.z.shape[1]
    value, gap = slopes.value / count, np.abs(slopes.gap) / count
    bar = slopes.bar / count + (samples + 1) * EPS * np.abs(value)
    size = np.abs(layer.a)
    gaps = gap @ size.T if gap.any() else np.zeros(layer.weights.shape)
    yield f"W{layer.number}", Slopes(value @ layer.a.T, bar @ size.T, gaps)
    if layer.bias.size and network.dense_layers[layer.number - 1].bias != "none":
        axis = 1 if network.dense_layers[layer.number - 1].bias == "unit" else None
        yield f"b{layer.number}", Slopes(value.sum(axis), bar.sum(axis), gap.sum(axis))


def _penalty_slopes(network: Network, weights: Floats) -> Slopes:
    """l1·|w| + l2/2·w² of every weight, differenced as a sample of one number."""

    def penalties(_: slice, places: Floats) -> Floats:
        return np.asarray(network.l1 * np.abs(places) + network.l2 / 2 * np.square(places))

    x = weights.reshape(1, -1)
    centre = penalties(slice(0, 1), x)[0]
    slopes = slopes_of_rows(penalties, x, centre, centre, 1)
    return Slopes(*(getattr(slopes, field).reshape(weights.shape) for field in Slopes.__slots__))


def _add(network: Network, total: dict[str, Slopes], name: str, part: Slopes) -> None:
    """Adds a part to the parameter that it belongs to, which may be tied to another."""
    of = dict(network.ties).get(name, name)
    for field in Slopes.__slots__:
        array = getattr(part, field)
        getattr(total[of.removesuffix(TRANSPOSED)], field)[...] += array.T if of.endswith(TRANSPOSED) else array


def _to_estimate(part: Slopes, scale: Floats) -> Estimate:
    shape = part.value.shape
    none, zero = np.broadcast_to(np.nan, (1, *shape)), np.broadcast_to(0.0, shape)
    slopes = np.array([part.value - part.gap, part.value + part.gap]) if part.gap.any() else None
    on_corner = None if slopes is None else np.where(part.gap > 0, slopes, np.nan)
    bar = np.where(np.isfinite(part.bar), part.bar, np.inf)
    for array in (part.value, bar, scale):
        array.setflags(write=False)  # an Estimate copies what can still be written to
    return Estimate(part.value, bar, zero, none, none, 0, scale, zero, on_corner)
