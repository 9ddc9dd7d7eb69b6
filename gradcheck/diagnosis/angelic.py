"""Is there any value of a site that makes every gradient right? If not, the site cannot be the only fault.

Backpropagation is linear in adjoints and multilinear in local partials: outputs are affine in what is added to most
sites, so one run for each number of the site gives the Jacobian, and least squares the wanted value.
"""

import numpy as np

from gradcheck.diagnosis.angels import Wanted
from gradcheck.diagnosis.benches import Bench
from gradcheck.diagnosis.jacobians import SMALL, Run, jacobian_of, least_squares, runner
from gradcheck.diagnosis.layouts import Layout, layout_of
from gradcheck.diagnosis.masks import wanted_mask
from gradcheck.diagnosis.outputs import Outputs
from gradcheck.diagnosis.sites import Site
from gradcheck.results.arrays import Floats
from gradcheck.results.diagnoses import Status

# Gauss-Newton rounds: 1 suffices where the outputs are affine in the site, 2 to 4 for a variance or a norm.
ROUNDS, HALVINGS = 6, 3
# Predicted and found outputs of an affine site differ by roundings only.
AFFINE = 1e-6
# A round that leaves more than this part of what was wrong gets nowhere.
PROGRESS = 0.7


def wanted_at(bench: Bench, site: Site, outputs: Outputs, layout: Layout | None = None) -> tuple[Status, Wanted | None]:
    """What a site would have to be at a point.

    "unknown" where its value cannot be replaced, or the search neither finds a value nor shows that there is none.
    """
    point = outputs.truth.point
    layout = layout or layout_of(bench, point, site)
    start = layout.pack(layout.values)
    if start is None or not start.size:
        return "unknown", None

    run = runner(bench, outputs, layout)
    clean = np.where(np.isfinite(start), start, 0.0)
    yours = run(clean)
    if yours is None or (np.isfinite(start).all() and not _is_same(outputs, yours)):
        return "unknown", None  # it is changed in place under another name: a copy is not the same to the code
    if layout.is_mask:
        wanted = wanted_mask(run, clean, yours, outputs, layout)
        return ("unknown" if wanted is None else "possible"), wanted
    return _search(run, clean, yours, outputs, layout)


def _is_same(outputs: Outputs, row: Floats) -> bool:
    with np.errstate(all="ignore"):
        apart = outputs.weights * np.abs(row - outputs.yours)
    return bool(((apart <= AFFINE) | ~np.isfinite(outputs.yours)).all())


def _search(run: Run, x: Floats, row: Floats, outputs: Outputs, layout: Layout) -> tuple[Status, Wanted | None]:
    """Gauss-Newton from the site's own value."""
    have, first, left = x, _left(outputs, row), np.inf
    for place in range(ROUNDS):
        jacobian = jacobian_of(run, x, row)
        if jacobian is None:
            return "unknown", None
        step, rank = least_squares(jacobian, outputs, row)
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
    there = jacobian_of(run, x, row)
    if there is None:
        return x, jacobian
    step, _ = least_squares(there, outputs, row)
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
