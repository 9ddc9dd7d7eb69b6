"""Points on the other side of a comparison: Newton's steps along its gradient, across the limit and beyond."""

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from gradcheck.audit.generic import Bounds
from gradcheck.backprop.batches import gradients_at
from gradcheck.labels import by_label, from_labels
from gradcheck.program.programs import Program
from gradcheck.results.arrays import Floats

Numbers = NDArray[np.float64]
Point = Mapping[str, Floats]
# The difference at some numbers, and its partial by each.
Measure = Callable[[Numbers], tuple[float, Numbers]]
# The new point lies as far beyond the limit as the old one before it, and at least by this part of what is compared:
# the steps of a ladder stay on its side.
MARGIN = 0.1
# Newton's steps: the first does for what is linear, each further one doubles the digits. Where one goes too far to come
# nearer (the exponential, from below), its half is taken, and so on: 2^-8 of it is no step.
STEPS, HALVINGS = 5, 8
# Decimals that are kept of a number as large as the largest of its array: few to read, a hundredth of the margin.
DECIMALS = 3


def point_beyond(
    program: Program, left: int, right: int | None, point: Point, bounds: Bounds | None = None
) -> dict[str, Floats] | None:
    """The point moved to where node `left` less node `right` (None: 0) has the other sign; None if none is found so.

    program: traced at the point. Parameters move in proportion to the size of their arrays, and stay in `bounds`
    (name -> (low, high)). Branches on the way may go another way: trace it there to be sure.
    """
    labels = list(by_label(point))
    here, size = np.array(list(by_label(point).values())), np.array(list(by_label(_sizes(point)).values()))
    measure = partial(_gap, program, left, right, labels)
    gap, slope = measure(here)
    compared = abs(program.nodes[left].value) + abs(0.0 if right is None else program.nodes[right].value)
    aim = -math.copysign(max(abs(gap), MARGIN * compared), gap)
    for _ in range(STEPS):
        steepness = float(np.sum((slope * size) ** 2))
        if not (gap and math.isfinite(gap) and 0 < steepness < math.inf):
            return None
        here = _nearer(measure, here, (aim - gap) / steepness * slope * size**2, aim)
        gap, slope = measure(here)
    if not gap * aim > 0:
        return None
    moved = from_labels(dict(zip(labels, here, strict=True)), {name: np.shape(array) for name, array in point.items()})
    return _short(moved, point, bounds or {})


def _nearer(measure: Measure, here: Numbers, step: Numbers, aim: float) -> Numbers:
    """Where the step leads, or the longest part of it that comes nearer to the aim."""
    distance = abs(aim - measure(here)[0])
    tries = (here + step / 2**halved for halved in range(HALVINGS))
    return next((one for one in tries if abs(aim - measure(one)[0]) < distance), here)


def _gap(program: Program, left: int, right: int | None, labels: list[str], here: Numbers) -> tuple[float, Numbers]:
    """The difference of two nodes at other numbers of the labels, and its partial by each."""
    value, slopes = _node_at(program, left, labels, here)
    if right is None:
        return value, slopes
    other, others = _node_at(program, right, labels, here)
    return value - other, slopes - others


def _node_at(program: Program, node: int, labels: list[str], here: Numbers) -> tuple[float, Numbers]:
    values, slopes = gradients_at(replace(program, loss=node), dict(zip(labels, here[:, None], strict=True)))
    return float(values[0]), np.array([float(slopes[one][0]) if one in slopes else 0.0 for one in labels])


def _sizes(point: Point) -> dict[str, Floats]:
    """For every entry the largest magnitude of its array; 1 where that is 0."""
    return {name: np.full_like(array, float(np.abs(array).max(initial=0.0)) or 1.0) for name, array in point.items()}


def _short(moved: Point, given: Point, bounds: Bounds) -> dict[str, Floats]:
    """Numbers of few decimals, those that did not move as they were."""
    short = {}
    for name, array in moved.items():
        scale = float(np.abs(array).max(initial=0.0)) or 1.0
        rounded = np.round(array, DECIMALS - math.floor(math.log10(scale)))
        short[name] = np.clip(
            np.where(array == given[name], given[name], rounded), *bounds.get(name, (-np.inf, np.inf))
        )
    return short
