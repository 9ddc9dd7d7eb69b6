"""Every primitive as operations; what has no form of its own here runs as its value, copied into the kept buffer."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np

from gradcheck.backprop.plans import simplifying
from gradcheck.backprop.plans.kernels import column_sums, inner_product, product, reduction, stored
from gradcheck.backprop.plans.operations import ASSEMBLE, ELEMENTWISE, GUARD, Graph, Operation
from gradcheck.backprop.primitives import PRIMITIVES
from gradcheck.backprop.recorder import Guard, Recorder, Slot, Step
from gradcheck.backprop.rules.indexing import is_basic
from gradcheck.backprop.rules.windows import overlap, windowed

ARITHMETIC: dict[str, Callable[..., int]] = {
    "add": simplifying.add,
    "sub": simplifying.subtract,
    "mul": simplifying.multiply,
    "div": simplifying.divide,
    "neg": simplifying.negative,
}
REDUCTIONS = {"sum": np.add, "max": np.maximum, "min": np.minimum}

# exp(z) is kept below this; beyond it 1 - sigmoid(z), under 1e-307, is as good as 0, and inf/inf does not come up.
HUGE, HUGE_SINGLE = 2.0**1021, 2.0**125


def lowered(recorder: Recorder, inputs: int) -> tuple[Graph, list[int]]:
    """The graph of a record, and the place of every slot in it."""
    graph, places = Graph(), [-1] * len(recorder.values)
    for number in range(inputs):
        places[number] = graph.input(number, recorder.values[number])
    for step in recorder.steps:
        if isinstance(step, Guard):
            guard = (step.kind, step.outcome)
            graph.operations.append(
                Operation(GUARD, len(graph.operations), (places[step.place],), (), np.dtype(bool), guard)
            )
        else:
            places[step.slot] = _lower(graph, step, [_entered(graph, places, step, arg) for arg in step.args])
    return graph, places


def _entered(graph: Graph, places: Sequence[int], step: Step, arg: Any) -> int:
    """The place of an argument; a Python number takes the type of its partners, as NumPy has it."""
    if isinstance(arg, Slot):
        return places[arg.place]
    if not isinstance(arg, int | float | complex) or isinstance(arg, np.generic | bool):
        return graph.constant(arg)
    partners = [graph[places[other.place]].dtype for other in step.args if isinstance(other, Slot)]
    partners += [np.asarray(other).dtype for other in step.args if hasattr(other, "dtype")]
    return graph.constant(arg, np.result_type(arg, *partners))


def _lower(graph: Graph, step: Step, args: list[int]) -> int:
    value = PRIMITIVES[step.name].value
    if step.name in ARITHMETIC:
        return ARITHMETIC[step.name](graph, *args)
    if step.name in LOWERED:
        return LOWERED[step.name](graph, step, *args)
    if isinstance(value, np.ufunc):
        return graph.elementwise(value, *args, dtype=step.value.dtype)
    emit = stored(value, step.options)
    return graph.kernel((step.name, len(graph.operations)), tuple(args), step.value.shape, step.value.dtype, emit)


def _view(name: str, view: Callable[..., Callable[[Any], Any]]) -> Callable[..., int]:
    return lambda graph, step, a: graph.view((name, known(step.options)), a, step.value.shape, view(**step.options))


def known(data: Any) -> Any:
    """Settings as something that can be compared: arrays by identity."""
    if isinstance(data, slice):
        return ("slice", known(data.start), known(data.stop), known(data.step))
    if isinstance(data, tuple | list):
        return tuple(known(part) for part in data)
    if hasattr(data, "items"):
        return tuple((key, known(part)) for key, part in data.items())
    return ("array", id(data)) if isinstance(data, np.ndarray) else data


def _reshape(graph: Graph, step: Step, a: int, shape: tuple[int, ...] = ()) -> int:
    """A view where the memory allows, which is known when it is there; else a copy in the order of rows."""
    shape = step.value.shape
    return graph.view(("reshape", shape), a, shape, lambda array: array.reshape(shape))


def _broadcast(graph: Graph, step: Step, a: int) -> int:
    shape = step.value.shape
    return graph.view("broadcast", a, shape, lambda array: np.broadcast_to(array, shape))


def _take(graph: Graph, step: Step, a: int) -> int:
    index = step.options["index"]
    if is_basic(index):
        return graph.view(("take", known(index)), a, step.value.shape, lambda array: array[_open(index)])
    emit = stored(PRIMITIVES["take"].value, step.options)
    return graph.kernel(("take", known(index)), (a,), step.value.shape, step.value.dtype, emit)


def _open(index: Any) -> tuple[Any, ...]:
    """The index as a tuple with an ellipsis: what it reads is a view also where it is one number."""
    parts = index if isinstance(index, tuple) else (index,)
    return parts if any(part is Ellipsis for part in parts) else (*parts, Ellipsis)


def _sum(graph: Graph, step: Step, a: int) -> int:
    """A reduction; over axes of size 1 another shape, of all squares or products one pass, of columns a product."""
    axis, operation, dtype = step.options["axis"], graph[a], step.value.dtype
    axes = tuple(range(len(operation.shape))) if axis is None else axis
    if operation.dtype != dtype:
        return _reduce(graph, step, a)
    if all(operation.shape[k] == 1 for k in axes):
        return _reshape(graph, step, a)
    if len(axes) == len(operation.shape) and not step.options["keepdims"] and operation.kind == ELEMENTWISE:
        pair = operation.args * 2 if operation.what is np.square else operation.args
        if operation.what in (np.square, np.multiply) and all(
            graph[k].shape == operation.shape and graph[k].dtype == dtype for k in pair
        ):
            return graph.kernel("inner product", pair, (), dtype, inner_product)
    if axes == (0,) and len(operation.shape) == 2 and not step.options["keepdims"] and dtype.kind == "f":
        ones = graph.constant(_ones(operation.shape[0], dtype))
        return graph.kernel("column sums", (a, ones), step.value.shape, dtype, column_sums)
    return _reduce(graph, step, a)


@lru_cache(maxsize=64)
def _ones(size: int, dtype: np.dtype[Any]) -> Any:
    return np.ones(size, dtype)


def _reduce(graph: Graph, step: Step, a: int) -> int:
    axis, keepdims = step.options["axis"], step.options["keepdims"]
    emit = reduction(REDUCTIONS[step.name], axis, keepdims)
    return graph.kernel((step.name, axis, keepdims), (a,), step.value.shape, step.value.dtype, emit)


def _matmul(graph: Graph, step: Step, a: int, b: int) -> int:
    return graph.kernel("matmul", (a, b), step.value.shape, step.value.dtype, product)


def _sigmoid(graph: Graph, step: Step, a: int) -> int:
    """e/(1 + e) with e = exp(a); and of a number that was negated 1/(1 + e), which needs no exp of its own."""
    if graph[a].kind == ELEMENTWISE and graph[a].what is np.negative:
        return graph.elementwise(np.divide, _one(graph, a), _above_one(graph, graph[a].args[0]))
    return graph.elementwise(np.divide, _grown(graph, a), _above_one(graph, a))


def _grown(graph: Graph, a: int) -> int:
    """exp(a), but no more than HUGE."""
    whole = graph.elementwise(np.exp, a)
    if graph[a].dtype.kind == "c":
        return whole
    top = HUGE if graph[a].dtype.itemsize == 8 else HUGE_SINGLE
    return graph.elementwise(np.minimum, whole, graph.constant(top, graph[a].dtype))


def _above_one(graph: Graph, a: int) -> int:
    return graph.elementwise(np.add, _grown(graph, a), _one(graph, a))


def _one(graph: Graph, a: int) -> int:
    return graph.constant(1.0, graph[a].dtype)


def _relu(graph: Graph, step: Step, a: int) -> int:
    return graph.elementwise(np.maximum, a, graph.constant(0.0, graph[a].dtype))


def _identity(graph: Graph, step: Step, a: int) -> int:
    return a


def _astype(graph: Graph, step: Step, a: int) -> int:
    if graph[a].dtype == step.value.dtype:
        return a

    def emit(arrays: Any, out: Any) -> Any:
        return _cast, (out, arrays[0])

    return graph.kernel(("astype", step.value.dtype), (a,), step.value.shape, step.value.dtype, emit)


def _cast(out: Any, array: Any) -> None:
    np.copyto(out, array, casting="unsafe")


def _softmax(graph: Graph, step: Step, a: int) -> int:
    axis = step.options["axis"]
    shape = tuple(1 if k == axis else size for k, size in enumerate(graph[a].shape))
    dtype = graph[a].dtype
    top = graph.kernel(("max", (axis,), True), (a,), shape, dtype, reduction(np.maximum, (axis,), True))
    share = graph.elementwise(np.exp, graph.elementwise(np.subtract, a, top))
    whole = graph.kernel(("sum", (axis,), True), (share,), shape, dtype, reduction(np.add, (axis,), True))
    return graph.elementwise(np.divide, share, whole)


def _logsumexp(graph: Graph, step: Step, a: int) -> int:
    axis, keepdims, dtype = step.options["axis"], step.options["keepdims"], graph[a].dtype
    axes = tuple(range(len(graph[a].shape))) if axis is None else axis
    shape = tuple(1 if k in axes else size for k, size in enumerate(graph[a].shape))
    top = graph.kernel(("max", axes, True), (a,), shape, dtype, reduction(np.maximum, axes, True))
    share = graph.elementwise(np.exp, graph.elementwise(np.subtract, a, top))
    whole = graph.kernel(("sum", axes, True), (share,), shape, dtype, reduction(np.add, axes, True))
    value = graph.elementwise(np.add, graph.elementwise(np.log, whole), top)
    return value if keepdims else _reshape(graph, step, value)


def _assemble(graph: Graph, step: Step, *pieces: int) -> int:
    indices = step.options["indices"]
    if not all(is_basic(index) for index in indices):
        emit = stored(PRIMITIVES["assemble"].value, step.options)
        return graph.kernel(("assemble", known(indices)), pieces, step.value.shape, step.value.dtype, emit)
    what = ("assemble", known(indices))
    return graph.add(Operation(ASSEMBLE, what, pieces, step.value.shape, step.value.dtype, indices))


def _concatenate(graph: Graph, step: Step, *parts: int) -> int:
    axis = step.options["axis"]
    ends = np.cumsum([0, *(graph[part].shape[axis] for part in parts)]).tolist()
    spans = tuple((slice(None),) * axis + (slice(i, j),) for i, j in pairwise(ends))
    what = ("assemble", known(spans))
    return graph.add(Operation(ASSEMBLE, what, parts, step.value.shape, step.value.dtype, spans))


def _unwindows(graph: Graph, step: Step, parts: int) -> int:
    options = {name: step.options[name] for name in ("window", "stride", "dilation")}

    def fill(out: Any, array: Any) -> None:
        out[...] = 0
        overlap(out, array, **options)

    return graph.kernel(
        ("unwindows", known(step.options)), (parts,), step.value.shape, step.value.dtype,
        lambda arrays, out: (fill, (out, arrays[0])),
    )  # fmt: skip


LOWERED: dict[str, Callable[..., int]] = {
    "identity": _identity,
    "reshape": _reshape,
    "transpose": _view("transpose", lambda axes: lambda array: array.transpose(axes)),
    "windows": _view("windows", lambda **options: lambda array: windowed(array, **options)),
    "broadcast_to": _broadcast,
    "take": _take,
    "assemble": _assemble,
    "concatenate": _concatenate,
    "unwindows": _unwindows,
    "sum": _sum,
    "max": _reduce,
    "min": _reduce,
    "matmul": _matmul,
    "sigmoid": _sigmoid,
    "relu": _relu,
    "softmax": _softmax,
    "logsumexp": _logsumexp,
    "astype": _astype,
}
