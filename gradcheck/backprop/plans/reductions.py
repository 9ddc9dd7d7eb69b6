"""Sums, extremes, and what is made of them, with as few passes as may be."""

from functools import lru_cache
from typing import Any

import numpy as np

from gradcheck.backprop.plans.kernels import column_sums, inner_product, reduction
from gradcheck.backprop.plans.operations import ELEMENTWISE, Graph
from gradcheck.backprop.plans.views import reshape
from gradcheck.backprop.recorder import Step

REDUCTIONS = {"sum": np.add, "max": np.maximum, "min": np.minimum}


def sum_of(graph: Graph, step: Step, a: int) -> int:
    """A reduction; over axes of size 1 another shape, of all squares or products one pass, of columns a product."""
    axis, operation, dtype = step.options["axis"], graph[a], step.value.dtype
    axes = tuple(range(len(operation.shape))) if axis is None else axis
    if operation.dtype != dtype:
        return reduce(graph, step, a)
    if all(operation.shape[k] == 1 for k in axes):
        return reshape(graph, step, a)
    if len(axes) == len(operation.shape) and not step.options["keepdims"] and operation.kind == ELEMENTWISE:
        pair = operation.args * 2 if operation.what is np.square else operation.args
        if operation.what in (np.square, np.multiply) and all(
            graph[k].shape == operation.shape and graph[k].dtype == dtype for k in pair
        ):
            return graph.kernel("inner product", pair, (), dtype, inner_product)
    if axes == (0,) and len(operation.shape) == 2 and not step.options["keepdims"] and dtype.kind == "f":
        ones = graph.constant(_ones(operation.shape[0], dtype))
        return graph.kernel("column sums", (a, ones), step.value.shape, dtype, column_sums)
    return reduce(graph, step, a)


@lru_cache(maxsize=64)
def _ones(size: int, dtype: np.dtype[Any]) -> Any:
    return np.ones(size, dtype)


def reduce(graph: Graph, step: Step, a: int) -> int:
    """A sum or an extreme as it is."""
    axis, keepdims = step.options["axis"], step.options["keepdims"]
    emit = reduction(REDUCTIONS[step.name], axis, keepdims)
    return graph.kernel((step.name, axis, keepdims), (a,), step.value.shape, step.value.dtype, emit)


def softmax(graph: Graph, step: Step, a: int) -> int:
    """exp(a - max) by its sum."""
    axis = step.options["axis"]
    shape = tuple(1 if k == axis else size for k, size in enumerate(graph[a].shape))
    dtype = graph[a].dtype
    top = graph.kernel(("max", (axis,), True), (a,), shape, dtype, reduction(np.maximum, (axis,), True))
    share = graph.elementwise(np.exp, graph.elementwise(np.subtract, a, top))
    whole = graph.kernel(("sum", (axis,), True), (share,), shape, dtype, reduction(np.add, (axis,), True))
    return graph.elementwise(np.divide, share, whole)


def logsumexp(graph: Graph, step: Step, a: int) -> int:
    """max + log of the sum of exp(a - max)."""
    axis, keepdims, dtype = step.options["axis"], step.options["keepdims"], graph[a].dtype
    axes = tuple(range(len(graph[a].shape))) if axis is None else axis
    shape = tuple(1 if k in axes else size for k, size in enumerate(graph[a].shape))
    top = graph.kernel(("max", axes, True), (a,), shape, dtype, reduction(np.maximum, axes, True))
    share = graph.elementwise(np.exp, graph.elementwise(np.subtract, a, top))
    whole = graph.kernel(("sum", axes, True), (share,), shape, dtype, reduction(np.add, axes, True))
    value = graph.elementwise(np.add, graph.elementwise(np.log, whole), top)
    return value if keepdims else reshape(graph, step, value)
