"""Single primitives as operations: squashing functions, products, types, windows."""

from typing import Any

import numpy as np

from gradcheck.backprop.plans.kernels import product
from gradcheck.backprop.plans.operations import CONSTANT, ELEMENTWISE, Graph
from gradcheck.backprop.plans.views import known
from gradcheck.backprop.recorder import Step
from gradcheck.backprop.rules.windows import overlap

# exp(z) is kept below this; beyond it 1 - sigmoid(z), under 1e-307, is as good as 0, and inf/inf does not come up.
HUGE, HUGE_SINGLE = 2.0**1021, 2.0**125


def sigmoid(graph: Graph, step: Step, a: int) -> int:
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


def relu(graph: Graph, step: Step, a: int) -> int:
    """max(a, 0)."""
    return graph.elementwise(np.maximum, a, graph.constant(0.0, graph[a].dtype))


def identity(graph: Graph, step: Step, a: int) -> int:
    """The value itself."""
    return a


def astype(graph: Graph, step: Step, a: int) -> int:
    """A copy in another type, where it is another."""
    if graph[a].dtype == step.value.dtype:
        return a

    def emit(arrays: Any, out: Any) -> Any:
        return _cast, (out, arrays[0])

    return graph.kernel(("astype", step.value.dtype), (a,), step.value.shape, step.value.dtype, emit)


def _cast(out: Any, array: Any) -> None:
    np.copyto(out, array, casting="unsafe")


def matmul(graph: Graph, step: Step, a: int, b: int) -> int:
    """One product of matrices. A constant on the left that lies in columns is laid out in rows once: 12 % faster."""
    constant = graph[a].data if graph[a].kind == CONSTANT else None
    if constant is not None and constant.ndim == 2 and not constant.flags.c_contiguous:
        a = graph.constant(np.ascontiguousarray(constant))
    return graph.kernel("matmul", (a, b), step.value.shape, step.value.dtype, product)


def unwindows(graph: Graph, step: Step, parts: int) -> int:
    """Zeros, and every place of the windows added where it came from."""
    options = {name: step.options[name] for name in ("window", "stride", "dilation")}

    def fill(out: Any, array: Any) -> None:
        out[...] = 0
        overlap(out, array, **options)

    return graph.kernel(
        ("unwindows", known(step.options)), (parts,), step.value.shape, step.value.dtype,
        lambda arrays, out: (fill, (out, arrays[0])),
    )  # fmt: skip
