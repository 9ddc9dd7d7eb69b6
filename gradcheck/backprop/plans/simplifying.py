"""Sums, products and quotients with fewer passes over large arrays: factors that are one number go together first."""

import numpy as np

from gradcheck.backprop.plans.masks import is_mask, masked
from gradcheck.backprop.plans.operations import ELEMENTWISE, VIEW, Graph


def multiply(graph: Graph, a: int, b: int) -> int:
    """a·b. One number times a product that has one number already: the numbers first. x·(1/b) is x/b."""
    for one, mask in ((a, b), (b, a)):
        if is_mask(graph, mask) and graph[one].dtype.kind == "f":
            return masked(graph, one, mask)
    a, b = _small_first(graph, a, b)
    if graph.number(a) == 1 and _is_whole(graph, b, a):
        return b
    if _is_reciprocal(graph, a):
        a, b = b, a
    if _is_reciprocal(graph, b) and graph.number(a) is None:
        return graph.elementwise(np.divide, a, graph[b].args[1])
    inner = graph[b]
    if _size(graph, a) == 1 and inner.kind == ELEMENTWISE and inner.what is np.multiply:
        first, second = _small_first(graph, *inner.args)
        saves = _size(graph, second) > 1 or None not in (graph.number(a), graph.number(first))
        if (
            saves
            and _size(graph, first) == 1
            and _is_whole(graph, second, a, first)
            and graph[a].dtype == graph[first].dtype
        ):
            return multiply(graph, _together(graph, a, first), second)
    return graph.elementwise(np.multiply, a, b)


def divide(graph: Graph, a: int, b: int) -> int:
    """a/b; by a constant number it is a product with its reciprocal where that is exact."""
    number = graph.number(b)
    if isinstance(number, float) and number and np.frexp(number)[0] in (0.5, -0.5):
        return multiply(graph, graph.constant(1 / number, graph[b].dtype), a)
    return graph.elementwise(np.divide, a, b)


def add(graph: Graph, a: int, b: int) -> int:
    """a + b, as a difference where one of them is negated."""
    for one, other in ((a, b), (b, a)):
        if graph.number(other) == 0 and _is_whole(graph, one, other):
            return one
        if _is(graph, other, np.negative):
            return graph.elementwise(np.subtract, one, graph[other].args[0])
    return graph.elementwise(np.add, a, b)


def subtract(graph: Graph, a: int, b: int) -> int:
    """a - b."""
    if _is(graph, b, np.negative):
        return add(graph, a, graph[b].args[0])
    return graph.elementwise(np.subtract, a, b)


def negative(graph: Graph, a: int) -> int:
    """-a; twice is once none."""
    if _is(graph, a, np.negative):
        return graph[a].args[0]
    number = graph.number(a)
    return graph.elementwise(np.negative, a) if number is None else graph.constant(-number, graph[a].dtype)


def _is(graph: Graph, place: int, ufunc: np.ufunc) -> bool:
    return graph[place].kind == ELEMENTWISE and graph[place].what is ufunc


def _is_reciprocal(graph: Graph, place: int) -> bool:
    return _is(graph, place, np.divide) and graph.number(graph[place].args[0]) == 1


def _size(graph: Graph, place: int) -> int:
    """How many different numbers there are at most: a single one that is stretched is one."""
    operation = graph[place]
    if operation.kind == VIEW and operation.what == "broadcast":
        return _size(graph, operation.args[0])
    return int(np.prod(operation.shape))


def _small_first(graph: Graph, a: int, b: int) -> tuple[int, int]:
    return (b, a) if _size(graph, b) == 1 and _size(graph, a) != 1 else (a, b)


def _is_whole(graph: Graph, place: int, *others: int) -> bool:
    """Has the value at `place` already the shape and type of the product with the others?"""
    shape = np.broadcast_shapes(*(graph[k].shape for k in (place, *others)))
    dtype = np.result_type(*(graph[k].dtype for k in (place, *others)))
    return graph[place].shape == shape and graph[place].dtype == dtype


def _together(graph: Graph, a: int, b: int) -> int:
    """The product of two single numbers; of two constants a constant."""
    one, other = graph.number(a), graph.number(b)
    if one is not None and other is not None:
        return graph.constant(one * other, graph[a].dtype)
    return multiply(graph, _single(graph, a), _single(graph, b))


def _single(graph: Graph, place: int) -> int:
    operation = graph[place]
    return _single(graph, operation.args[0]) if operation.kind == VIEW and operation.what == "broadcast" else place
