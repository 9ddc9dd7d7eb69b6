"""Which entries of a mask, or which turns of a condition, should be the other way round to make every gradient right.

A gradient is affine in most masks, entry by entry: one run with each turned round tells what that does, and what is
wrong is the sum of those that should be. Where several sets of entries would do, the smaller steps of a greedy choice
find one; every answer is confirmed by a run.
"""

from collections.abc import Callable, Iterator
from itertools import product

import numpy as np

from gradcheck.diagnosis.angels import Wanted
from gradcheck.diagnosis.layouts import Layout
from gradcheck.diagnosis.outputs import Outputs
from gradcheck.results.arrays import Floats

Run = Callable[[Floats], Floats | None]
# Singular values below this part of the largest are roundings.
SMALL = 1e-9
# So many entries more than gradients tell about are tried either way: four thousand cases, at once.
FREE = 12
# An entry is turned or not, but for the truth's own bar; so many sets of entries are tried by a run.
WHOLE, MOST = 1e-3, 4


def wanted_mask(run: Run, have: Floats, row: Floats, outputs: Outputs, layout: Layout) -> Wanted | None:
    """The mask that a site would need; None where none is found. have: 0 and 1; row: the gradient's numbers with it."""
    turned = _turned(run, have, row)
    if turned is None or not turned.any():
        return None
    weighted, off = outputs.weights[:, None] * turned, outputs.weights * (outputs.true - row)
    for which in (*_solved(weighted, off), _chosen(weighted, off)):
        want = np.where(which, 1 - have, have)
        found = run(want) if which.any() else None
        if found is not None and outputs.are_right(found):
            jacobian = turned * (1 - 2 * have)
            return Wanted(layout, outputs, have, want, jacobian, len(_independent(weighted)))
    return None


def _turned(run: Run, have: Floats, row: Floats) -> Floats | None:
    """What each entry alone does when it is turned round, one column each; None where the code raises."""
    columns = []
    for place in range(have.size):
        other = have.copy()
        other[place] = 1 - other[place]
        found = run(other)
        if found is None:
            return None
        columns.append(found - row)
    matrix = np.stack(columns, axis=1)
    return matrix if np.isfinite(matrix).all() else None


def _solved(weighted: Floats, off: Floats) -> Iterator[Floats]:
    """Masks of the entries that together are just what is wrong, those of the fewest first.

    As many entries as there are more than the rank may be turned or not; the others follow from them.
    """
    basic = _independent(weighted)
    free = [place for place in range(weighted.shape[1]) if place not in basic]
    if len(free) > FREE:
        return
    tried = np.array(list(product((0.0, 1.0), repeat=len(free)))).reshape(2 ** len(free), len(free))
    follow = np.linalg.lstsq(weighted[:, basic], off[:, None] - weighted[:, free] @ tried.T, rcond=None)[0].T
    good = np.all(np.minimum(np.abs(follow), np.abs(follow - 1)) < WHOLE, axis=1)
    found = np.zeros((int(good.sum()), weighted.shape[1]), dtype=bool)
    found[:, basic], found[:, free] = follow[good] > 1 / 2, tried[good] > 1 / 2
    yield from found[np.argsort(found.sum(axis=1), kind="stable")][:MOST]


def _independent(weighted: Floats) -> list[int]:
    """Columns that all others depend on linearly: each time the one that the others so far tell least about."""
    rest, basic = weighted.copy(), list[int]()
    largest = float(np.linalg.norm(rest, axis=0).max())
    while len(basic) < min(rest.shape):
        sizes = np.linalg.norm(rest, axis=0)
        best = int(np.argmax(sizes))
        if sizes[best] <= SMALL * largest:
            break
        unit = rest[:, best] / sizes[best]
        rest -= np.outer(unit, unit @ rest)
        basic.append(best)
    return basic


def _chosen(weighted: Floats, off: Floats) -> Floats:
    """Mask of the entries that one after another leave least."""
    which, left = np.zeros(weighted.shape[1], dtype=bool), off
    for _ in range(weighted.shape[1]):
        after = np.where(which, np.inf, np.linalg.norm(left[:, None] - weighted, axis=0))
        best = int(np.argmin(after))
        if not after[best] < np.linalg.norm(left):
            break
        which[best], left = True, left - weighted[:, best]
    return which
