"""What the numbers of a site do to the gradients: one run for each, and least squares over them."""

from collections.abc import Callable

import numpy as np

from gradcheck.diagnosis.benches import Bench, gradients_of
from gradcheck.diagnosis.layouts import Layout
from gradcheck.diagnosis.outputs import Outputs
from gradcheck.errors import GradcheckError
from gradcheck.results.arrays import Floats

# Step of the difference that gives a column, relative to the site's numbers: roundings of 1e-12 in what is affine.
STEP = 1e-4
# Singular values below this part of the largest are roundings.
SMALL = 1e-9

Run = Callable[[Floats], Floats | None]


def runner(bench: Bench, outputs: Outputs, layout: Layout) -> Run:
    """The gradients' numbers by the site's, None where the code raises."""

    def run(vector: Floats) -> Floats | None:
        try:
            return outputs.row(gradients_of(bench, outputs.truth.point, layout.replacing(vector)))
        except GradcheckError:
            return None

    return run


def jacobian_of(run: Run, x: Floats, row: Floats) -> Floats | None:
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


def least_squares(jacobian: Floats, outputs: Outputs, row: Floats) -> tuple[Floats, int]:
    """(the smallest step that leaves least, the rank)."""
    weighted = outputs.weights[:, None] * jacobian
    off = outputs.weights * (outputs.true - row)
    left, sizes, right = np.linalg.svd(weighted, full_matrices=False)
    kept = sizes > SMALL * sizes.max(initial=0.0)
    step = right[kept].T @ ((left[:, kept].T @ off) / sizes[kept])
    return step, int(kept.sum())
