"""Views, and what is put together from pieces."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from gradcheck.backprop.plans.kernels import stored
from gradcheck.backprop.plans.operations import ASSEMBLE, Graph, Operation
from gradcheck.backprop.primitives import PRIMITIVES
from gradcheck.backprop.recorder import Step
from gradcheck.backprop.rules.indexing import is_basic


def view(name: str, make: Callable[..., Callable[[Any], Any]]) -> Callable[..., int]:
    """The form of a primitive that is a view, which `make` makes from its settings."""
    return lambda graph, step, a: graph.view((name, known(step.options)), a, step.value.shape, make(**step.options))


def known(data: Any) -> Any:
    """Settings as something that can be compared: arrays by identity."""
    if isinstance(data, slice):
        return ("slice", known(data.start), known(data.stop), known(data.step))
    if isinstance(data, tuple | list):
        return tuple(known(part) for part in data)
    if hasattr(data, "items"):
        return tuple((key, known(part)) for key, part in data.items())
    return ("array", id(data)) if isinstance(data, np.ndarray) else data


def reshape(graph: Graph, step: Step, a: int, shape: tuple[int, ...] = ()) -> int:
    """A view where the memory allows, which is known when it is there; else a copy in the order of rows."""
    shape = step.value.shape
    return graph.view(("reshape", shape), a, shape, lambda array: array.reshape(shape))


def broadcast(graph: Graph, step: Step, a: int) -> int:
    """A view with steps of 0."""
    shape = step.value.shape
    return graph.view("broadcast", a, shape, lambda array: np.broadcast_to(array, shape))


def take(graph: Graph, step: Step, a: int) -> int:
    """A view where the index is of slices and numbers, else a copy."""
    index = step.options["index"]
    if is_basic(index):
        return graph.view(("take", known(index)), a, step.value.shape, lambda array: array[_open(index)])
    emit = stored(PRIMITIVES["take"].value, step.options)
    return graph.kernel(("take", known(index)), (a,), step.value.shape, step.value.dtype, emit)


def _open(index: Any) -> tuple[Any, ...]:
    """The index as a tuple with an ellipsis: what it reads is a view also where it is one number."""
    parts = index if isinstance(index, tuple) else (index,)
    return parts if any(part is Ellipsis for part in parts) else (*parts, Ellipsis)


def assemble(graph: Graph, step: Step, *pieces: int) -> int:
    """Pieces by slices, which can be made in their places; by numbers they are added up in one call."""
    indices = step.options["indices"]
    if not all(is_basic(index) for index in indices):
        emit = stored(PRIMITIVES["assemble"].value, step.options)
        return graph.kernel(("assemble", known(indices)), pieces, step.value.shape, step.value.dtype, emit)
    what = ("assemble", known(indices))
    return graph.add(Operation(ASSEMBLE, what, pieces, step.value.shape, step.value.dtype, indices))


def concatenate(graph: Graph, step: Step, *parts: int) -> int:
    """An assembly of parts that lie end to end."""
    axis = step.options["axis"]
    ends = np.cumsum([0, *(graph[part].shape[axis] for part in parts)]).tolist()
    spans = tuple((slice(None),) * axis + (slice(i, j),) for i, j in pairwise(ends))
    what = ("assemble", known(spans))
    return graph.add(Operation(ASSEMBLE, what, parts, step.value.shape, step.value.dtype, spans))
