"""Memory that is kept: given back when a value is read for the last time, and given out again."""

from typing import Any

import numpy as np

# The widest registers hold 64 bytes; a buffer that starts on such a boundary is read fastest.
BOUNDARY = 64


class Pool:
    """Free pieces of memory by their size in bytes."""

    def __init__(self) -> None:
        self.free: dict[int, list[Any]] = {}

    def take(self, shape: tuple[int, ...], dtype: Any, order: tuple[int, ...], fresh: bool) -> tuple[Any, Any]:
        """(array, its memory); the axes lie in memory in the given order, the slowest first.

        fresh: memory that no other value has ever had, so that what is written there once stays.
        """
        size = int(np.prod(shape)) * dtype.itemsize
        memory = self.free[size].pop() if self.free.get(size) and not fresh else aligned(size)
        laid = memory.view(dtype).reshape(tuple(shape[axis] for axis in order))
        return laid.transpose(np.argsort(order)) if order else laid, memory

    def give(self, memory: Any) -> None:
        """Memory that nobody reads any more."""
        self.free.setdefault(memory.nbytes, []).append(memory)


def aligned(size: int) -> Any:
    """So many bytes that start on a boundary."""
    whole = np.empty(size + BOUNDARY, np.uint8)
    start = -whole.ctypes.data % BOUNDARY
    return whole[start : start + size]


def order_like(shape: tuple[int, ...], arrays: list[Any]) -> tuple[int, ...]:
    """The order of the axes in memory that the first array of the shape has."""
    for array in arrays:
        if array.shape == shape and not array.flags.c_contiguous and 0 not in array.strides:
            return tuple(sorted(range(len(shape)), key=lambda axis: -array.strides[axis]))
    return tuple(range(len(shape)))
