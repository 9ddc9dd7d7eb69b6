"""Does a verdict tell of a wrong slope: the user's, or one of the opinions'?"""

import numpy as np

from gradcheck.judgement.comparison import AGREE, own_rounding
from gradcheck.results.outcomes import Outcome
from gradcheck.results.verdicts import Verdict


def is_wrong(verdict: Verdict) -> bool:
    """DISAGREE, or the differences decide for yours and the exact slope is another than theirs."""
    if verdict.outcome is Outcome.DISAGREE or verdict.exact is None:
        return verdict.outcome is Outcome.DISAGREE
    bar = verdict.bar + own_rounding(verdict.exact, np.float64)
    return bool(((verdict.grades == AGREE) & (np.abs(verdict.exact - verdict.numeric) > bar)).any())
