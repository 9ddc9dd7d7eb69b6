"""Two numbers with their error bars: do they agree, and how small a fault would have shown?"""

import numpy as np
from numpy.typing import DTypeLike, NDArray

from gradcheck.labels import label
from gradcheck.precision import EPS, unit_roundoff
from gradcheck.results.arrays import Floats
from gradcheck.results.estimates import Estimate
from gradcheck.results.outcomes import DOUBTS, SEVERITY, Outcome, Reason
from gradcheck.results.verdicts import Verdict

AGREE, UNDECIDED, WRONG = (float(SEVERITY.index(o)) for o in (Outcome.AGREE, Outcome.INCONCLUSIVE, Outcome.DISAGREE))

# A user's own gradient is rounded too, and cancels inside sums as large as the largest partial of its array: 4.5
# roundings of that one were the most seen in float32 nets of 234 and 1,443 parameters; of the entry itself 10,329.
ROUNDINGS = 8
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
# f whose noise is above this part of itself is called noisy (section 2).
NOISY = 2.0**-30


def compare(
    name: str,
    yours: Floats,
    estimate: Estimate,
    yours_dtype: DTypeLike = np.float64,
    exact: Floats | None = None,
    backprop: Floats | None = None,
    resolution: float = 1e-3,
) -> Verdict:
    """The verdict on one parameter: every entry of a gradient against its numeric estimate.

    yours: the parameter's shape, in float64; yours_dtype: the type it was computed in. exact, backprop: the other
    opinions, shown beside. resolution: AGREE is not said where a larger relative fault could hide.
    Source: NUMERICS.md sections 6 and 8.
    """
    with np.errstate(all="ignore"):
        tolerance = estimate.bar + own_rounding(yours, yours_dtype)
        grades = _grades(yours, estimate, tolerance, resolution)
        visible = _visible(yours, estimate, tolerance, grades, resolution)
        error = relative_error(yours, estimate.value if exact is None else exact)
    reason = _reason(yours, estimate, grades)
    return Verdict(
        name=name,
        yours=yours,
        numeric=estimate.value,
        bar=estimate.bar,
        relative_error=error,
        resolution=visible,
        grades=grades,
        reason=reason,
        remark=_remark(name, yours) if reason is Reason.NOT_FINITE else None,
        exact=exact,
        backprop=backprop,
    )


def relative_error(a: Floats, b: Floats) -> Floats:
    """|a - b| / max(|a|, |b|), 0 where both are 0, infinite where one is not finite."""
    with np.errstate(all="ignore"):
        larger = np.maximum(np.abs(a), np.abs(b))
        error = np.where(larger == 0, 0.0, np.abs(a / larger - b / larger))
    return np.where(np.isfinite(a) & np.isfinite(b), error, np.inf)


def own_rounding(yours: Floats, dtype: DTypeLike) -> Floats:
    """How far rounding alone may have moved each entry of the user's own gradient."""
    return ROUNDINGS * unit_roundoff(dtype) * (np.abs(yours) + largest_of(yours))


def _grades(yours: Floats, estimate: Estimate, tolerance: Floats, resolution: float) -> Floats:
    """Index into SEVERITY per entry; the order of the tests is the order of the rule."""
    apart = np.abs(yours - estimate.value)
    fine = tolerance <= resolution * np.maximum(np.abs(yours), np.abs(estimate.value))
    if _is_bare(estimate) and (fine & (apart <= tolerance)).all():
        return np.full(yours.shape, AGREE)
    known = np.isfinite(estimate.bar)
    kink, half_gap = on_kink(estimate), _half_gap(estimate)
    wrong = known & (~np.isfinite(yours) | (apart > tolerance + half_gap))
    open_ = _doubted(estimate) | _unresolved(yours, estimate) | _seen_coarser(yours, estimate)
    open_ |= wrong & (_seen_finer(yours, estimate) | _swallowed(yours, estimate))
    agrees = known & ~kink & (fine | _is_coarse(yours, tolerance, resolution) | _is_zero(yours, estimate, tolerance))
    in_core = _in_core(yours, estimate, tolerance - estimate.bar)
    grades = np.select(
        [in_core, open_ & ~_beyond_both(wrong, estimate), wrong, agrees], [AGREE, UNDECIDED, WRONG, AGREE], UNDECIDED
    )
    return np.asarray(np.full(grades.shape, UNDECIDED) if estimate.reason else grades)


def _is_bare(estimate: Estimate) -> bool:
    """Is there nothing but value and bar? What follows of marks and slopes then follows for no entry."""
    return estimate.marks is None and estimate.slopes is None and estimate.reason is None


def _doubt(estimate: Estimate) -> Floats:
    """The place in DOUBTS of every entry."""
    return np.zeros(estimate.value.shape) if estimate.marks is None else estimate.marks.doubt


def _doubted(estimate: Estimate) -> NDArray[np.bool_]:
    """True where the ladder says that there is no one slope: no number of the user's can be right or wrong."""
    return np.asarray(_doubt(estimate) > 0)


def _beyond_both(wrong: NDArray[np.bool_], estimate: Estimate) -> NDArray[np.bool_]:
    """True where what lies outside the bar is outside of both regimes of a conflict: the bar reaches to both (R4)."""
    return np.asarray(wrong & (_doubt(estimate) == DOUBTS.index(Reason.CONFLICT)))


def _unresolved(yours: Floats, estimate: Estimate) -> NDArray[np.bool_]:
    """True where f, if its slope were yours, would turn faster than the parameter is rounded (section 6)."""
    if estimate.marks is None:
        return np.zeros(yours.shape, dtype=bool)
    return np.asarray(np.isfinite(yours) & (np.abs(yours) > estimate.marks.steepest))


def _in_core(yours: Floats, estimate: Estimate, own: Floats) -> NDArray[np.bool_]:
    """True where yours is what coarse steps say, finely, though finer ones drown in a rounding inside f (R4)."""
    if estimate.marks is None:
        return np.zeros(yours.shape, dtype=bool)
    tolerance = estimate.marks.core + own
    largest = np.maximum(np.maximum(np.abs(yours), np.abs(estimate.value)), largest_of(yours))
    return np.asarray((np.abs(yours - estimate.value) <= tolerance) & (tolerance <= COARSE * largest))


def _seen_coarser(yours: Floats, estimate: Estimate) -> NDArray[np.bool_]:
    """True where coarser steps, one sharply or three in a row, see yours: a regime that the finer ones do not (R8)."""
    if estimate.marks is None:
        return np.zeros(yours.shape, dtype=bool)
    rows = np.arange(estimate.steps.shape[0]).reshape(-1, *(1,) * yours.ndim)
    near = np.abs(estimate.differences - yours) < NEARER * np.abs(yours - estimate.value)
    near &= rows < estimate.marks.level
    rival = np.abs(yours - estimate.marks.rival) <= estimate.marks.reach
    return np.asarray((near[2:] & near[1:-1] & near[:-2]).any(axis=0) | rival)


def _seen_finer(yours: Floats, estimate: Estimate) -> NDArray[np.bool_]:
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


def _swallowed(yours: Floats, estimate: Estimate) -> NDArray[np.bool_]:
    """True where f stands still, though waves of your slope would fit into one rounding of it."""
    still = np.zeros(yours.shape) if estimate.constant is None else estimate.constant
    return np.asarray((still == 1) & (np.abs(yours) <= WAVES * EPS * _scale(yours, estimate)))


def on_kink(estimate: Estimate) -> NDArray[np.bool_]:
    """True where the slopes left and right of the point differ: there is no one partial."""
    still = np.zeros(estimate.value.shape, dtype=bool)
    return still if estimate.slopes is None else np.asarray(np.isfinite(estimate.slopes).all(axis=0))


def _half_gap(estimate: Estimate) -> Floats:
    """Half the difference of the two slopes at a kink, 0 elsewhere: what lies between them is not called wrong."""
    if estimate.slopes is None:
        return np.zeros(estimate.value.shape)
    return np.where(on_kink(estimate), np.abs(estimate.slopes[1] - estimate.slopes[0]) / 2, 0.0)


def _is_coarse(yours: Floats, tolerance: Floats, resolution: float) -> NDArray[np.bool_]:
    """True where a fault within the tolerance is nothing beside the array's largest partial (R2), as was asked for."""
    return np.asarray(tolerance <= min(COARSE, resolution) * largest_of(yours))


def _is_zero(yours: Floats, estimate: Estimate, tolerance: Floats) -> NDArray[np.bool_]:
    """True where the partial is zero as far as f can say: f does not move, or yours is 0 and f stays flat (R1)."""
    still = np.zeros(yours.shape) if estimate.constant is None else estimate.constant
    scale = _scale(yours, estimate)
    flat = (yours == 0) & (estimate.value == 0) & (tolerance <= PLATEAU * scale)
    return np.asarray(flat | (((still == 1) | (yours == 0)) & (tolerance <= BELOW_ROUNDING * scale)))


def _visible(yours: Floats, estimate: Estimate, tolerance: Floats, grades: Floats, resolution: float) -> Floats:
    """The fault that would have shown, relative to the entry, else to the array's largest, else to f's own slopes."""
    fault = np.where(grades == WRONG, tolerance, np.abs(yours - estimate.value) + tolerance)
    itself = fault / np.maximum(np.abs(yours), np.abs(estimate.value))
    coarser = (grades == AGREE) & ~(itself <= 2 * resolution)
    if not coarser.any():
        return np.where(np.isnan(itself), np.inf, itself)
    rest = np.where(
        _is_coarse(yours, tolerance, resolution), fault / largest_of(yours), fault / _scale(yours, estimate)
    )
    visible = np.where(coarser, rest, itself)
    return np.where(np.isnan(visible), np.inf, visible)


def _scale(yours: Floats, estimate: Estimate) -> Floats:
    """The slope at which f would change by all of itself; for f = 0 the smallest normal number stands for f."""
    return np.maximum(0.0 if estimate.scale is None else estimate.scale, np.full(yours.shape, np.finfo(float).tiny))


def largest_of(yours: Floats) -> float:
    """The largest finite |partial| of the array; 0 for size 0."""
    size = np.abs(yours)
    largest = float(size.max(initial=0.0))
    return largest if largest < np.inf else float(size.max(initial=0.0, where=np.isfinite(size)))


def _reason(yours: Floats, estimate: Estimate, grades: Floats) -> Reason | None:
    """What the gravest entries have beyond their numbers."""
    gravest = grades.max(initial=AGREE)
    if gravest == AGREE:
        return None
    if gravest == WRONG:
        return Reason.NOT_FINITE if not np.isfinite(yours[grades == WRONG]).all() else None
    return estimate.reason or _why_open(yours, estimate, grades == UNDECIDED)


def _why_open(yours: Floats, estimate: Estimate, undecided: NDArray[np.bool_]) -> Reason:
    """The first that holds for any undecided entry, the plainest finding first."""
    marks, nothing = estimate.marks, np.zeros(yours.shape, dtype=bool)
    doubts = {reason: _doubt(estimate) == DOUBTS.index(reason) for reason in DOUBTS if reason}
    findings = {
        Reason.NONFINITE: ~np.isfinite(estimate.bar),
        Reason.KINK: on_kink(estimate),
        **doubts,
        Reason.UNRESOLVED: _unresolved(yours, estimate) | _seen_finer(yours, estimate),
        Reason.CONFLICT: doubts[Reason.CONFLICT] | _seen_coarser(yours, estimate),
        Reason.NOISE: nothing if marks is None else marks.noise > NOISY * marks.size,
        Reason.SATURATED: nothing if marks is None else (marks.noise == 0) & (estimate.value == 0) & (yours != 0),
    }
    return next((reason for reason, found in findings.items() if (found & undecided).any()), Reason.RESOLUTION)


def _remark(name: str, yours: Floats) -> str:
    """Which entries are not numbers: "the gradient is nan at W1[0,1] and 2 more"."""
    places = np.argwhere(~np.isfinite(yours))
    first = tuple(int(i) for i in places[0])
    more = f" and {len(places) - 1} more" if len(places) > 1 else ""
    return f"the gradient is {yours[first]} at {label(name, first)}{more}: look for 0/0, log(0) or overflow in it"
