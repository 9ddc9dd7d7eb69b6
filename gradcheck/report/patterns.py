"""What kind of wrong a wrong gradient is, in words: twice the true value, wrong sign, transposed."""

import math

import numpy as np

from gradcheck.results.arrays import Floats
from gradcheck.results.outcomes import Outcome, Reason
from gradcheck.results.verdicts import Entry, Verdict

# Ratios that a slip produces; more would make coincidences look like findings.
RATIOS = {
    -1.0: "minus the true value",
    2.0: "twice the true value",
    0.5: "half the true value",
    -2.0: "minus twice the true value",
    -0.5: "minus half the true value",
    3.0: "three times the true value",
    4.0: "four times the true value",
    1 / 3: "a third of the true value",
    0.25: "a quarter of the true value",
}
# Two values count as one pattern if they differ by less than this: far above the error bars of smooth losses (1e-8 at
# most), far below the distance of the ratios above.
SAME = 1e-6


def pattern_of(verdict: Verdict) -> str | None:
    """What all wrong entries have in common, or None."""
    wrong = verdict.grades == 2
    if verdict.outcome is not Outcome.DISAGREE or verdict.reason or not np.isfinite(verdict.yours[wrong]).all():
        return None
    truth = truth_of(verdict)
    if not verdict.yours[wrong].any():
        return "zero"
    if _is_transposed(verdict.yours, truth):
        return "the transpose of the true gradient"
    return _ratio(verdict.yours[wrong], truth[wrong])


def truth_of(verdict: Verdict) -> Floats:
    """The exact values where there are some, else the numeric ones."""
    return verdict.numeric if verdict.exact is None else verdict.exact


def consequence_of(verdict: Verdict) -> str:
    """The most telling thing about the worst entry: `wrong sign`, `3 times too large`, `missing`."""
    if verdict.reason is Reason.MISSING:
        return "missing"
    if verdict.reason is Reason.SHAPE:
        return "wrong shape"
    if verdict.worst_index is None:
        return "nothing to compare"
    return pattern_of(verdict) or _in_words(verdict.entry(verdict.worst_index))


def true_value(entry: Entry) -> float:
    """The exact value where there is one, else the numeric one."""
    return entry.numeric if entry.exact is None else entry.exact


def _in_words(entry: Entry) -> str:
    yours, truth = entry.yours, true_value(entry)
    if not math.isfinite(yours):
        return "not a finite number"
    if abs(truth) <= entry.error_bar or truth == 0:
        return "it should be zero"
    if yours == 0:
        return "it is zero"
    return _compared(yours / truth)


def _compared(ratio: float) -> str:
    if ratio < 0:
        return "wrong sign"
    if 0.9 < ratio < 1.1:
        return f"{100 * abs(ratio - 1):.2g} % too {'large' if ratio > 1 else 'small'}"
    return f"{ratio:.3g} times too large" if ratio > 1 else f"{1 / ratio:.3g} times too small"


def _ratio(yours: Floats, truth: Floats) -> str | None:
    if not truth.all():
        return None
    ratios = yours / truth
    names = (words for ratio, words in RATIOS.items() if np.allclose(ratios, ratio, rtol=SAME, atol=0))
    return next(names, None)


def _is_transposed(yours: Floats, truth: Floats) -> bool:
    square = yours.ndim == 2 and yours.shape[0] == yours.shape[1] > 1
    return square and bool(np.allclose(yours, truth.T, rtol=SAME, atol=0))
