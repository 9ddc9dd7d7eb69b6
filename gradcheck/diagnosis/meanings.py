"""What a site of many numbers should hold: tried are the derivatives of the loss by what it computed, one run each.

To solve for a thousand numbers takes a thousand runs. But nearly all that a backward pass computes are such
derivatives, and those are known from one sweep of the loss.
"""

import time
from collections.abc import Iterator

import numpy as np

from gradcheck.diagnosis.adjoints import Adjoints
from gradcheck.diagnosis.angels import Wanted
from gradcheck.diagnosis.benches import Bench, gradients_of
from gradcheck.diagnosis.layouts import Layout
from gradcheck.diagnosis.outputs import Outputs
from gradcheck.diagnosis.recognition import NEAR, orders
from gradcheck.errors import GradcheckError
from gradcheck.results.arrays import Floats


def meant_at(bench: Bench, outputs: Outputs, layout: Layout, known: Adjoints, deadline: float) -> Wanted | None:
    """The derivatives of the loss with which a site makes every gradient right; None where none of them does.

    deadline: on time.process_time().
    """
    have = layout.pack(layout.values)
    if have is None or not have.size:
        return None
    for want in _derivatives(outputs, layout, known):
        if time.process_time() > deadline:
            return None
        if not _is_near(have, want) and _mends(bench, outputs, layout, want):
            return Wanted(layout, outputs, have, want, None, want.size)
    return None


def _derivatives(outputs: Outputs, layout: Layout, known: Adjoints) -> Iterator[Floats]:
    """Those that have the shapes of the site, as its numbers."""
    count = len(layout.values)
    told = [values for role in known.roles for values in orders(role.adjoints, count)]
    told += [[values] for values in outputs.truth.values.values() if count == 1 and np.isfinite(values).all()]
    for values in told:
        if tuple((value.shape,) for value in values) == layout.shapes and any(value.any() for value in values):
            yield np.concatenate([value.ravel() for value in values])


def _mends(bench: Bench, outputs: Outputs, layout: Layout, want: Floats) -> bool:
    try:
        row = outputs.row(gradients_of(bench, outputs.truth.point, layout.replacing(want)))
    except GradcheckError:
        return False
    return row is not None and outputs.are_right(row)


def _is_near(have: Floats, want: Floats) -> bool:
    return have.shape == want.shape and bool(np.abs(have - want).max() <= NEAR * np.abs(want).max())
