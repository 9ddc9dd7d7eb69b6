"""What is believed of a tableau's winners after they were tested against the rest of the ladder."""

from dataclasses import dataclass

import numpy as np

from gradcheck.numeric.kinks import around_kinks
from gradcheck.numeric.plateaus import beyond_plateaus
from gradcheck.numeric.regimes import between_regimes, rivals_of
from gradcheck.numeric.singularities import find_singularities
from gradcheck.numeric.tableau import Tableau
from gradcheck.results.arrays import Floats
from gradcheck.results.outcomes import DOUBTS, Reason


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer on n partials.

    value, bar: (n,). slopes: (2, n) left and right slope where the point itself lies on a kink, else NaN; there `bar`
    holds for each slope and `value` lies halfway. The others: as in results.estimates.Marks.
    """

    value: Floats
    bar: Floats
    slopes: Floats
    doubt: Floats
    core: Floats
    level: Floats
    rival: Floats
    reach: Floats


def cross_examine(tableau: Tableau) -> Answer:
    """The winners, corrected in the order of NUMERICS.md section 2: kinks, singularities, plateaus, regimes."""
    kinked, kink_value, kink_bar, slopes = around_kinks(tableau)
    jumps, singular = find_singularities(tableau)
    kinked &= ~(jumps | singular)  # |x|^0.9 looks like a corner for a few levels, a corner never like |x|^0.9
    slopes = np.where(kinked, slopes, np.nan)
    plain, plain_bar, fooled = beyond_plateaus(tableau)
    above = kinked & (kink_value == tableau.value) & (kink_bar == tableau.bar)  # the winner lies below the corner
    kink_value, kink_bar = np.where(above, plain, kink_value), np.where(above, plain_bar, kink_bar)
    value, bar, core, conflict = between_regimes(tableau, plain, plain_bar)
    rival, reach = rivals_of(tableau, plain, plain_bar)
    doubt = np.select([kinked, jumps, singular, conflict], [_place(None), *map(_place, DOUBTS[1:])], _place(None))
    unclear = kinked | fooled | (value != plain) | (tableau.samples.side != 0)
    return Answer(
        np.where(kinked, kink_value, value),
        np.where(kinked, kink_bar, bar),
        slopes,
        doubt,
        np.where(kinked, np.nan, core),
        np.where(unclear, -1.0, tableau.level),
        rival,
        reach,
    )


def _place(reason: Reason | None) -> float:
    return float(DOUBTS.index(reason))
