"""Every entry estimated as cheaply as its verdict allows: a glance to agree, the full ladder for all else."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradcheck.judgement.agreements import agrees_at_once
from gradcheck.judgement.comparison import own_rounding
from gradcheck.judgement.masks import largest_of
from gradcheck.judgement.readings import Reading
from gradcheck.numeric.agreement import Glance, glance
from gradcheck.numeric.estimation import estimate
from gradcheck.numeric.sampling import Function, value_at
from gradcheck.results.arrays import Floats
from gradcheck.results.estimates import Estimate, Marks

Mask = NDArray[np.bool_]

# So many of the worst entries of a parameter go to the ladder first; where it repeats what the glance saw in each, the
# glance is trusted with the other plainly wrong ones: the parameter is wrong already, they only count.
WORST = 8
# Plainly wrong is what lies so many error bars away.
PLAIN = 1024.0


def estimate_sparingly(
    f: Function, point: Mapping[str, Floats], readings: Mapping[str, Reading], resolution: float
) -> dict[str, Estimate]:
    """The partials of f, of the entries that agree at a glance from 6 evaluations, of all others from the full ladder.

    Of many plainly wrong entries in one parameter the WORST go to the ladder; the others follow if it says otherwise.
    """
    centre = value_at(f, point)
    if not np.isfinite(centre):
        return estimate(f, point)
    seen = glance(f, point, list(point), centre)
    open_ = {name: ~_believed(readings[name], seen[name], resolution) for name in point}
    left = {name: mask for name, mask in open_.items() if mask.any()}
    plain = {name: mask & _is_plainly_wrong(readings[name], seen[name]) for name, mask in left.items()}
    first = {name: (left[name] & ~one) | _worst(readings[name], seen[name], one) for name, one in plain.items()}
    ladders = _walk(f, point, first)
    more = {
        name: left[name] & ~first[name] for name, one in ladders.items() if not _repeats(one, seen[name], first[name])
    }
    for name, one in _walk(f, point, more).items():
        ladders[name] = _joined(ladders[name], one, more[name])
    reason = next((one.reason for one in ladders.values() if one.reason), None)
    return {name: replace(_merged(seen[name], ladders.get(name)), reason=reason) for name in point}


def _walk(f: Function, point: Mapping[str, Floats], masks: Mapping[str, Mask]) -> dict[str, Estimate]:
    """Full ladders of the entries in the masks, of the parameters that have such."""
    wanted = {name: mask for name, mask in masks.items() if mask.any()}
    return estimate(f, point, list(wanted), only=wanted) if wanted else {}


def _believed(reading: Reading, seen: Glance, resolution: float) -> Mask:
    """True where no ladder is needed: the glance agrees, or there are no numbers to compare."""
    if reading.reason is not None:
        return np.ones(reading.values.shape, dtype=bool)
    yours = reading.values
    return agrees_at_once(yours, seen, own_rounding(yours, reading.dtype), largest_of(yours), resolution)


def _is_plainly_wrong(reading: Reading, seen: Glance) -> Mask:
    with np.errstate(all="ignore"):
        apart = np.minimum(np.abs(reading.values - seen.value), np.abs(reading.values - seen.before))
        return np.asarray(seen.smooth & (apart > PLAIN * (seen.bar + own_rounding(reading.values, reading.dtype))))


def _worst(reading: Reading, seen: Glance, plain: Mask) -> Mask:
    """The few entries of the mask that are farthest off, relative to themselves."""
    with np.errstate(all="ignore"):
        apart = np.abs(reading.values - seen.value) / np.maximum(np.abs(reading.values), np.abs(seen.value))
    order = np.argsort(np.where(plain, -apart, np.inf), axis=None)[: min(WORST, int(plain.sum()))]
    chosen = np.zeros(plain.shape, dtype=bool)
    chosen.reshape(-1)[order] = True
    return chosen


def _repeats(ladder: Estimate, seen: Glance, walked: Mask) -> bool:
    """Does the ladder say what the glance said, wherever the glance saw a smooth f?"""
    with np.errstate(all="ignore"):
        apart = np.abs(ladder.value - seen.value) > ladder.bar + seen.bar
    return not bool((apart & walked & seen.smooth).any())


def _merged(seen: Glance, ladder: Estimate | None) -> Estimate:
    """The ladder where there is one, else the glance."""
    if ladder is None:
        none = np.full((1, *seen.value.shape), np.nan)
        return Estimate(seen.value, seen.bar, np.zeros(seen.value.shape), none, none, 0, seen.scale)
    known = np.isfinite(ladder.steps).any(axis=0)
    return replace(
        ladder,
        value=np.where(known, ladder.value, seen.value),
        bar=np.where(known, ladder.bar, seen.bar),
        scale=np.where(known, ladder.scale if ladder.scale is not None else 0.0, seen.scale),
    )


def _joined(first: Estimate, second: Estimate, mask: Mask) -> Estimate:
    """Two walks over one parameter as one estimate: the second's entries where the mask is set."""
    rows = max(first.steps.shape[0], second.steps.shape[0])

    def pad(levels: Floats) -> Floats:
        missing = np.full((rows - levels.shape[0], *levels.shape[1:]), np.nan)
        return np.concatenate([levels, missing])

    def join(a: Any, b: Any, names: tuple[str, ...]) -> dict[str, Any]:
        pairs = {name: (getattr(a, name), getattr(b, name)) for name in names}
        return {name: None if one is None else np.where(mask, other, one) for name, (one, other) in pairs.items()}

    marks = first.marks and replace(first.marks, **join(first.marks, second.marks, Marks.__slots__))
    return replace(
        first,
        **join(first, second, ("value", "bar", "one_sided", "scale", "constant", "slopes")),
        steps=np.where(mask, pad(second.steps), pad(first.steps)),
        differences=np.where(mask, pad(second.differences), pad(first.differences)),
        evaluations=first.evaluations + second.evaluations,
        marks=marks,
        reason=first.reason or second.reason,
    )
