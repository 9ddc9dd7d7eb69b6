"""What other values of a site could do, by a few runs: which gradients they reach, a factor, a pattern of factors."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from gradcheck.diagnosis.angels import Wanted
from gradcheck.diagnosis.benches import Bench, gradients_of
from gradcheck.diagnosis.influence import disturbing
from gradcheck.diagnosis.jacobians import SMALL, jacobian_of, least_squares, runner
from gradcheck.diagnosis.layouts import Layout, layout_of
from gradcheck.diagnosis.outputs import Outputs
from gradcheck.diagnosis.sites import Site
from gradcheck.errors import GradcheckError
from gradcheck.results.arrays import Floats


def range_at(bench: Bench, site: Site, outputs: Outputs, most: int) -> Floats | None:
    """Orthonormal columns, weighed: what other values of a site can do to the gradients, as far as a linear look tells.

    None where it has no numbers, or more than `most`.
    """
    layout = layout_of(bench, outputs.truth.point, site)
    start = layout.pack(layout.values)
    if start is None or layout.is_mask or not 0 < start.size <= most or not np.isfinite(start).all():
        return None
    jacobian = jacobian_of(runner(bench, outputs, layout), start, outputs.yours)
    if jacobian is None:
        return None
    left, sizes, _ = np.linalg.svd(outputs.weights[:, None] * jacobian, full_matrices=False)
    return np.asarray(left[:, sizes > SMALL * sizes.max(initial=0.0)])


def reaches_all(bench: Bench, site: Site, outputs: Outputs, disturbed: Mapping[str, Any] | None = None) -> bool:
    """Does noise at a site move every number that is wrong? Where not, no value of it mends them all.

    disturbed: the gradient under noise there, at the same point, if it is known; with other noise it is run only if
    that left any.
    """
    still = outputs.wrong if disturbed is None else outputs.wrong & _is_still(outputs, disturbed)
    for seed in (1, 2):
        if not still.any():
            return True
        try:
            still = still & _is_still(outputs, gradients_of(bench, outputs.truth.point, disturbing(site.number, seed)))
        except GradcheckError:
            return True
    return not still.any()


def _is_still(outputs: Outputs, gradient: Mapping[str, Any]) -> Any:
    """Mask of the numbers that are as they were; of none, where the gradient has other shapes now."""
    moved = outputs.row(gradient)
    if moved is None:
        return np.zeros(outputs.yours.shape, dtype=bool)
    return (moved == outputs.yours) | (np.isnan(moved) & np.isnan(outputs.yours))


def scaled_at(bench: Bench, site: Site, outputs: Outputs, layout: Layout) -> float | None:
    """The factor that the value of a site lacks, where one factor mends every gradient: two runs for any size."""
    start = layout.pack(layout.values)
    if start is None or not start.size or not np.isfinite(start).all():
        return None
    point = outputs.truth.point
    try:
        twice = outputs.row(gradients_of(bench, point, layout.replacing(2 * start)))
        if twice is None:
            return None
        by_one, off = outputs.weights * (twice - outputs.yours), outputs.weights * outputs.residual
        if not np.isfinite(by_one).all() or not by_one.any():
            return None
        factor = 1 + float(by_one @ off / (by_one @ by_one))
        mended = outputs.row(gradients_of(bench, point, layout.replacing(factor * start)))
    except GradcheckError:
        return None
    return factor if mended is not None and outputs.are_right(mended) else None


def patterned_at(bench: Bench, site: Site, outputs: Outputs, layout: Layout, most: int) -> Wanted | None:
    """What a site of many numbers should give, where its values lack the same factors every time, entry by entry.

    A mask that a loop forgot, a weight for each column. None where its values have several shapes, or more than `most`
    entries, or as many as there are wrong numbers: then some factors would always do.
    """
    start, shapes = layout.pack(layout.values), set(layout.shapes)
    size = layout.size // max(1, len(layout.values))
    is_told = size < int(outputs.wrong.sum()) and 1 < size <= most
    if start is None or len(shapes) != 1 or not is_told or not np.isfinite(start).all():
        return None
    times, run = len(layout.values), runner(bench, outputs, layout)
    jacobian = jacobian_of(lambda factors: run(start * np.tile(factors, times)), np.ones(size), outputs.yours)
    if jacobian is None:
        return None
    step, rank = least_squares(jacobian, outputs, outputs.yours)
    want = start * np.tile(1 + step, times)
    mended = run(want) if rank == size else None
    return (
        Wanted(layout, outputs, start, want, None, want.size)
        if mended is not None and outputs.are_right(mended)
        else None
    )
