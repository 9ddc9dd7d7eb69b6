"""Slopes of the losses of many samples, each in each of the sample's own numbers, from four values apiece.

f, the loss of a sample, is taken at h and 2h to both sides of a number. D(h) and D(2h) are the central quotients,
R = D(h) + (D(h) - D(2h)) / 3 is the answer, off by h^4 f''''' / 30, and
q = f(2h) + f(-2h) - 4 (f(h) + f(-h)) + 6 f(0) is what a parabola leaves of the even part.

The error bar 2/3 |D(h) - D(2h)| + |q| / (4 h) + rounding holds
- where f is smooth: its first part is h^2 f''' / 3, far more than what R is off by;
- on a corner at the distance u h, slopes 0 and 1: there R is off by |1/2 - 7u/12|, D(h) - D(2h) = u/4 and
  q = (2 - 3u) h for u < 1; for 1 < u < 2 these are (2 - u)/12, (2 - u)/4 and (2 - u) h. The bar is never less, and just
  as much at u = 0, which only q shows, and at u = 2/3, which only the quotients show.
Rounding: values that are off by s each move R by (4/3 + 1/6) s / h at most. q of rounding alone has the deviation
(2 + 32 + 36)^(1/2) s = 8.4 s and 1.6 times that as the largest of ten, so q90 / (2 h), q90 the largest of ten, is good
for 4.6 s. What rounds upwards at h and downwards at -h does not show in q: no value has a smaller s than half a
rounding of all that it was added up from, and the bar holds eight of those.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gradcheck.numeric.estimation import estimate
from gradcheck.numeric.steps import magnitude_of
from gradcheck.precision import EPS
from gradcheck.results.arrays import Floats

# (some of the numbers, their places: (steps, numbers, samples)) -> each sample's loss with that one number there.
Losses = Callable[[slice, Floats], Floats]

# Where h^2 f''' / 3 meets the rounding. Of 2^-17 to 2^-11 this one shows one part in a million in most of the 109,386
# partials of 784-128-64-10 (tanh): in 98 %, and 2^-16 and 2^-12 in 92 %. Numbers above 2^6 move by more.
STEP, FAR = 2.0**-14, 2.0**6
PLACES = np.array([1.0, -1.0, 2.0, -2.0])[:, None, None]
# Of rounding: what of the samples' q, one in ten being larger; how many half roundings of f at least.
ONE_IN_TEN, HALF_ROUNDINGS = 0.9, 8
# Bars above this part of the largest slope are a corner's (a smooth one is 1e-10 of it): such numbers get a ladder
# of their own, of 52 evaluations or more, so many at most.
CORNER, LADDERS = 2.0**-20, 32


@dataclass(frozen=True, slots=True)
class Slopes:
    """Slopes of samples' losses, all fields (numbers, samples).

    |truth - value| <= bar is the claim; where a number lies on a corner the two slopes are value - gap and value + gap.
    """

    value: Floats
    bar: Floats
    gap: Floats


def slopes_of_rows(losses: Losses, x: Floats, centre: Floats, size: Floats, at_once: int) -> Slopes:
    """The slope of every sample's loss in each of its numbers.

    x: (numbers, samples); centre: (samples,) the losses there; size: (samples,) a relative rounding of all
    that is computed in between moves them by so many times that. at_once: how many numbers to ask for in one call.
    """
    value, bar, q = (np.empty(x.shape) for _ in range(3))
    for start in range(0, x.shape[0], at_once):
        some = slice(start, start + at_once)
        value[some], bar[some], q[some] = _differences(losses, some, x[some], centre)
    bar += _rounding(q, np.maximum(size, np.abs(centre))) / _steps(x)
    return _with_ladders(losses, x, Slopes(value, bar, np.zeros(x.shape)))


def _steps(x: Floats) -> Floats:
    return STEP * magnitude_of(x / FAR)


def _differences(losses: Losses, some: slice, x: Floats, centre: Floats) -> tuple[Floats, Floats, Floats]:
    """(R, its bar but for rounding, |q|) of some numbers."""
    h = _steps(x)
    places = x + PLACES * h
    f = losses(some, places)
    near = (f[0] - f[1]) / (places[0] - places[1])
    far = (f[2] - f[3]) / (places[2] - places[3])
    q = np.abs((f[2] - centre) + (f[3] - centre) - 4 * ((f[0] - centre) + (f[1] - centre)))
    change = near - far
    return near + change / 3, np.abs(change) * (2 / 3) + q / (4 * h), q


def _rounding(q: Floats, size: Floats) -> Floats:
    """What rounding adds to R times h, for every sample: as measured there, over all samples, or by its formula."""
    measured = np.maximum(np.quantile(q, ONE_IN_TEN, axis=0), np.quantile(q, ONE_IN_TEN)) / 2
    return np.asarray(np.maximum(measured, HALF_ROUNDINGS * EPS / 2 * 1.5 * size))


def _with_ladders(losses: Losses, x: Floats, seen: Slopes) -> Slopes:
    """The slopes; of those whose bars show a corner the widest as their own ladders say."""
    wide = np.flatnonzero(~(seen.bar <= CORNER * np.abs(seen.value).max(initial=0.0)))
    widest = wide[np.argsort(-seen.bar.reshape(-1)[wide], kind="stable")][:LADDERS]
    for unit, sample in zip(*np.unravel_index(widest, x.shape), strict=True):
        _put_ladder(losses, x, seen, int(unit), int(sample))
    return seen


def _put_ladder(losses: Losses, x: Floats, seen: Slopes, unit: int, sample: int) -> None:
    """Writes what the ladder of one number says, if it says it more sharply."""

    def loss(at: dict[str, Floats]) -> float:
        return float(losses(slice(unit, unit + 1), np.full((1, 1, x.shape[1]), at["x"]))[0, 0, sample])

    one = estimate(loss, {"x": x[unit, sample]})["x"]
    if one.reason is None and not seen.bar[unit, sample] <= one.bar:
        on_corner = one.slopes is not None and np.isfinite(one.slopes).all()
        seen.value[unit, sample], seen.bar[unit, sample] = one.value, one.bar
        seen.gap[unit, sample] = (one.slopes[1] - one.slopes[0]) / 2 if on_corner and one.slopes is not None else 0.0
