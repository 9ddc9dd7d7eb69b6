"""A record taken apart into operations, each one NumPy call or one view; equal operations are made once."""

import math
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

import numpy as np

Call: TypeAlias = tuple[Callable[..., Any], tuple[Any, ...]]
# (arrays of the arguments, array of the value) -> what is called, with which arguments
Emit: TypeAlias = Callable[[Sequence[Any], Any], Call]

INPUT, CONSTANT, ELEMENTWISE, KERNEL, VIEW, ASSEMBLE, GUARD = (
    "input", "constant", "elementwise", "kernel", "view", "assemble", "guard",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Operation:
    """One value of a plan.

    kind: an elementwise operation may overwrite an argument that is read for the last time, a kernel may not; a view
    shares the memory of its argument. what: the primitive-like name with its settings, by which equal ones are known.
    data: the emit function, the view function, a constant's array, or an assembly's indices.
    """

    kind: str
    what: Hashable
    args: tuple[int, ...]
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    data: Any


class Graph:
    """Operations in order; a value is the place of its operation."""

    def __init__(self) -> None:
        self.operations: list[Operation] = []
        self.known: dict[Hashable, int] = {}
        self.seen: list[Any] = []

    def add(self, operation: Operation) -> int:
        """The place of the operation, the old one where there was an equal one."""
        key = (operation.kind, operation.what, operation.args, operation.shape, operation.dtype)
        if key not in self.known:
            self.known[key] = len(self.operations)
            self.operations.append(operation)
        return self.known[key]

    def __getitem__(self, place: int) -> Operation:
        return self.operations[place]

    def input(self, number: int, array: Any) -> int:
        """The place of an input."""
        return self.add(Operation(INPUT, number, (), array.shape, array.dtype, array))

    def constant(self, value: Any, dtype: Any = None) -> int:
        """The place of an array that is the same in every run: as it is now, whatever is written into it later."""
        array = np.asarray(value, dtype=dtype)
        if array.size > 1 and not any(array.strides):
            return self.view(
                "broadcast", self.constant(array.flat[0]), array.shape, partial(np.broadcast_to, shape=array.shape)
            )
        what: Hashable = ("number", repr(array.item())) if array.size == 1 else id(array)
        self.seen.append(array)  # an identity holds for as long as its array is there
        return self.add(Operation(CONSTANT, what, (), array.shape, array.dtype, np.array(array)))

    def number(self, place: int) -> Any:
        """The one number of a constant in all places; None where it is none."""
        operation = self[place]
        if operation.kind == VIEW:
            return self.number(operation.args[0]) if operation.what == "broadcast" else None
        return operation.data.item() if operation.kind == CONSTANT and operation.data.size == 1 else None

    def elementwise(self, function: Callable[..., Any], *args: int, dtype: Any = None) -> int:
        """A ufunc of arguments that are stretched to a common shape."""
        shape = np.broadcast_shapes(*(self[arg].shape for arg in args))
        kind = np.result_type(*(self[arg].dtype for arg in args)) if dtype is None else dtype
        args = tuple(self._in_shape(arg, shape) for arg in args)
        numbers = [self.number(arg) for arg in args]
        if shape == () and None not in numbers:
            return self.constant(function(*(self[arg].data for arg in args)), kind)
        return self.add(Operation(ELEMENTWISE, function, args, shape, np.dtype(kind), emit_ufunc(function)))

    def _in_shape(self, arg: int, shape: tuple[int, ...]) -> int:
        """An argument that only lacks axes of size 1 is seen in the full shape: one loop is faster than nested ones."""
        own = self[arg].shape
        if own == shape or math.prod(own) != math.prod(shape):
            return arg
        return self.view(("reshape", shape), arg, shape, lambda array: array.reshape(shape))

    def kernel(self, what: Hashable, args: tuple[int, ...], shape: Any, dtype: Any, emit: Emit) -> int:
        """Any other call that fills its value."""
        return self.add(Operation(KERNEL, what, args, tuple(shape), np.dtype(dtype), emit))

    def view(self, what: Hashable, arg: int, shape: Any, view: Callable[[Any], Any]) -> int:
        """The memory of the argument seen otherwise."""
        return self.add(Operation(VIEW, what, (arg,), tuple(shape), self[arg].dtype, view))


def emit_ufunc(function: Callable[..., Any]) -> Emit:
    """A ufunc called with its output last; NumPy wants that of maximum and minimum by name."""
    if function in (np.maximum, np.minimum):
        return lambda arrays, out: (partial(function, out=out), tuple(arrays))
    return lambda arrays, out: (function, (*arrays, out))
