"""Gradients that are nothing but roundings: a bias before a batch norm, the bias of the keys before a softmax.

What cancels in them leaves some numbers of 1e-17, of which another order of summing makes others. A bar that is a part
of their own size would refute every right gradient.
"""

from collections.abc import Callable, Mapping

import numpy as np

from gradcheck.diagnosis.values import largest
from gradcheck.precision import unit_roundoff
from gradcheck.results.arrays import Floats

Arrays = Mapping[str, Floats]
# Were a parameter as large again, the loss would move by less than this part of what it moves by the one that matters
# most: a hundredth of what is lost when sums of that size cancel, but for some thousand roundings of them.
SUSPICIOUS = 2.0**-36
# With a bar that is less than this part of what matters most, what may be hidden under it is no fault.
HIDDEN = 2.0**-24
# Numbers of which a change of the last digits of all that they come from leaves less than six binary digits.
LOST = 2.0**-6
# So many times the last digits are changed, by so many roundings at most.
TIMES, MOVED = 3, 4.0
NOT_TOLD = np.zeros(0)


def lost_digits(point: Arrays, values: Arrays, again: Callable[[Arrays], Arrays | None]) -> dict[str, float]:
    """By name, how much the last digits of a point move what is left of a gradient that cancels; others are left out.

    values: the gradient there; again: makes it at another point, None where it cannot.
    """
    told = _what_it_moves(point, values)
    suspects = [name for name, size in told.items() if size <= SUSPICIOUS * max(told.values()) and np.any(values[name])]
    if not suspects:
        return {}
    random, moved = np.random.default_rng(0), dict.fromkeys(suspects, 0.0)
    for _ in range(TIMES):
        near = again({name: _shaken(array, random) for name, array in point.items()})
        if near is None:
            return {}
        beside = _what_it_moves(point, near)
        for name in suspects:
            is_still_small = beside[name] <= SUSPICIOUS * max(beside.values())
            moved[name] = max(moved[name], largest(near[name] - values[name])) if is_still_small else np.nan
    return {name: one for name, one in moved.items() if one > LOST * largest(values[name])}


def vanishing(point: Arrays, values: Arrays, bars: Arrays) -> frozenset[str]:
    """The parameters whose gradient is zero as far as its bars tell, and whose bars could hide no fault."""
    most = max(_what_it_moves(point, values).values(), default=0.0)
    hidden = _what_it_moves(point, bars)
    is_zero = {name: largest(array) <= largest(bars[name]) for name, array in values.items()}
    return frozenset(name for name, size in hidden.items() if is_zero[name] and size <= HIDDEN * most)


def _what_it_moves(point: Arrays, values: Arrays) -> dict[str, float]:
    """What each parameter, as large again, does to the loss; one that is zero, or is not told, as if it were 1."""
    return {name: largest(array) * (largest(point.get(name, NOT_TOLD)) or 1.0) for name, array in values.items()}


def _shaken(array: Floats, random: np.random.Generator) -> Floats:
    """The same numbers but for their last digits."""
    return array * (1 + random.uniform(-MOVED, MOVED, size=np.shape(array)) * 2 * unit_roundoff(np.float64))
