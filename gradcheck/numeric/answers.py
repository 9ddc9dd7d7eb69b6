"""What is believed of a tableau's winners after they were tested against the rest of the ladder."""

from dataclasses import dataclass

import numpy as np

from gradcheck.numeric.kinks import around_kinks
from gradcheck.numeric.plateaus import beyond_plateaus
from gradcheck.numeric.regimes import between_regimes
from gradcheck.numeric.tableau import Tableau
from gradcheck.results.arrays import Floats


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer on n partials.

    value, bar: (n,). slopes: (2, n) left and right slope where the point itself lies on a kink, else NaN; there `bar`
    holds for each slope and `value` lies halfway.
    """

    value: Floats
    bar: Floats
    slopes: Floats


def cross_examine(tableau: Tableau) -> Answer:
    """The winners, corrected in the order of NUMERICS.md section 2: kinks first, then plateaus, then regimes."""
    kinked, kink_value, kink_bar, slopes = around_kinks(tableau)
    value, bar = between_regimes(tableau, *beyond_plateaus(tableau))
    return Answer(np.where(kinked, kink_value, value), np.where(kinked, kink_bar, bar), slopes)
