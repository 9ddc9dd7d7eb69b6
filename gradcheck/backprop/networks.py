"""A network's loss and gradient by reverse mode, with the adjoint of every intermediate."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradcheck.backprop import arrays as xp
from gradcheck.backprop.readings.layers import read_layers
from gradcheck.backprop.readings.losses import read_loss
from gradcheck.backprop.readings.notebooks import Notebook, places
from gradcheck.backprop.tape import Tape
from gradcheck.backprop.variables import Variable
from gradcheck.network.fitting import fit
from gradcheck.network.names import activation_name, pre_activation_name
from gradcheck.network.networks import Network, Point
from gradcheck.results.arrays import Floats, frozen_arrays


@dataclass(frozen=True, slots=True)
class Backprop:
    """Loss and gradient of a network at a point; values and adjoints of what its layers compute, by name.

    gradient: in the shapes of the parameters. values, adjoints: `z1`, `a1`, `h2`, ... in the shape of a sample, or
    (samples, ...) for a batch, so that their labels are the names of `network.names`; in the article's naming one
    scalar per name (`neth1`). What hangs on the data alone (the mean of the inputs) has no adjoint.
    """

    loss: float
    gradient: Mapping[str, Floats]
    values: Mapping[str, Floats]
    adjoints: Mapping[str, Floats]

    def __post_init__(self) -> None:
        for field in ("gradient", "values", "adjoints"):
            object.__setattr__(self, field, frozen_arrays(getattr(self, field)))


def forward(network: Network, point: Point) -> float:
    """The loss; raises NetworkError unless the point belongs to the network."""
    return loss_of(network, point)(point.params)


def loss_of(network: Network, point: Point) -> Callable[[Mapping[str, Any]], float]:
    """The loss as a function of the parameters by name, at the point's inputs and targets."""
    fit(network, point)

    def loss(params: Mapping[str, Any]) -> float:
        with np.errstate(all="ignore"):  # what overflows is infinite, and the verdict says so
            return float(read(Notebook(network, _entered(network, params)), point.inputs, point.targets))

    return loss


def function_of(network: Network, point: Point) -> Callable[[Mapping[str, Any]], Any]:
    """The loss of named parameters that may be under differentiation, at the point's inputs and targets."""
    fit(network, point)
    return lambda params: read(Notebook(network, entered(network, params)), point.inputs, point.targets)


def entered(network: Network, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The parameters, which may be under differentiation, as a notebook takes them: the article's as one vector."""
    names = places(network)[0] if network.naming == "article" else ()
    return {"": xp.stack([params[name] for name in names])} if names else params


def gradient(network: Network, point: Point) -> Backprop:
    """Loss, gradient and all adjoints; raises NetworkError unless the point belongs to the network."""
    fit(network, point)
    with np.errstate(all="ignore"):
        tape, book, loss = _taped(network, point)
        entered = book.params
        noted = [one for value in book.values.values() for one in _steps(value)]
        bars = tape.pullback([loss], [1.0], [*entered.values(), *filter(_is_variable, noted)])
    adjoints = dict(zip(map(id, [*entered.values(), *filter(_is_variable, noted)]), bars, strict=True))
    return Backprop(
        loss=float(_plain(loss)),
        gradient=_by_name(network, {name: adjoints[id(one)] for name, one in entered.items()}),
        values=_named(book, point.samples, _plain),
        adjoints=_named(_moving(book), point.samples, lambda one: adjoints[id(one)]),
    )


def largest_weight(network: Network, point: Point) -> float:
    """The largest |value · adjoint| of all that is computed: what one relative error moves the loss by, times it.

    Where terms of that weight cancel in a partial, it is known to no more than their rounding.
    """
    with np.errstate(all="ignore"):
        tape, _, loss = _taped(network, point)
        computed = [Variable(record.value, tape, record.slot) for record in tape.records]
        bars = tape.pullback([loss], [1.0], computed)
        moves = [np.abs(bar * one.value) for bar, one in zip(bars, computed, strict=True)]
    return float(max((move.max(initial=0.0, where=np.isfinite(move)) for move in moves), default=0.0))


def layer_values(network: Network, point: Point) -> dict[str, Floats]:
    """All values that the layers note, by name, (samples, ...); raises NetworkError unless the point belongs to it."""
    fit(network, point)
    book = Notebook(network, _entered(network, point.params))
    with np.errstate(all="ignore"):
        read(book, point.inputs, point.targets)
    return {name: _whole(value, _plain) for name, value in book.values.items()}


def read(book: Notebook, inputs: Any, targets: Any) -> Any:
    """The loss of the batch, by the parameters in the notebook."""
    return read_loss(book, read_layers(book, book.network.stations, inputs), targets)


def _taped(network: Network, point: Point) -> tuple[Tape, Notebook, Any]:
    """The tape of one forward pass, with the values noted on the way and the loss."""
    tape = Tape()
    book = Notebook(network, {name: tape.variable(array) for name, array in _entered(network, point.params).items()})
    return tape, book, read(book, point.inputs, point.targets)


def _entered(network: Network, params: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters as arrays; the article's scalars as one vector."""
    if network.naming == "article":
        return {"": np.array([params[name] for name in places(network)[0]], dtype=np.float64)}
    return {name: np.asarray(array, dtype=np.float64) for name, array in params.items()}


def _by_name(network: Network, arrays: Mapping[str, Any]) -> dict[str, Any]:
    """What belongs to the parameters, by their names."""
    return dict(zip(places(network)[0], arrays[""], strict=True)) if network.naming == "article" else dict(arrays)


def _named(book: Notebook, samples: int, number: Callable[[Any], Any]) -> dict[str, Any]:
    named: dict[str, Any] = {}
    for name, value in book.values.items():
        rows = _whole(value, number)
        if book.network.naming == "article":
            name_of = {"z": pre_activation_name, "a": activation_name}[name[0]]
            layer = int(name[1:]) - 1
            named |= {name_of(book.network, layer, u, s, samples): rows[s, u] for s, u in np.ndindex(rows.shape)}
        else:
            named[name] = rows[0] if samples == 1 and name not in book.shared else rows
    return named


def _moving(book: Notebook) -> Notebook:
    """The notebook without the values that hang on no parameter."""
    moving = {name: value for name, value in book.values.items() if all(map(_is_variable, _steps(value)))}
    return Notebook(book.network, book.params, moving, book.shared)


def _steps(value: Any) -> list[Any]:
    """A noted value as the list of its steps."""
    return value if isinstance(value, list) else [value]


def _whole(value: Any, number: Callable[[Any], Any]) -> Any:
    """The numbers of a noted value; of one per step an array with the steps behind the samples."""
    return np.stack([number(step) for step in value], 1) if isinstance(value, list) else number(value)


def _is_variable(value: Any) -> bool:
    return type(value) is Variable


def _plain(value: Any) -> Any:
    return value.value if _is_variable(value) else np.asarray(value)
