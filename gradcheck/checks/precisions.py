"""Parameters in float32 or float16: the loss is evaluated in float64, the gradient judged in its own precision."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from gradcheck.errors import GradcheckError, UserCodeError
from gradcheck.results.arrays import Floats
from gradcheck.results.outcomes import Outcome, Reason
from gradcheck.results.verdicts import Verdict
from gradcheck.subject.cases import Case, coarse_names, gradient_at, loss_at

# Factors that move a number out of what float32 can hold; a loss that comes back in float32 from all three computes in
# it: of a float64 loss one value in 2^29 does.
NUDGES = (1.0, 1.00123456789, 0.99876543211)


def settle_precision(case: Case) -> tuple[Case, tuple[str, ...]]:
    """The case whose loss gets what it takes, float64 before the parameters' own types, and notes that say so."""
    coarse = coarse_names(case)
    if not coarse:
        return case, ()
    kinds = " and ".join(sorted({str(case.at.dtypes[name]) for name in coarse}))
    try:
        loss_at(case, case.at.arrays, let_through=())
    except UserCodeError as error:
        own = replace(case, in_own_precision=True)
        try:
            loss_at(own, case.at.arrays, let_through=())
        except UserCodeError:
            raise error from None
        return own, (f"{case.subject.loss} takes {kinds} only, so it could not be evaluated in float64: {error}",)
    kind = _computes_in(case)
    told = f"{case.subject.loss} computes in {kind} whatever it is given, which limits what can be seen"
    return case, (told,) if kind else ()


def judge_in_float64(
    case: Case,
    point: Mapping[str, Floats],
    verdicts: Sequence[Verdict],
    judge: Callable[[Mapping[str, Any], Sequence[str]], Sequence[Verdict]],
) -> tuple[tuple[Verdict, ...], tuple[str, ...]]:
    """Verdicts that roundings of coarse parameters leave open or wrong, judged anew by the gradient in float64.

    No count of roundings is enough for every formula (NUMERICS.md section 8, Own): what agrees in float64 is a right
    formula. judge: (gradient, names) -> verdicts. Notes say how far rounding moves the gradient.
    """
    coarse = set(coarse_names(case))
    names = [v.name for v in verdicts if v.name in coarse and _is_open(v)]
    if not names:
        return tuple(verdicts), ()
    try:
        gradient = gradient_at(case, point, upcast=True)
    except GradcheckError as error:
        return tuple(verdicts), (f"the gradient could not be evaluated in float64: {error}",)
    fine = [name for name in names if _is_fine(gradient.get(name))]
    anew = {verdict.name: verdict for verdict in judge(gradient, fine)} if fine else {}
    notes = (_told(case, old, anew[old.name]) for old in verdicts if old.name in anew)
    return tuple(anew.get(verdict.name, verdict) for verdict in verdicts), tuple(note for note in notes if note)


def _is_open(verdict: Verdict) -> bool:
    """Not agreed on, by numbers alone."""
    return verdict.outcome is not Outcome.AGREE and verdict.reason in (None, Reason.RESOLUTION)


def _is_fine(value: Any) -> bool:
    """Did the gradient come back in float64?"""
    return value is not None and np.asarray(value).dtype == np.float64


def _told(case: Case, old: Verdict, new: Verdict) -> str | None:
    """The note that rounding moves a gradient; None where it does not, or moves all of it to infinity."""
    largest = float(np.max(np.abs(new.yours), initial=0.0))
    moved = float(np.max(np.abs(old.yours - new.yours), initial=0.0))
    if not 0 < moved < np.inf or not largest:
        return None
    kind, part = case.at.dtypes[old.name], f"by up to {moved / largest:.1e} of its largest entry"
    return f"{old.name} was judged with the gradient in float64: rounding in {kind} moves it {part}"


def _computes_in(case: Case) -> str | None:
    """The coarse type whose numbers the loss gives at points that this type cannot hold; None where there is none."""
    points = ({name: array * factor for name, array in case.at.arrays.items()} for factor in NUDGES)
    try:
        values = [loss_at(case, point) for point in points]
    except GradcheckError:
        return None
    with np.errstate(all="ignore"):
        held = (
            kind.__name__ for kind in (np.float16, np.float32) if all(float(kind(value)) == value for value in values)
        )
        return next(held, None) if len(set(values)) == len(NUDGES) else None
