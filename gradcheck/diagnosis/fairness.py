"""Truths at points that are fair: what is right where the fault was found is right there as well.

A loss takes log(p + 1e-12), its gradient leaves the guard out on purpose: no check by differences sees it, the exact
truth does, and where p is tiny it is a fault indeed, of which the search must not hold any change guilty.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradcheck.diagnosis.true_gradients import truths_at
from gradcheck.diagnosis.truths import Truth, wrong_names
from gradcheck.diagnosis.values import largest
from gradcheck.diagnosis.verifying import SHARP
from gradcheck.program.programs import Program
from gradcheck.results.arrays import Floats
from gradcheck.subject.cases import Case, gradient_at

Point = Mapping[str, Floats]
# Twice what a gradient is off by where the judge agreed with it he agrees with elsewhere.
AS_FAR = 2
# What is mended is off by a part of its own, which another sample or layer makes a few times as large.
TIMES = 4
# A point is moved so often by half of its way to the one at which the fault was found.
HALVINGS = 10


def fair_truths_at(
    case: Case,
    points: Sequence[Point],
    first: Point,
    wrong: Collection[str],
    masks: Mapping[str, NDArray[np.bool_]] | None = None,
    program: Program | None = None,
    seconds: float = inf,
    known: Truth | None = None,
) -> list[Truth]:
    """The truths at some points, or at nearer ones; as they are where no near one is fair either.

    first: the point where the fault was found; wrong: the parameters that are wrong there. The others are as in
    `truths_at`, which raises what it raises there.
    """
    at = partial(truths_at, case, wrong=masks, program=program, seconds=seconds)
    found = at(points, known=known)
    if not any(_off(case, truth, wrong) for truth in found):
        return found
    (there,) = at([first])
    most = AS_FAR * _off(case, there, wrong)
    if most > SHARP:
        return found
    tries = HALVINGS
    for place, truth in enumerate(found):
        near, left = truth, tries
        while (off := _off(case, near, wrong)) > most and left:
            (near,), left = at([halfway(first, near.point)]), left - 1
        if off > most:
            tries = 0  # what is wrong here as well was right at the first point by chance
        else:
            found[place] = eased(near, most)
    return found


def eased(truth: Truth, off: float) -> Truth:
    """The truth with bars in which a gradient goes that is off by such a part of its largest number."""
    bars = {name: np.maximum(bar, TIMES * off * (largest(truth.values[name]) or 1)) for name, bar in truth.bars.items()}
    return replace(truth, bars=bars, is_eased=True) if off else truth


def halfway(one: Point, other: Point) -> Point:
    """The point in the middle of two."""
    return {name: (array + other[name]) / 2 for name, array in one.items()}


def off_by(truth: Truth, gradient: Mapping[str, Any], wrong: Collection[str]) -> float:
    """By which part of their largest number the others than the wrong parameters are refuted; 0 where none is."""
    others = wrong_names(truth, gradient) - set(wrong)
    return max((_part(gradient.get(name), truth.values[name]) for name in others), default=0.0)


def _off(case: Case, truth: Truth, wrong: Collection[str]) -> float:
    return off_by(truth, gradient_at(case, truth.point, upcast=True), wrong)


def _part(yours: Any, values: Floats) -> float:
    """Infinite where it has another shape, or is no number."""
    array = np.asarray(yours, dtype=np.float64)
    off = float(np.nanmax(np.abs(array - values)) / (largest(values) or 1)) if array.shape == values.shape else inf
    return off if off > 0 else inf
