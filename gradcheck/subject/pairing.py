"""Which number of a training's turn is the gradient of which, by what they are called and by the step that is taken."""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradcheck.subject.leaves import HELD, Path
from gradcheck.subject.mapping import HOLDERS, LOSS_WORDS, pairs_of, singles_of

Numbers = Mapping[Path, NDArray[Any]]
# Of a whole list or dict of gradients, beside the names in HOLDERS.
WHOLE = re.compile(r"_?(d|nabla|\w*grads?|\w*gradients?|d_?params?|d_?parameters|deltas?|derivatives)")
# What a list of them is called for short: nabla_w of weights.
SHORT = {"weights": ("w", "W", "weight"), "biases": ("b", "B", "bias"), "weight": ("w", "W"), "bias": ("b", "B")}
# A step is a multiple of the gradient to so many roundings of the numbers that it is the difference of.
EXACT = 1e-9


def by_name(parameter: Path, others: Numbers, shape: tuple[int, ...]) -> list[Path]:
    """The paths that are called like the gradient of a parameter, of its shape: those that share most with it."""
    found = [path for path, numbers in others.items() if numbers.shape == shape and _is_called_so(parameter, path)]
    most = max((_shared(parameter, path) for path in found), default=0)
    return [path for path in found if _shared(parameter, path) == most]


def by_step(step: NDArray[Any], scale: float, others: Numbers) -> list[Path]:
    """The paths whose numbers the step of a parameter is a negative multiple of; scale: of the parameter itself."""
    if not step.any():
        return []
    return [
        path for path, numbers in others.items() if numbers.shape == step.shape and _is_against(step, numbers, scale)
    ]


def _is_against(step: NDArray[Any], numbers: NDArray[Any], scale: float) -> bool:
    with np.errstate(all="ignore"):
        rate = float((step * numbers).sum() / (numbers * numbers).sum())
        return bool(rate < 0 and np.abs(step - rate * numbers).max() <= EXACT * (scale + np.abs(step).max()))


def _is_called_so(parameter: Path, path: Path) -> bool:
    """Are both paths the same from some place on, and before it called like a parameter and its gradient?"""
    end = 0
    while end < min(len(parameter), len(path)) and parameter[-1 - end][1] == path[-1 - end][1]:
        end += 1
    if end in (len(parameter), len(path)):
        return False
    (_, mine), (_, other) = parameter[-1 - end], path[-1 - end]
    if not isinstance(other, str):
        return False
    if isinstance(mine, str) and other in _forms(mine):
        return True
    if end == 0 and isinstance(mine, str) and mine in HELD:
        return other in HOLDERS
    return end > 0 and (other in HOLDERS or WHOLE.fullmatch(other) is not None)


def _forms(name: str) -> set[str]:
    """Everything that the gradient of a name may be called."""
    names = (name, *SHORT.get(name, ()))
    pairs = {form for one in names for form, _ in pairs_of(one, LOSS_WORDS)}
    return pairs | {form for one in names for form in singles_of(one)} | {f"{one}_error" for one in names}


def _shared(one: Path, other: Path) -> int:
    """How many steps from the beginning two paths share."""
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
