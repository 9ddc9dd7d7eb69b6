"""Numbers that the shapes of the data give: a factor equal to one of them tells a sum from a mean."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from gradcheck.subject.cases import Case

AXES = ("the length of {}", "the number of columns of {}")


def sizes_of(case: Case) -> dict[int, str]:
    """Size -> words ("the length of X") for what the functions read beside their parameters, then the parameters."""
    sizes: dict[int, str] = {}
    for name, shape in [*_data(case), *((name, array.shape) for name, array in case.at.arrays.items())]:
        for axis, side in enumerate(shape[:2]):
            if side > 1:
                sizes.setdefault(side, AXES[axis].format(name))
        if len(shape) > 1:
            sizes.setdefault(int(np.prod(shape)), f"the number of entries of {name}")
    sizes.pop(0, None)
    sizes.pop(1, None)
    return sizes


def _data(case: Case) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Name and shape of every array and list among the data passed along and the globals of the loss."""
    data: dict[str, Any] = {f"argument {place}": value for place, value in enumerate(case.functions.args)}
    data |= case.functions.kwargs or {}
    known: Mapping[str, Any] = getattr(case.functions.loss, "__globals__", {})
    data |= {name: value for name, value in known.items() if not name.startswith("__")}
    for name, value in data.items():
        if isinstance(value, np.ndarray):
            yield name, value.shape
        elif isinstance(value, list | tuple) and value:
            yield name, (len(value),)
