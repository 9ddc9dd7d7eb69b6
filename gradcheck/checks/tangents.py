"""A JVP of many entries: checked along a few random tangents, and down to single entries only where it is wrong."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from gradcheck.checks.answers import COTANGENTS, answer_all, weighed
from gradcheck.checks.halving import Pushed, find_wrong, part_of
from gradcheck.checks.looks import FEW, Demands, checked_names
from gradcheck.judgement.comparison import AGREE, UNDECIDED
from gradcheck.judgement.samplings import MISSES, QUICK, STANDARD
from gradcheck.labels import label
from gradcheck.numeric.pieces import length_of
from gradcheck.numeric.probes import ATOMS, smallest_seen
from gradcheck.results.arrays import Floats
from gradcheck.results.outcomes import Outcome, Reason
from gradcheck.results.result import CheckedPoint, Result, Subject
from gradcheck.results.verdicts import Verdict
from gradcheck.subject.bundles import push_along
from gradcheck.subject.cases import make_case
from gradcheck.subject.products import evaluate, name_of
from gradcheck.subject.structures import Arrays

# Up to so many entries each has a JVP of its own where the tangents do not agree: it names all of them, and patterns.
EACH = 4096


def answer_along_tangents(
    f: Callable[..., Any],
    f_jvp: Callable[..., Any],
    at: Any,
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any] | None,
    demands: Demands,
) -> Result | None:
    """The answer from a few tangents through all entries; None where each entry is to be looked at alone.

    An entry wrong by d adds d · size · z to the slope along a tangent, size the root mean square of its array and z one
    of 256 even numbers, as in numeric/probes.py; what hides is told beside the root mean square of all partials.
    """
    _, flat, _ = evaluate(f, at, args, dict(kwargs or {}))
    asked = Pushed(f, f_jvp, at, flat.arrays, checked_names(flat.arrays, demands), args, dict(kwargs or {}))
    plain = all(kind == np.float64 for kind in flat.dtypes.values())
    if asked.count <= FEW or demands.level == "thorough" or demands.bounds is not None or not plain:
        return None
    miss_of = QUICK if demands.level == "quick" else STANDARD
    random = np.random.default_rng(demands.seed)
    tangents = {f"tangent {k + 1}": _drawn(asked, random) for k in range(miss_of)}
    told = f"{weighed(name_of(f))}, along {miss_of} random tangents through all {asked.count:,} entries"
    result = _with_coverage(_answer(asked, tangents, {}, demands, told), asked, MISSES[miss_of], demands.resolution)
    if result or (asked.count > EACH and result.outcome is not Outcome.DISAGREE):
        return result
    if asked.count <= EACH:
        return None
    found = {label(name, index): (name, place) for name, place, index in find_wrong(asked, tangents, demands.seed)}
    origin = {text: float(asked.flat[name].flat[place]) for text, (name, place) in found.items()}
    single = {text: part_of(_ones(asked), [(name, place, place + 1)]) for text, (name, place) in found.items()}
    words = f"{told}; the entries were found by halving blocks of them"
    alone = _answer(asked, single, origin, demands, words) if found else result
    return alone if alone.outcome is Outcome.DISAGREE else result


def _answer(
    asked: Pushed, tangents: Mapping[str, Arrays], origin: Mapping[str, float], demands: Demands, told: str
) -> Result:
    """The check of the coefficients of some tangents, under every cotangent."""
    at = {name: origin.get(name, 0.0) for name in tangents}
    subject = Subject(None, name_of(asked.f), name_of(asked.f_jvp))
    cases = (
        make_case(
            push_along(
                asked.f, asked.f_jvp, asked.at, tangents, at, asked.args, asked.kwargs, COTANGENTS * demands.seed + k
            ),
            at,
            subject,
        )
        for k in range(COTANGENTS)
    )
    result = answer_all(cases, replace(demands, wrt=None), told)
    return replace(result, why=None) if result else result


def _with_coverage(result: Result, asked: Pushed, miss: float, resolution: float) -> Result:
    return replace(
        result, points=tuple(_told_coverage(point, asked.count, miss, resolution) for point in result.points)
    )


def _told_coverage(point: CheckedPoint, count: int, miss: float, resolution: float) -> CheckedPoint:
    """The point with verdicts that say what the tangents together may have missed; undecided if that is too much."""
    if any(verdict.outcome is not Outcome.AGREE for verdict in point.verdicts):
        return point
    bounds = [float(verdict.bar + np.abs(verdict.yours - verdict.numeric)) for verdict in point.verdicts]
    slopes = np.array([float(verdict.numeric) for verdict in point.verdicts])
    typical = length_of(slopes) * (3 / (slopes.size * count)) ** 0.5
    fault = smallest_seen(bounds, typical, miss) if typical else np.inf
    words = (
        f"{len(bounds)} random tangents through all {count:,} entries: a single entry off by {fault:.0e} of the root "
        f"mean square of all partials is missed with probability < {miss:.0e}, derived in gradcheck/numeric/probes.py"
    )
    grade, reason = (AGREE, None) if fault <= resolution else (UNDECIDED, Reason.RESOLUTION)
    return replace(point, verdicts=tuple(_covering(one, words, fault, grade, reason) for one in point.verdicts))


def _covering(verdict: Verdict, words: str, fault: float, grade: float, reason: Reason | None) -> Verdict:
    return replace(
        verdict, coverage=words, resolution=np.array(fault), grades=np.array(grade), reason=reason or verdict.reason
    )


def _drawn(asked: Pushed, random: np.random.Generator) -> dict[str, Floats]:
    """A random tangent: z times the root mean square of the array, z = ±1/256, ±3/256 ... ±255/256."""
    tangent = {name: np.zeros(array.shape) for name, array in asked.flat.items()}
    for name in asked.names:
        array = asked.flat[name]
        size = length_of(array) / max(array.size, 1) ** 0.5 or 1.0
        tangent[name] = size * (2 * random.integers(0, ATOMS, array.shape) + 1 - ATOMS) / ATOMS
    return tangent


def _ones(asked: Pushed) -> dict[str, Floats]:
    return {name: np.ones(array.shape) for name, array in asked.flat.items()}
