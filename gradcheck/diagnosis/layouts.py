"""The numbers of a site over all its executions as one vector."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Any

import numpy as np

from gradcheck.diagnosis.benches import Bench, Hook, Point, copied, gradients_of
from gradcheck.diagnosis.sites import Site
from gradcheck.diagnosis.values import is_mask, numbers_in, with_numbers
from gradcheck.results.arrays import Floats

Shapes = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, eq=False)
class Layout:
    """What every execution of a site gave, and the shapes of its numbers.

    A number that goes into an array (`d[i] += 1.0`) counts as an array of that shape: each entry may need its own.
    """

    site: Site
    values: tuple[Any, ...]
    shapes: tuple[Shapes, ...]

    @cached_property
    def size(self) -> int:
        """How many numbers there are."""
        return sum(prod(shape) for shapes in self.shapes for shape in shapes)

    @property
    def is_mask(self) -> bool:
        """Is it true or false, or an array of such, every time?"""
        return bool(self.values) and all(map(is_mask, self.values))

    def pack(self, values: Sequence[Any]) -> Floats | None:
        """Values of all executions as one vector; None where their shapes do not fit."""
        found: list[Floats] = []
        if len(values) != len(self.shapes):
            return None
        for value, shapes in zip(values, self.shapes, strict=True):
            numbers = numbers_in(np.asarray(value, dtype=float) if _is_discrete(value) else value)
            if len(numbers) != len(shapes):
                return None
            for array, shape in zip(numbers, shapes, strict=True):
                if array.shape != shape and not _spreads(array.shape, shape):
                    return None
                found.append(np.broadcast_to(array, shape).reshape(-1))
        return np.concatenate(found) if found else np.zeros(0)

    def unpack(self, vector: Floats) -> list[Any]:
        """The values of all executions with the vector's numbers."""
        found, start = [], 0
        for value, shapes in zip(self.values, self.shapes, strict=True):
            arrays = []
            for shape in shapes:
                end = start + prod(shape)
                arrays.append(vector[start:end].reshape(shape))
                start = end
            if type(value) is np.ndarray and value.dtype == np.float64 and arrays[0].ndim:  # nearly always
                found.append(arrays[0].copy())
            else:
                found.append(_as_mask(value, arrays[0]) if is_mask(value) else with_numbers(value, arrays))
        return found

    def replacing(self, vector: Floats) -> Hook:
        """A hook that puts the vector's numbers into the site's executions, in their order."""
        return replacing(self.site.number, self.unpack(vector))


def layout_of(bench: Bench, point: Point, site: Site) -> Layout:
    """The layout of a site at a point; raises UserCodeError where the code does."""
    values: list[Any] = []
    shapes: list[Shapes] = []
    target = compile(site.target, "<target>", "eval") if _grows(site) and site.target else None

    def hook(number: int, value: Any) -> Any:
        if number == site.number:
            own = (np.shape(value),) if is_mask(value) else tuple(array.shape for array in numbers_in(value))
            wider = None if target is None else _shape_of(target)
            values.append(copied(value))
            fits = wider is not None and len(own) == 1 and _spreads(own[0], wider)
            shapes.append((wider,) if fits and wider is not None else own)
        return value

    gradients_of(bench, point, hook)
    return Layout(site, tuple(values), tuple(shapes))


def replacing(number: int, values: Sequence[Any]) -> Hook:
    """A hook that gives a site these values, execution by execution; fresh for every run."""
    waiting = iter(values)

    def hook(site: int, value: Any) -> Any:
        return next(waiting, value) if site == number else value

    return hook


def _as_mask(value: Any, numbers: Floats) -> Any:
    """What is more than a half is true; of the kind that the value is."""
    return numbers > 1 / 2 if isinstance(value, np.ndarray) else type(value)(numbers > 1 / 2)


def _grows(site: Site) -> bool:
    """Does the value go into something that has a shape already?"""
    return site.kind == "augment" or (site.target is not None and site.target.endswith("]"))


def _shape_of(target: Any) -> tuple[int, ...] | None:
    """The shape of what the value goes into; the frame of the user's function stands three calls above."""
    frame = sys._getframe(3)
    try:
        held = eval(target, frame.f_globals, frame.f_locals)
    except Exception:  # a new key of a dict, most often: there is nothing yet
        return None
    return held.shape if isinstance(held, np.ndarray) else None


def _spreads(shape: tuple[int, ...], over: tuple[int, ...]) -> bool:
    """Does broadcasting give the second shape?"""
    try:
        return np.broadcast_shapes(shape, over) == over
    except ValueError:
        return False


def _is_discrete(value: Any) -> bool:
    return isinstance(value, bool | int | np.bool_ | np.integer) or (
        isinstance(value, np.ndarray) and value.dtype.kind in "biu"
    )
