"""What the ladder says of many points of one function of one number at once, and how often it is wrong.

All quality tests run as small samples. The full count on demand, for every one of them:

    GRADCHECK_POINTS=700 GRADCHECK_SEED=3 .venv/bin/python -m pytest -m quality -s

GRADCHECK_POINTS: points of each function, and 20 times as many random expressions. GRADCHECK_SEED: which points.
"""

import os
from dataclasses import dataclass, field

import numpy as np

from gradcheck.judgement.comparison import UNDECIDED, compare
from gradcheck.numeric.estimation import to_estimate
from gradcheck.numeric.samples import split
from gradcheck.numeric.steps import steps_for
from gradcheck.numeric.tableau import extrapolate

POINTS = int(os.environ.get("GRADCHECK_POINTS", "12"))
SEED = int(os.environ.get("GRADCHECK_SEED", "1"))
# At most one wrong of so many that is not flagged, and at most one smooth point of 200 flagged.
ONE_IN = 20_000
FALSE_FLAGS = 0.005


def value(f, x):
    """f(x), NaN where its domain ends."""
    try:
        return float(f(x))
    except (ArithmeticError, ValueError):
        return np.nan


def seen(f, points):
    """The estimate of every point as if it stood alone: arrays (n,)."""
    x = np.asarray(points, dtype=float)
    with np.errstate(all="ignore"):
        steps = steps_for(x)
        around = [[[np.nan if np.isnan(z) else value(f, z) for z in row] for row in x + s * steps] for s in (1, -1)]
        centre = np.array([value(f, z) for z in x.tolist()])
        tableau = extrapolate(split(x, steps, np.array(around[0]), np.array(around[1]), centre))
        return to_estimate(x, np.arange(x.size), tableau, 0)


@dataclass
class Tally:
    """Counts over points: outside of the bar and not flagged, flagged, and left out because f has < 3 digits."""

    points: int = 0
    missed: int = 0
    flagged: int = 0
    chaotic: int = 0
    all_missed: list = field(default_factory=list)

    def add(self, answer, truth, exact, got, names):
        """answer: an estimate of n points. truth: their partials. exact, got: f in many digits and in double."""
        with np.errstate(all="ignore"):
            usable = np.abs(got - exact) <= 1e-3 * np.abs(exact)
            flagged = ~np.isfinite(answer.bar) | np.isfinite(answer.slopes).all(axis=0) | (answer.marks.doubt > 0)
            flagged |= np.abs(truth) > answer.marks.steepest
            outside = np.abs(answer.value - truth) > answer.bar + 4e-16 * np.abs(truth)
            flagged |= outside & (compare("x", truth, answer).grades == UNDECIDED)
            wrong = usable & ~flagged & outside
        self.points += int(usable.sum())
        self.chaotic += int((~usable).sum())
        self.flagged += int((flagged & usable).sum())
        self.missed += int(wrong.sum())
        for i in np.flatnonzero(wrong).tolist():
            self.all_missed.append((names[i], float(truth[i]), float(answer.value[i]), float(answer.bar[i])))

    def __str__(self):
        return (
            f"{self.points} points, {self.missed} outside of the bar and not flagged, {self.flagged} flagged, "
            f"{self.chaotic} left out (f has fewer than 3 digits); missed: {self.all_missed[:10]}"
        )

    @property
    def holds(self):
        """At most one wrong of 20,000, and none in a smaller sample."""
        return self.missed * ONE_IN <= self.points
