"""What kind of wrong a wrong gradient is, in words: its pattern, or the most telling thing about its worst entry."""

import math

from gradcheck.results.outcomes import Reason
from gradcheck.results.verdicts import Entry, Verdict


def consequence_of(verdict: Verdict) -> str:
    """The most telling thing about the worst entry: `wrong sign`, `3.5 times the true value`, `missing`."""
    if verdict.reason is Reason.MISSING:
        return "missing"
    if verdict.reason is Reason.SHAPE:
        return "wrong shape"
    if verdict.worst_index is None:
        return "nothing to compare"
    return verdict.pattern or _in_words(verdict.entry(verdict.worst_index))


def _in_words(entry: Entry) -> str:
    yours, truth = entry.yours, entry.truth
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
    return f"{ratio:.3g} times the true value"
