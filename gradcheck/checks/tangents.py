"""A JVP of many entries: checked along a few random tangents, and down to single entries only where it is wrong."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gradcheck.checks.answers import COTANGENTS, answer_all, weighed
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
from gradcheck.verification import verify

# Up to so many entries each has a JVP of its own where the tangents do not agree: it names all of them, and patterns.
EACH = 4096
# ... beyond, blocks of entries are halved, so many wrong ones at once.
NAMED = 8

# (name, first, end): a slice of a flattened array.
Block = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class Pushed:
    """What is asked: f, its JVP, the point as it was given and flat, and the entries to check."""

    f: Callable[..., Any]
    f_jvp: Callable[..., Any]
    at: Any
    flat: Arrays
    names: Sequence[str]
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]

    @property
    def count(self) -> int:
        """How many entries are checked."""
        return sum(self.flat[name].size for name in self.names)


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
    single = {text: _part(_ones(asked), [(name, place, place + 1)]) for text, (name, place) in found.items()}
    words = f"{told}; the entries were found by halving blocks of them"
    alone = _answer(asked, single, origin, demands, words) if found else result
    return alone if alone.outcome is Outcome.DISAGREE else result


def find_wrong(asked: Pushed, tangents: Mapping[str, Arrays], seed: int) -> list[tuple[str, int, tuple[int, ...]]]:
    """(name, row-major number, index) of some entries along which the JVP is wrong, NAMED at most."""
    whole: list[list[Block]] = [[(name, 0, asked.flat[name].size) for name in asked.names if asked.flat[name].size]]
    for tangent in tangents.values():
        blocks = whole
        while blocks and max(map(_size, blocks)) > 1:
            parts = [part for block in blocks for part in _halved(block)]
            blocks = [parts[k] for k in _wrong_blocks(asked, tangent, parts, seed)][:NAMED]
        if blocks:
            places = [block[0][:2] for block in blocks]
            return [(n, i, tuple(map(int, np.unravel_index(i, asked.flat[n].shape)))) for n, i in places]
    return []


def _wrong_blocks(asked: Pushed, tangent: Arrays, blocks: list[list[Block]], seed: int) -> list[int]:
    """Which of the blocks the JVP along that part of the tangent is wrong in."""
    parts = {str(k): _part(tangent, block) for k, block in enumerate(blocks)}
    origin = dict.fromkeys(parts, 0.0)
    functions = push_along(asked.f, asked.f_jvp, asked.at, parts, origin, asked.args, asked.kwargs, seed)
    at = {name: np.zeros(()) for name in parts}
    gradient = functions.grad(**at) if functions.grad else {}
    verdicts = verify(lambda numbers: float(functions.loss(**numbers)), gradient, at)
    return [k for k, verdict in enumerate(verdicts) if verdict.outcome is Outcome.DISAGREE]


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


def _part(tangent: Arrays, block: list[Block]) -> dict[str, Floats]:
    """The tangent within a block, zero elsewhere."""
    part = {name: np.zeros(array.shape) for name, array in tangent.items()}
    for name, first, end in block:
        part[name].reshape(-1)[first:end] = tangent[name].reshape(-1)[first:end]
    return part


def _size(block: list[Block]) -> int:
    return sum(end - first for _, first, end in block)


def _halved(block: list[Block]) -> list[list[Block]]:
    """A block in two: arrays first, then the slices of one; a single entry stays."""
    if len(block) > 1:
        return [block[: len(block) // 2], block[len(block) // 2 :]]
    ((name, first, end),) = block
    middle = (first + end) // 2
    return [block] if end - first == 1 else [[(name, first, middle)], [(name, middle, end)]]
