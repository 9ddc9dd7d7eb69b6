"""Verdicts on large gradients, from probes, with the entries named that make one disagree."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gradcheck.judgement.comparison import AGREE, ROUNDINGS, UNDECIDED, WRONG, compare, relative_error
from gradcheck.judgement.culprits import Culprits, find_culprit, lack_along, mended, unexplained
from gradcheck.judgement.masks import largest_of
from gradcheck.judgement.probing import Probed, glance_along, rounding_along, settle
from gradcheck.judgement.readings import Reading
from gradcheck.numeric.lines import Line, lines_from
from gradcheck.numeric.loans import Arrays, Function
from gradcheck.numeric.pieces import length_of
from gradcheck.numeric.probes import FLOOR, Field, field_around, smallest_seen
from gradcheck.numeric.progress import tell
from gradcheck.numeric.sampling import value_at
from gradcheck.precision import EPS, unit_roundoff
from gradcheck.results.arrays import Floats, frozen
from gradcheck.results.estimates import Estimate
from gradcheck.results.outcomes import Reason
from gradcheck.results.verdicts import Verdict

# 7 probes of 6 evaluations and 3 at the point are 45 and miss a fault with 1e-9; 3 are 21, and miss it with 1e-3. 11
# would miss one of half that size with 1e-9: no gain worth half as much time again. Parameters that are left when
# another is closed get 6 fresh probes.
STANDARD, QUICK, AFRESH = 7, 3, 6
MISSES = {STANDARD: 1e-9, QUICK: 1e-3}
# Where a larger fault could hide than was asked for there are more of them, up to so many times as many: 28 in place of
# 7 show one of a tenth of the size (of a million parameters below kinks 1e-3 in place of 1e-2).
MOST = 4
# f that many roundings apart at one point is another f.
REORDERED = 16 * EPS


@dataclass(frozen=True, slots=True)
class Finding:
    """What probes say of one parameter: grade and reason of the entries that are not named, and the smallest fault,
    relative to the entry, that they would have shown, with the probability that they miss it."""

    grade: float
    reason: Reason | None
    fault: float
    miss: float
    count: int


def judge_by_probes(
    f: Function, point: Arrays, readings: Mapping[str, Reading], resolution: float, count: int = STANDARD
) -> dict[str, Verdict]:
    """A verdict on every parameter from `count` directions; entries that make one disagree are found and judged alone.

    Entries that were not estimated alone have `yours` as `numeric`, and as `bar` the largest fault that the probes may
    have overlooked there; `coverage` says so.
    """
    gradient = {name: _finite(one.values) for name, one in readings.items() if one.reason is None and one.values.size}
    centre = value_at(f, point)
    findings: dict[str, Finding] = {}
    slack = {name: 2 * ROUNDINGS * unit_roundoff(one.dtype) * largest_of(one.values) for name, one in readings.items()}
    found = Culprits(slack)
    reason = _doubt_of(centre, value_at(f, point))
    if reason is None and gradient:
        with lines_from(f, point) as line:
            for more in _look(line, gradient, readings, centre, resolution, count, found):
                findings |= more
        reason = _doubt_of(centre, value_at(f, point))
    return {name: _verdict(name, one, findings.get(name), found, reason) for name, one in readings.items()}


def _doubt_of(centre: float, again: float) -> Reason | None:
    """What two values of f at one point forbid to believe."""
    if not np.isfinite(centre):
        return Reason.NONFINITE
    return None if abs(again - centre) <= REORDERED * abs(centre) else Reason.UNREPEATABLE


def _look(
    line: Line,
    gradient: Arrays,
    readings: Mapping[str, Reading],
    centre: float,
    resolution: float,
    count: int,
    found: Culprits,
) -> Iterator[dict[str, Finding]]:
    """What is found of one parameter after the other; those that are closed are left out of the next probes."""
    ground, miss = field_around(line.point, gradient), MISSES[count]
    while True:
        probes: list[Probed] = []
        closed = None
        while closed is None and len(probes) < MOST * count and _wants_more(ground, probes, found, miss, resolution):
            further = range(len(probes), len(probes) + count)
            more, closed = _probe_along(line, ground, further, readings, centre, resolution, found)
            probes += more
        if closed is None:
            yield dict.fromkeys(ground.gradient, _finding(ground, probes, found, miss, resolution))
            return
        reason = None if closed in found.more else Reason.RESOLUTION
        yield {closed: Finding(UNDECIDED, reason, np.inf, 1.0, count)}
        rest = {name: one for name, one in ground.gradient.items() if name != closed}
        if not rest:
            return
        ground = field_around(line.point, rest, seed=ground.seed + 1)
        count, miss = AFRESH, MISSES[STANDARD]


def _probe_along(
    line: Line,
    ground: Field,
    directions: range,
    readings: Mapping[str, Reading],
    centre: float,
    resolution: float,
    found: Culprits,
) -> tuple[list[Probed], str | None]:
    """What these directions say, with the entries found that explain it; the name of a parameter that is closed."""
    own = rounding_along(ground, readings)
    probes = []
    for k in directions:
        probes.append(glance_along(line, ground, k, centre, own, resolution))
        tell("directions", k + 1, directions.stop)
    closed = _explain(line, ground, probes, found, centre)
    while closed is None and any(one.seen for one in probes):
        probes = [_settled(line, ground, one, found, own, resolution) for one in probes]
        closed = _explain(line, ground, probes, found, centre)
    return probes, closed


def _explain(line: Line, ground: Field, probes: list[Probed], found: Culprits, centre: float) -> str | None:
    """Looks for entries until they explain the probes that disagree; the name of a parameter that is closed before."""
    closed = None
    while closed is None and (left := unexplained(ground, probes, found)):
        closed = find_culprit(line, ground, left[0], found, centre)
    return closed


def _settled(line: Line, ground: Field, one: Probed, found: Culprits, own: float, resolution: float) -> Probed:
    """The probe, judged if it was open."""
    return one if one.seen is None else settle(line, ground, one, lack_along(ground, one.k, found), own, resolution)


def _wants_more(ground: Field, probes: list[Probed], found: Culprits, miss: float, resolution: float) -> bool:
    """Is nothing open but that a larger fault could hide than was asked for?"""
    decided = all(one.grade != UNDECIDED for one in probes)
    return decided and _finding(ground, probes, found, miss, resolution).reason is Reason.RESOLUTION


def _finding(ground: Field, probes: list[Probed], found: Culprits, miss: float, resolution: float) -> Finding:
    """What probes say that no entry is left to be found by: agreement only where no larger fault could hide."""
    doubts = [one.reason for one in probes if one.grade == UNDECIDED]
    bounds = [abs(mended(ground, one, found)) + one.sharp for one in probes if one.grade != UNDECIDED]
    fault = smallest_seen(bounds, ground.unit, miss)
    reason = doubts[0] if doubts else Reason.RESOLUTION if fault > resolution else None
    return Finding(AGREE if reason is None else UNDECIDED, reason, fault, miss, len(probes))


def _verdict(name: str, reading: Reading, finding: Finding | None, found: Culprits, reason: Reason | None) -> Verdict:
    """Finding and named entries of one parameter as its verdict."""
    yours = reading.values
    if finding is None or reading.reason or reason:
        return _without_numbers(name, reading, reason)
    yours = frozen(yours)
    size = np.maximum(np.abs(yours), FLOOR * (length_of(yours) / max(yours.size, 1) ** 0.5 or 1.0))
    verdict = Verdict(
        name=name,
        yours=yours,
        numeric=yours,
        bar=finding.fault * size,
        relative_error=np.broadcast_to(0.0, yours.shape),
        resolution=np.broadcast_to(finding.fault, yours.shape),
        grades=np.broadcast_to(finding.grade, yours.shape),
        reason=finding.reason,
        coverage=_coverage(finding, found, name),
    )
    return _with_named(verdict, {flat: one for (other, flat), one in found.named.items() if other == name})


def _coverage(finding: Finding, found: Culprits, name: str) -> str:
    """What was covered, as a sentence."""
    count = sum(other == name for other, _ in found.named)
    if name in found.more:
        return f"{count} wrong entries were found by bisection; there are more: {found.more[name]}"
    if name in found.lost:
        return "directions through all entries disagree, and no single entry was found that explains it"
    but = f"{count} wrong entries were found by bisection; " * bool(count)
    further = "further " * bool(count)
    return (
        f"{but}{finding.count} random directions through all entries: a single {further}entry wrong by "
        f"{_rounded_up(finding.fault)} is missed with probability < {finding.miss:.0e}, derived in "
        "gradcheck/numeric/probes.py (an entry below 1 % of the root mean square counts as that)"
    )


def _rounded_up(fault: float) -> str:
    """One digit that is not below the fault."""
    if not 0 < fault < np.inf:
        return f"{fault:.0e}"
    unit = 10.0 ** np.floor(np.log10(fault))
    return f"{np.ceil(fault / unit) * unit:.0e}"


def _with_named(verdict: Verdict, named: Mapping[int, Estimate]) -> Verdict:
    """The verdict with the named entries as their ladders say, and those that are no numbers as wrong."""
    broken = np.flatnonzero(~np.isfinite(verdict.yours)).tolist()
    if not named and not broken:
        return verdict
    names = ("numeric", "bar", "relative_error", "resolution", "grades")
    fields: dict[str, Any] = {name: np.array(getattr(verdict, name)) for name in names}
    for flat, one in named.items():
        fields["numeric"].flat[flat], fields["bar"].flat[flat] = one.value, one.bar
        fields["relative_error"].flat[flat] = relative_error(verdict.yours.reshape(-1)[flat], one.value)
        fields["resolution"].flat[flat] = one.bar / np.abs(one.value) if one.value else np.inf
    for flat in broken:
        fields["numeric"].flat[flat], fields["bar"].flat[flat] = np.nan, np.inf
        fields["relative_error"].flat[flat] = np.inf
    fields["grades"].reshape(-1)[[*named, *broken]] = WRONG
    changed = replace(verdict, **fields, reason=Reason.NOT_FINITE if broken else None)
    worst = int(np.ravel_multi_index(changed.worst_index or (), changed.shape)) if changed.shape else 0
    return replace(changed, ladder=named[worst].ladder(())) if worst in named else changed


def _finite(values: Floats) -> Floats:
    return values if np.isfinite(values).all() else np.where(np.isfinite(values), values, 0.0)


def _without_numbers(name: str, reading: Reading, reason: Reason | None) -> Verdict:
    """A verdict where nothing was estimated: wrong for the reason read, else open for the one given."""
    shape = reading.values.shape
    none = np.full((1, *shape), np.nan)
    nothing = Estimate(np.full(shape, np.nan), np.full(shape, np.inf), np.zeros(shape), none, none, 0)
    verdict = compare(name, reading.values, nothing, reading.dtype)
    if reading.reason is not None:
        return replace(verdict, grades=np.full(shape, WRONG), reason=reading.reason, remark=reading.remark)
    return replace(verdict, grades=np.full(shape, UNDECIDED), reason=reason)
