"""The ladder of one entry to be shown, where its verdict is known already: no winner is looked for."""

import numpy as np

from gradcheck.numeric.estimation import NOISY, REPEATS, differ
from gradcheck.numeric.loans import Arrays, Function
from gradcheck.numeric.samples import split
from gradcheck.numeric.sampling import value_at, values_around
from gradcheck.numeric.steps import magnitude_of, steps_for
from gradcheck.results.arrays import Floats
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
        steps = steps_for(x)[:, 0]
        steps, odd = _odd_part(x, steps, *values_around(f, arrays, name, flat, steps), values[0])
        values.append(value_at(f, arrays))
        fine = steps <= FINE * magnitude_of(x)
        if len(set(values)) > 1 or _leaves(odd[fine], slope * steps[fine], NOISY * max(map(abs, values))):
            values += [value_at(f, arrays) for _ in range(REPEATS - len(values))]
        return Ladder(steps, odd / steps), not differ(values)


def _odd_part(x: Floats, steps: Floats, plus: Floats, minus: Floats, centre: float) -> tuple[Floats, Floats]:
    """(steps, what f moves by along each): one-sided where only one side of the point lies in the domain."""
    odd = (plus - minus) / 2
    if np.isfinite(odd).all():
        return steps, odd
    samples = split(x, steps[:, None], plus[:, None], minus[:, None], centre)
    return samples.steps[:, 0], samples.odd[:, 0]


def _leaves(odd: Floats, line: Floats, noise: float) -> bool:
    """Does f leave its line by more than that?"""
    return bool((np.abs(odd - line) > noise).any())
