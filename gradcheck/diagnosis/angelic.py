"""Is there any value of a site that makes every gradient right? If not, the site cannot be the only fault.

Backpropagation is linear in adjoints and multilinear in local partials: outputs are affine in what is added to most
sites, so one run for each number of the site gives the Jacobian, and least squares the wanted value.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from gradcheck.diagnosis.angels import Wanted
from gradcheck.diagnosis.benches import Bench, gradients_of
from gradcheck.diagnosis.influence import disturbing
from gradcheck.diagnosis.layouts import Layout, layout_of
from gradcheck.diagnosis.masks import wanted_mask
from gradcheck.diagnosis.outputs import Outputs
from gradcheck.diagnosis.sites import Site
from gradcheck.errors import GradcheckError
from gradcheck.results.arrays import Floats
from gradcheck.results.diagnoses import Status

# Step of the difference that gives a column, relative to the site's numbers: roundings of 1e-12 in what is affine.
STEP = 1e-4
# Gauss-Newton rounds: 1 suffices where the outputs are affine in the site, 2 to 4 for a variance or a norm.
ROUNDS, HALVINGS = 6, 3
# Singular values below this part of the largest are roundings.
SMALL = 1e-9
# Predicted and found outputs of an affine site differ by roundings only.
AFFINE = 1e-6
# A round that leaves more than this part of what was wrong gets nowhere.
PROGRESS = 0.7


Run = Callable[[Floats], Floats | None]


def wanted_at(bench: Bench, site: Site, outputs: Outputs, layout: Layout | None = None) -> tuple[Status, Wanted | None]:
    """What a site would have to be at a point.

    "unknown" where its value cannot be replaced, or the search neither finds a value nor shows that there is none.
    """
    point = outputs.truth.point
    layout = layout or layout_of(bench, point, site)
    start = layout.pack(layout.values)
    if start is None or not start.size:
        return "unknown", None

    run = _runner(bench, outputs, layout)
    clean = np.where(np.isfinite(start), start, 0.0)
    yours = run(clean)
    if yours is None or (np.isfinite(start).all() and not _is_same(outputs, yours)):
        return "unknown", None  # it is changed in place under another name: a copy is not the same to the code
    if layout.is_mask:
        wanted = wanted_mask(run, clean, yours, outputs, layout)
        return ("unknown" if wanted is None else "possible"), wanted
    return _search(run, clean, yours, outputs, layout)


def _runner(bench: Bench, outputs: Outputs, layout: Layout) -> Run:
    """The gradients' numbers by the site's, None where the code raises."""

    def run(vector: Floats) -> Floats | None:
        try:
            return outputs.row(gradients_of(bench, outputs.truth.point, layout.replacing(vector)))
        except GradcheckError:
            return None

    return run


def range_at(bench: Bench, site: Site, outputs: Outputs, most: int) -> Floats | None:
    """Orthonormal columns, weighed: what other values of a site can do to the gradients, as far as a linear look tells.

    None where it has no numbers, or more than `most`.
    """
    layout = layout_of(bench, outputs.truth.point, site)
    start = layout.pack(layout.values)
    if start is None or layout.is_mask or not 0 < start.size <= most or not np.isfinite(start).all():
        return None
    jacobian = _jacobian(_runner(bench, outputs, layout), start, outputs.yours)
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
    times, run = len(layout.values), _runner(bench, outputs, layout)
    jacobian = _jacobian(lambda factors: run(start * np.tile(factors, times)), np.ones(size), outputs.yours)
    if jacobian is None:
        return None
    step, rank = _least_squares(jacobian, outputs, outputs.yours)
    want = start * np.tile(1 + step, times)
    mended = run(want) if rank == size else None
    return (
        Wanted(layout, outputs, start, want, None, want.size)
        if mended is not None and outputs.are_right(mended)
        else None
    )


def _is_same(outputs: Outputs, row: Floats) -> bool:
    with np.errstate(all="ignore"):
        apart = outputs.weights * np.abs(row - outputs.yours)
    return bool(((apart <= AFFINE) | ~np.isfinite(outputs.yours)).all())


def _search(run: Run, x: Floats, row: Floats, outputs: Outputs, layout: Layout) -> tuple[Status, Wanted | None]:
    """Gauss-Newton from the site's own value."""
    have, first, left = x, _left(outputs, row), np.inf
    for place in range(ROUNDS):
        jacobian = _jacobian(run, x, row)
        if jacobian is None:
            return "unknown", None
        step, rank = _least_squares(jacobian, outputs, row)
        step, found, affine = _taken(run, x, row, step, jacobian, outputs)
        if found is None:
            return "unknown", None
        if outputs.are_right(found):
            x, jacobian = (x + step, jacobian) if affine else _polished(run, x + step, found, jacobian, outputs)
            return "possible", Wanted(layout, outputs, have, x, jacobian, rank, affine and not place)
        before, left = _left(outputs, row), _left(outputs, found)
        if affine and _cleared_by(jacobian, outputs) == "exonerated":
            return "exonerated", None
        if left > PROGRESS * before:
            break
        x, row = x + step, found
    return (_cleared_by(jacobian, outputs) if left > PROGRESS * first else "unknown"), None


def _cleared_by(jacobian: Floats | None, outputs: Outputs) -> Status:
    """Exonerated, unless what some of its numbers do is so much less than what others do that it was not looked at."""
    if jacobian is None:
        return "unknown"
    largest = np.abs(outputs.weights[:, None] * jacobian).max(axis=0)
    return "unknown" if ((largest > 0) & (largest < SMALL * largest.max())).any() else "exonerated"


def _polished(run: Run, x: Floats, row: Floats, jacobian: Floats, outputs: Outputs) -> tuple[Floats, Floats]:
    """(a value that is right, one round better, the Jacobian there): candidates are compared with it more closely."""
    there = _jacobian(run, x, row)
    if there is None:
        return x, jacobian
    step, _ = _least_squares(there, outputs, row)
    found = run(x + step)
    return (x + step if found is not None and _left(outputs, found) < _left(outputs, row) else x), there


def _taken(
    run: Run, x: Floats, row: Floats, step: Floats, jacobian: Floats, outputs: Outputs
) -> tuple[Floats, Floats | None, bool]:
    """(the step, halved until it helps, what it leads to, did the outputs do what the Jacobian said?)."""
    for _ in range(HALVINGS):
        found = run(x + step)
        affine = found is not None and _is_affine(outputs, row, found, jacobian @ step)
        if affine or (found is not None and _left(outputs, found) < _left(outputs, row)):
            break
        step = step / 2
    return step, found, affine


def _jacobian(run: Run, x: Floats, row: Floats) -> Floats | None:
    """Columns by one run each; None where the code raises or gives no numbers there."""
    step = STEP * (float(np.abs(x).max()) or 1.0)
    columns = []
    for place in range(x.size):
        moved = x.copy()
        moved[place] += step
        found = run(moved)
        if found is None:
            return None
        columns.append((found - row) / (moved[place] - x[place]))
    jacobian = np.stack(columns, axis=1)
    return jacobian if np.isfinite(jacobian).all() else None


def _least_squares(jacobian: Floats, outputs: Outputs, row: Floats) -> tuple[Floats, int]:
    """(the smallest step that leaves least, the rank)."""
    weighted = outputs.weights[:, None] * jacobian
    off = outputs.weights * (outputs.true - row)
    left, sizes, right = np.linalg.svd(weighted, full_matrices=False)
    kept = sizes > SMALL * sizes.max(initial=0.0)
    step = right[kept].T @ ((left[:, kept].T @ off) / sizes[kept])
    return step, int(kept.sum())


def _left(outputs: Outputs, row: Floats) -> float:
    with np.errstate(all="ignore"):
        size = float(np.linalg.norm(outputs.weights * (outputs.true - row)))
    return size if np.isfinite(size) else np.inf


def _is_affine(outputs: Outputs, before: Floats, after: Floats, predicted: Floats) -> bool:
    """Did the outputs do what the Jacobian said?"""
    with np.errstate(all="ignore"):
        apart = outputs.weights * np.abs(after - before - predicted)
        size = float((outputs.weights * np.abs(predicted)).max(initial=0.0))
    return bool((apart <= AFFINE * size + 1e-10).all())
