"""Two numbers with their error bars: do they agree, and how small a fault would have shown?"""

import numpy as np
from numpy.typing import DTypeLike, NDArray

from gradcheck.judgement import masks
from gradcheck.judgement.masks import largest_of
from gradcheck.labels import label
from gradcheck.precision import unit_roundoff
from gradcheck.results.arrays import Floats
from gradcheck.results.estimates import Estimate
from gradcheck.results.outcomes import DOUBTS, SEVERITY, Outcome, Reason
from gradcheck.results.verdicts import Verdict

AGREE, UNDECIDED, WRONG = (float(SEVERITY.index(o)) for o in (Outcome.AGREE, Outcome.INCONCLUSIVE, Outcome.DISAGREE))

# A user's own gradient is rounded too, and cancels inside sums as large as the largest partial of its array: 4.5
# roundings of that one were the most seen in float32 nets of 234 and 1,443 parameters; of the entry itself 10,329.
ROUNDINGS = 8
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
    kink, half_gap = masks.on_kink(estimate), masks.half_gap(estimate)
    wrong = known & (~np.isfinite(yours) | (apart > tolerance + half_gap))
    open_ = masks.doubted(estimate) | masks.unresolved(yours, estimate) | masks.seen_coarser(yours, estimate)
    open_ |= wrong & (masks.seen_finer(yours, estimate) | masks.swallowed(yours, estimate))
    small = masks.is_coarse(yours, tolerance, resolution) | masks.is_zero(yours, estimate, tolerance)
    agrees = known & ~kink & (fine | small)
    open_ &= ~masks.beyond_both(wrong, estimate)
    in_core = masks.in_core(yours, estimate, tolerance - estimate.bar)
    grades = np.select([in_core, open_, wrong, agrees], [AGREE, UNDECIDED, WRONG, AGREE], UNDECIDED)
    return np.asarray(np.full(grades.shape, UNDECIDED) if estimate.reason else grades)


def _is_bare(estimate: Estimate) -> bool:
    """Is there nothing but value and bar? What follows of marks and slopes then follows for no entry."""
    return estimate.marks is None and estimate.slopes is None and estimate.reason is None


def _visible(yours: Floats, estimate: Estimate, tolerance: Floats, grades: Floats, resolution: float) -> Floats:
    """The fault that would have shown, relative to the entry, else to the array's largest, else to f's own slopes."""
    fault = np.where(grades == WRONG, tolerance, np.abs(yours - estimate.value) + tolerance)
    itself = fault / np.maximum(np.abs(yours), np.abs(estimate.value))
    coarser = (grades == AGREE) & ~(itself <= 2 * resolution)
    if not coarser.any():
        return np.where(np.isnan(itself), np.inf, itself)
    rest = np.where(
        masks.is_coarse(yours, tolerance, resolution),
        fault / largest_of(yours),
        fault / masks.scale_of(yours, estimate),
    )
    visible = np.where(coarser, rest, itself)
    return np.where(np.isnan(visible), np.inf, visible)


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
    doubts = {reason: masks.doubt(estimate) == DOUBTS.index(reason) for reason in DOUBTS if reason}
    findings = {
        Reason.NONFINITE: ~np.isfinite(estimate.bar),
        Reason.KINK: masks.on_kink(estimate),
        **doubts,
        Reason.UNRESOLVED: masks.unresolved(yours, estimate) | masks.seen_finer(yours, estimate),
        Reason.CONFLICT: doubts[Reason.CONFLICT] | masks.seen_coarser(yours, estimate),
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
