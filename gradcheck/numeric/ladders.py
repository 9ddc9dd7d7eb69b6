"""The ladder of one entry to be shown, where its verdict is known already: no winner is looked for."""

import numpy as np

from gradcheck.numeric.estimation import NOISY, REPEATS, differ
from gradcheck.numeric.loans import Arrays, Function
from gradcheck.numeric.samples import Samples, split
from gradcheck.numeric.sampling import value_at, values_around
from gradcheck.numeric.steps import magnitude_of, steps_for
from gradcheck.results.estimates import Ladder

# Steps so small (beside the number's magnitude) that the third order of f moves it by 2^-51 of itself: what is further
# off the line than NOISY says is noise.
FINE = 2.0**-17


def walk_ladder(f: Function, arrays: Arrays, name: str, flat: int, slope: float) -> tuple[Ladder, bool]:
    """The ladder of one entry, and whether f repeats itself at the point: 3 evaluations there, 8 where it looks random.

    flat: the entry's row-major number. slope: the partial as it is known.
    """
    x = arrays[name].reshape(-1)[flat : flat + 1]
    with np.errstate(all="ignore"):
        values = [value_at(f, arrays), value_at(f, arrays)]
        steps = steps_for(x)
        plus, minus = values_around(f, arrays, name, flat, steps[:, 0])
        samples = split(x, steps, plus[:, None], minus[:, None], values[0])
        values.append(value_at(f, arrays))
        if len(set(values)) > 1 or _is_noisy(samples, slope, max(map(abs, values))):
            values += [value_at(f, arrays) for _ in range(REPEATS - len(values))]
        return Ladder(samples.steps[:, 0], (samples.odd / samples.steps)[:, 0]), not differ(values)


def _is_noisy(samples: Samples, slope: float, size: float) -> bool:
    """Does f leave the line of this slope, at steps where nothing else bends it?"""
    fine = samples.steps <= FINE * magnitude_of(samples.x)
    return bool((np.abs(samples.odd - slope * samples.steps)[fine] > NOISY * size).any())
