"""What an estimate says of each entry beside value and bar: other regimes, corners, plateaus, what rounding hides."""

import numpy as np
from numpy.typing import NDArray

from gradcheck.precision import EPS
from gradcheck.results.arrays import Floats
from gradcheck.results.estimates import Estimate
from gradcheck.results.outcomes import DOUBTS, Reason

# A tolerance below this part of the array's largest partial is fine enough for every entry (section 8, R2: with 2^-30
# correct files stayed undecided; it comes after the test for DISAGREE, so it hides none that was seen).
COARSE = 2.0**-10
# A slope that moves f by less than this part of itself over the number's own magnitude drowns in rounding (R2).
BELOW_ROUNDING = 2.0**-42
# Both 0, exactly: f has one value on both sides as far as the next corner. A plateau counts down to a width of 2^-16 of
# the number's magnitude (section 8, R5), where its bar is 3·16·eps·|f| / 2^-16 = 2^-30.4 of f over that magnitude.
PLATEAU = 2.0**-30
# Three coarser steps in a row that all say yours, within this part of what lies between yours and the estimate, are
# another regime of f and no proof against it (R8: of 200 right gradients of losses with a float32 part all were
# called wrong before; of 1,550 wrong ones none is lost).
NEARER = 1 / 8
# Two finer steps in a row that say yours count only where the winner's noise is more than so many roundings of f and of
# its argument (the finest step is 2 to 8 roundings of x): rounding alone comes that near by chance.
ABOVE_ROUNDING = 4.0
# f that stands still may still turn, within one rounding of itself, so often over the number's magnitude: of 20,000
# random expressions one did, 2e16 + cos(890 (7 / x - sqrt x)).
WAVES = 2.0**12


def doubt(estimate: Estimate) -> Floats:
    """The place in DOUBTS of every entry."""
    return np.zeros(estimate.value.shape) if estimate.marks is None else estimate.marks.doubt


def doubted(estimate: Estimate) -> NDArray[np.bool_]:
    """True where the ladder says that there is no one slope: no number of the user's can be right or wrong."""
    return np.asarray(doubt(estimate) > 0)


def beyond_both(wrong: NDArray[np.bool_], estimate: Estimate) -> NDArray[np.bool_]:
    """True where what lies outside the bar is outside of both regimes of a conflict: the bar reaches to both (R4)."""
    return np.asarray(wrong & (doubt(estimate) == DOUBTS.index(Reason.CONFLICT)))


def unresolved(yours: Floats, estimate: Estimate) -> NDArray[np.bool_]:
    """True where f, if its slope were yours, would turn faster than the parameter is rounded (section 6)."""
    if estimate.marks is None:
        return np.zeros(yours.shape, dtype=bool)
    return np.asarray(np.isfinite(yours) & (np.abs(yours) > estimate.marks.steepest))


def in_core(yours: Floats, estimate: Estimate, own: Floats) -> NDArray[np.bool_]:
    """True where yours is what coarse steps say, finely, though finer ones drown in a rounding inside f (R4)."""
    if estimate.marks is None:
        return np.zeros(yours.shape, dtype=bool)
    tolerance = estimate.marks.core + own
    largest = np.maximum(np.maximum(np.abs(yours), np.abs(estimate.value)), largest_of(yours))
    return np.asarray((np.abs(yours - estimate.value) <= tolerance) & (tolerance <= COARSE * largest))


def seen_coarser(yours: Floats, estimate: Estimate) -> NDArray[np.bool_]:
    """True where coarser steps, one sharply or three in a row, see yours: a regime that the finer ones do not (R8)."""
    if estimate.marks is None:
        return np.zeros(yours.shape, dtype=bool)
    rows = np.arange(estimate.steps.shape[0]).reshape(-1, *(1,) * yours.ndim)
    near = np.abs(estimate.differences - yours) < NEARER * np.abs(yours - estimate.value)
    near &= rows < estimate.marks.level
    rival = np.abs(yours - estimate.marks.rival) <= estimate.marks.reach
    return np.asarray((near[2:] & near[1:-1] & near[:-2]).any(axis=0) | rival)


def seen_finer(yours: Floats, estimate: Estimate) -> NDArray[np.bool_]:
    """True where two finer quotients in a row are yours, and what the winner calls noise is more than rounding.

    Not those of a plateau: there rounding has swallowed all of the step.
    """
    if estimate.marks is None:
        return np.zeros(yours.shape, dtype=bool)
    marks, rows = estimate.marks, np.arange(estimate.steps.shape[0]).reshape(-1, *(1,) * yours.ndim)
    grain = np.fmin.reduce(estimate.steps, axis=0) / 2
    loud = marks.noise > ABOVE_ROUNDING * np.maximum(EPS * marks.size, np.abs(estimate.value) * grain)
    near = np.abs(estimate.differences - yours) < NEARER * np.abs(yours - estimate.value)
    near &= (rows > marks.level) & (marks.level >= 0) & loud & (estimate.differences != 0)
    return np.asarray((near[1:] & near[:-1]).any(axis=0))


def swallowed(yours: Floats, estimate: Estimate) -> NDArray[np.bool_]:
    """True where f stands still, though waves of your slope would fit into one rounding of it."""
    still = np.zeros(yours.shape) if estimate.constant is None else estimate.constant
    return np.asarray((still == 1) & (np.abs(yours) <= WAVES * EPS * scale_of(yours, estimate)))


def on_kink(estimate: Estimate) -> NDArray[np.bool_]:
    """True where the slopes left and right of the point differ: there is no one partial."""
    still = np.zeros(estimate.value.shape, dtype=bool)
    return still if estimate.slopes is None else np.asarray(np.isfinite(estimate.slopes).all(axis=0))


def half_gap(estimate: Estimate) -> Floats:
    """Half the difference of the two slopes at a kink, 0 elsewhere: what lies between them is not called wrong."""
    if estimate.slopes is None:
        return np.zeros(estimate.value.shape)
    return np.where(on_kink(estimate), np.abs(estimate.slopes[1] - estimate.slopes[0]) / 2, 0.0)


def is_coarse(yours: Floats, tolerance: Floats, resolution: float) -> NDArray[np.bool_]:
    """True where a fault within the tolerance is nothing beside the array's largest partial (R2), as was asked for."""
    return np.asarray(tolerance <= min(COARSE, resolution) * largest_of(yours))


def is_zero(yours: Floats, estimate: Estimate, tolerance: Floats) -> NDArray[np.bool_]:
    """True where the partial is zero as far as f can say: f does not move, or yours is 0 and f stays flat (R1)."""
    still = np.zeros(yours.shape) if estimate.constant is None else estimate.constant
    scale = scale_of(yours, estimate)
    flat = (yours == 0) & (estimate.value == 0) & (tolerance <= PLATEAU * scale)
    return np.asarray(flat | (((still == 1) | (yours == 0)) & (tolerance <= BELOW_ROUNDING * scale)))


def scale_of(yours: Floats, estimate: Estimate) -> Floats:
    """The slope at which f would change by all of itself; for f = 0 the smallest normal number stands for f."""
    return np.maximum(0.0 if estimate.scale is None else estimate.scale, np.full(yours.shape, np.finfo(float).tiny))


def largest_of(yours: Floats) -> float:
    """The largest finite |partial| of the array; 0 for size 0."""
    size = np.abs(yours)
    largest = float(size.max(initial=0.0))
    return largest if largest < np.inf else float(size.max(initial=0.0, where=np.isfinite(size)))
