"""What kind of wrong a wrong gradient is, where its numbers say so beyond doubt: doubled, transposed, summed."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from gradcheck.judgement.comparison import WRONG, own_rounding
from gradcheck.judgement.slips import Alternative, Setting, alternatives_to
from gradcheck.results.arrays import Floats
from gradcheck.results.verdicts import Verdict

TOTAL = "other entries with the true total: a sum over the wrong axis, or a wrong index"
# An entry speaks for a pattern where the fault is so many times larger than what the numbers leave open; entries whose
# truth is 0 or whose fault drowns in the error bar must fit too, but say nothing.
CLEAR = 1e3
# One such entry meets one of a hundred alternatives by chance once in CLEAR / 100 times, three practically never; a
# single entry must therefore be this clear.
CLEAR_ALONE = 1e6


def name_patterns(
    verdicts: Sequence[Verdict], at: Mapping[str, Floats], sizes: Mapping[int, str]
) -> tuple[Verdict, ...]:
    """The verdicts of one point, each with the pattern of its wrong entries."""
    truths = {verdict.name: verdict.truth for verdict in verdicts}
    named = []
    for verdict in verdicts:
        others = {name: truth for name, truth in truths.items() if name != verdict.name}
        named.append(replace(verdict, pattern=find_pattern(verdict, Setting(at.get(verdict.name), others, sizes))))
    return tuple(named)


def find_pattern(verdict: Verdict, setting: Setting | None = None) -> str | None:
    """What all wrong entries have in common, in words; None where the numbers leave a doubt.

    Every entry must lie within its error bar of the alternative, and enough entries must tell it from the truth.
    """
    wrong = verdict.grades == WRONG
    if verdict.reason or not wrong.any() or not np.isfinite(verdict.yours).all():
        return None
    truth = verdict.truth
    bar = np.where(np.isfinite(verdict.bar), verdict.bar, np.inf)
    with np.errstate(all="ignore"):
        for alternative in alternatives_to(verdict.yours, truth, bar, wrong, setting or Setting()):
            if _is_beyond_doubt(verdict.yours, truth, alternative):
                return alternative.words
        return TOTAL if _has_true_total(verdict.yours, truth, bar) else None


def _is_beyond_doubt(yours: Floats, truth: Floats, alternative: Alternative) -> bool:
    """Do all entries fit within what the numbers leave open, and enough of them only that alternative?"""
    open_ = alternative.bar + _rounding(yours)
    if not (np.isfinite(alternative.values).all() and (np.abs(yours - alternative.values) <= open_).all()):
        return False
    clearness = np.abs(alternative.values - truth) / open_
    clear = np.sort(clearness[clearness >= CLEAR])[::-1]
    if clear.size >= 3 + alternative.fitted:
        return True
    return bool(clear.size > alternative.fitted and clear[alternative.fitted] >= CLEAR_ALONE)


def _has_true_total(yours: Floats, truth: Floats, bar: Floats) -> bool:
    """Is only the sum of the entries right, and no sum that is 0 whatever the entries are (as over a softmax)?"""
    open_ = float(bar.sum() + _rounding(yours).sum())
    off = np.abs(yours - truth)
    several = int((off >= CLEAR * open_).sum()) > 1 and float(off.max()) >= CLEAR_ALONE * open_
    return several and abs(yours.sum() - truth.sum()) <= open_ <= abs(truth.sum()) / CLEAR_ALONE


def _rounding(yours: Floats) -> Floats:
    """How far rounding may have moved each entry; numbers that all fit in float32 were computed there."""
    with np.errstate(all="ignore"):
        single = bool((yours.astype(np.float32) == yours).all())
    return own_rounding(yours, np.float32 if single else np.float64) + np.finfo(float).tiny
