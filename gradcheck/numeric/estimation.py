"""Partials of a function of named arrays by differences, each with its own error bar."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gradcheck.numeric.answers import cross_examine
from gradcheck.numeric.progress import tell
from gradcheck.numeric.samples import Samples, split
from gradcheck.numeric.sampling import Arrays, Function, value_at, values_around
from gradcheck.numeric.steps import magnitude_of, steps_for
from gradcheck.numeric.tableau import Tableau, extrapolate
from gradcheck.precision import EPS, spacing
from gradcheck.results.arrays import Floats
from gradcheck.results.estimates import Estimate, Marks
from gradcheck.results.outcomes import Reason

Masks = Mapping[str, NDArray[np.bool_]]

# f whose measured noise is above this part of itself may be random, and so may one that gave two values: it is called
# at the point so often. Of 300 losses with dropout three calls let 69 pass (NUMERICS.md sections 2 and 3c).
NOISY = 2.0**-30
REPEATS = 8
# Sums in another order differ by roundings: those are noise, which the ladder measures, and no hidden state.
REORDERED = 16 * EPS
# Where f is that noisy, a slope that moves it by more than the noise within so many roundings of x cannot be followed
# by any step (NUMERICS.md section 6).
HIDDEN, GRAINS = 2.0**-20, 2.0**12


def estimate(
    f: Function,
    at: Mapping[str, ArrayLike],
    names: Sequence[str] | None = None,
    *,
    only: Masks | None = None,
    shift: int = 0,
) -> dict[str, Estimate]:
    """The partials of f at the point, for every named parameter (all of them where `names` is None).

    f gets a dict of fresh float64 arrays; where it raises an ArithmeticError or a ValueError its domain ends. f at the
    point is evaluated three times, first, second and last, and 8 times in all where it looks random: values that differ
    by more than roundings make every estimate UNREPEATABLE.
    only: masks of the entries to estimate, the others stay NaN with an infinite bar. shift: halves every step so often.
    """
    arrays = {name: np.array(value, dtype=np.float64) for name, value in at.items()}
    chosen = list(arrays) if names is None else list(names)
    with np.errstate(all="ignore"):
        centre, again = value_at(f, arrays), value_at(f, arrays)
        ladders = {name: _ladder(f, arrays, name, centre, _places(arrays, name, only), shift) for name in chosen}
        estimates = {name: to_estimate(arrays[name], *ladders[name]) for name in chosen}
        values = [centre, again, value_at(f, arrays)]
        if len(set(values)) > 1 or any(map(_is_noisy, estimates.values())):
            values += [value_at(f, arrays) for _ in range(REPEATS - len(values))]
        if differ(values):
            return {name: replace(one, reason=Reason.UNREPEATABLE) for name, one in estimates.items()}
        return estimates


def _is_noisy(one: Estimate) -> bool:
    """Does f leave its own line by more than rounding explains, in any entry?"""
    return one.marks is not None and bool((one.marks.noise > NOISY * one.marks.size).any())


def differ(values: list[float]) -> bool:
    """Are these values of f at one point more than one value and its roundings?"""
    finite = np.isfinite(values)
    if not finite.all():
        return bool(finite.any() or len(set(map(str, values))) > 1)
    return max(values) - min(values) > REORDERED * max(map(abs, values))


def _places(arrays: Arrays, name: str, only: Masks | None) -> NDArray[np.intp]:
    """Row-major numbers of the entries to estimate."""
    return np.flatnonzero(np.ones(arrays[name].shape, dtype=bool) if only is None else only[name])


def _ladder(
    f: Function, arrays: Arrays, name: str, centre: float, places: NDArray[np.intp], shift: int
) -> tuple[NDArray[np.intp], Tableau, int]:
    """(places, their tableau, evaluations of f): no level where f is not finite at the point itself."""
    x = arrays[name].reshape(-1)[places]
    steps = steps_for(x, shift) if np.isfinite(centre) else np.full((1, x.size), np.nan)
    sides = []
    for i, place in enumerate(places):
        sides.append(values_around(f, arrays, name, int(place), steps[:, i]))
        tell(name, i + 1, places.size)
    values = np.array(sides, dtype=np.float64).reshape(x.size, 2, steps.shape[0]).transpose(1, 2, 0)
    return places, extrapolate(split(x, steps, values[0], values[1], centre)), 2 * int(np.isfinite(steps).sum())


def to_estimate(array: Floats, places: NDArray[np.intp], tableau: Tableau, evaluations: int) -> Estimate:
    """The winners in the shape of the parameter."""
    samples, answer = tableau.samples, cross_examine(tableau)

    def spread(values: Floats, missing: float = np.nan) -> Floats:
        full = np.full((*values.shape[:-1], array.size), missing)
        full[..., places] = values
        return full.reshape(values.shape[:-1] + array.shape)

    noise, size = tableau.noise, _winner(samples.largest, tableau)
    steepest = np.where(noise > HIDDEN * size, noise / (GRAINS * spacing(samples.x)), np.inf)
    scale = np.fmax(_winner(samples.largest, tableau) / magnitude_of(samples.x), _steepest_nearby(samples))
    return Estimate(
        value=spread(answer.value),
        bar=spread(answer.bar, np.inf),
        one_sided=spread((np.abs(samples.side) == 1).astype(np.float64), 0.0),
        steps=spread(samples.steps),
        differences=spread(samples.odd / samples.steps),
        evaluations=evaluations,
        scale=spread(scale, 0.0),
        constant=spread(_is_constant(tableau).astype(np.float64), 0.0),
        slopes=spread(answer.slopes),
        marks=Marks(
            doubt=spread(answer.doubt, 0.0),
            noise=spread(noise, 0.0),
            size=spread(size, 0.0),
            steepest=spread(steepest, np.inf),
            core=spread(answer.core),
            level=spread(answer.level, -1.0),
            rival=spread(answer.rival),
            reach=spread(answer.reach),
        ),
    )


def _winner(levels: Floats, tableau: Tableau) -> Floats:
    """The number at each winner's level; 0 where there is none."""
    return np.nan_to_num(levels[tableau.level, np.arange(levels.shape[1])])


def _steepest_nearby(samples: Samples) -> Floats:
    """The steepest secant from the point within a thousandth of the number's own magnitude; 0 where there is none."""
    near = samples.steps <= magnitude_of(samples.x) / 1000
    secants = np.where(near, (np.abs(samples.odd) + np.abs(samples.even)) / samples.steps, 0.0)
    return np.asarray(np.fmax.reduce(secants, axis=0, initial=0.0))


def _is_constant(tableau: Tableau) -> NDArray[np.bool_]:
    """True where f has one and the same value on the whole ladder."""
    samples = tableau.samples
    still = (samples.odd == 0) & (samples.even == 0)
    known = np.isfinite(samples.steps)
    return np.asarray((still | ~known).all(axis=0) & known.any(axis=0))
