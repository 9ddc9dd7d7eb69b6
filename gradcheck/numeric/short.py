"""A short ladder of one entry: enough where other evidence says the same, never to disagree by itself."""

import numpy as np

from gradcheck.numeric.estimation import to_estimate
from gradcheck.numeric.lines import Line
from gradcheck.numeric.samples import split
from gradcheck.numeric.sampling import values_around
from gradcheck.numeric.steps import steps_for
from gradcheck.numeric.tableau import extrapolate
from gradcheck.results.estimates import Estimate

# Steps 2^-5, 2^-7 ... 2^-19 of the number's magnitude: 16 evaluations, around the step of 2^-12 where a double's
# rounding and the truncation of an ordinary function meet. Alone such ladders were wrong 1,676 times of 21,906
# (NUMERICS.md section 5).
FIRST, LEVELS = 2, 8


def short_ladder(line: Line, name: str, flat: int, centre: float) -> Estimate:
    """The partial of one entry from 16 evaluations, of shape (); centre: f at the point. flat: its row-major number."""
    x = line.point[name].reshape(-1)[flat : flat + 1]
    with np.errstate(all="ignore"):
        steps = steps_for(x)[FIRST : FIRST + LEVELS]
        plus, minus = values_around(line.f, line.point, name, flat, steps[:, 0])
        tableau = extrapolate(split(x, steps, plus[:, None], minus[:, None], centre))
        return to_estimate(np.zeros(()), np.array([0]), tableau, 2 * LEVELS)
