"""Names of single numbers inside named arrays: `W1[0,1]`, and `b` where b is a scalar."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T")


def label(name: str, index: Sequence[int]) -> str:
    """The name of one entry: `W1[0,1]`; the bare name where the index is empty."""
    return f"{name}[{','.join(map(str, index))}]" if index else name


def entries(name: str, shape: Sequence[int]) -> Iterator[tuple[str, tuple[int, ...]]]:
    """(label, index) of every entry of an array of that shape, in row-major order."""
    for index in np.ndindex(*shape):
        yield label(name, index), index


def by_label(arrays: Mapping[str, NDArray[np.float64]]) -> dict[str, float]:
    """Every number of named arrays under its own label."""
    return {
        text: number
        for name, array in arrays.items()
        for (text, _), number in zip(
            entries(name, np.shape(array)), np.ravel(array).astype(float).tolist(), strict=True
        )
    }


def from_labels(
    numbers: Mapping[str, float], shapes: Mapping[str, Sequence[int]], missing: float = 0.0
) -> dict[str, NDArray[np.float64]]:
    """Named arrays of the given shapes, filled from numbers by label; a label that is not there is `missing`."""
    arrays = {name: np.full(tuple(shape), missing) for name, shape in shapes.items()}
    for name, array in arrays.items():
        for text, index in entries(name, array.shape):
            array[index] = numbers.get(text, missing)
    return arrays
