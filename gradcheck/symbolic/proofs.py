"""Is a hand-written gradient right for every input? Two formulas that agree at random points to many digits are one."""

import random
from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import islice
from typing import Any

from gradcheck.program.programs import Program
from gradcheck.results.proofs import Proof
from gradcheck.symbolic.replays import Digits, as_written, numbers_of, pulled_back
from gradcheck.symbolic.rules import CORNERED, NoValue

# Formulas of these operations are analytic: equal on a connected part of their domain, or almost nowhere there. That
# different ones agree to 40 digits at a random point of 1/997ths does not come by chance. Points are drawn around the
# trace (there are values) and over both signs of everything (sqrt(w**2) is w on one side only).
POINTS = 3
DIGITS = 80
EQUAL_DIGITS = 40
GRID = 997
# How far a point is moved, relative to its numbers; nearer where the formulas have no value there.
REACHES = (Fraction(1, 2), Fraction(1, 16), Fraction(1, 256))
WIDE = Fraction(2)
# About a second for a whole proof: a node costs 10 us at each of up to nine points, both ways.
MOST_NODES = 10_000


def prove_program(program: Program, seed: int = 0) -> Proof:
    """The proof for all partials of a traced program, or why there is none."""
    why = _hindrance(program)
    if why:
        return Proof("open", tuple(program.inputs), why=why)
    found = list(_at_random_points(program, random.Random(seed)))
    differing = dict.fromkeys(label for gaps in found for label, equal in gaps.items() if not equal)
    if differing:
        return Proof("refuted", tuple(differing), len(found))
    if len(found) < POINTS:
        return Proof("open", tuple(program.inputs), len(found), "the formulas have no real value near the point")
    return Proof("proved", tuple(program.inputs), len(found))


def _at_random_points(program: Program, rng: random.Random) -> Iterator[dict[str, bool]]:
    """Label -> equal?, at points around that of the trace, and at far ones and their mirror images, if they exist."""
    here = {label: Fraction(program.nodes[node].value) for label, node in program.inputs.items()}
    for _ in range(POINTS):
        near = (_equal_at(program, _moved(here, rng, reach)) for reach in REACHES)
        yield from islice(filter(None, near), 1)
        far = _moved(dict.fromkeys(here, Fraction(0)), rng, WIDE)
        mirrored = {label: -number for label, number in far.items()}
        yield from filter(None, (_equal_at(program, far), _equal_at(program, mirrored)))


def _hindrance(program: Program) -> str | None:
    if program.untraced or set(program.gradient) != set(program.inputs):
        return program.untraced or "the gradient has no entry for some of the parameters"
    if len(program.nodes) > MOST_NODES:
        return f"{len(program.nodes):,} operations are more than a proof is tried for ({MOST_NODES:,})"
    cornered = next((node for node in program.nodes if node.op in CORNERED), None)
    lines = [branch.line for branch in program.branches] + ([cornered.line] if cornered else [])
    if lines:
        place = f" (line {lines[0]})" if lines[0] else ""
        return f"the code takes one formula or another{place}: what holds for the one says nothing of the other"
    return None


def _moved(values: Mapping[str, Fraction], rng: random.Random, reach: Fraction) -> dict[str, Fraction]:
    """Every number moved by its own random step."""
    steps = {label: Fraction(rng.randint(1, GRID - 1) * rng.choice((-1, 1)), GRID) for label in values}
    return {label: value + reach * max(abs(value), Fraction(1)) * steps[label] for label, value in values.items()}


def _equal_at(program: Program, point: Mapping[str, Fraction]) -> dict[str, bool] | None:
    """Label -> equal?; None where a formula has no real value."""
    ctx = Digits(DIGITS)
    try:
        numbers = numbers_of(program, ctx, point, as_written)
        slopes = pulled_back(program, numbers, ctx, program.loss or 0)
    except NoValue:
        return None
    # Whatever cancels on the way to a partial leaves errors of the size of what cancelled.
    scale = max(map(abs, (*numbers, *slopes.values())))
    yours = {label: numbers[node] for label, node in program.gradient.items()}
    true = {label: slopes.get(node, ctx.zero) for label, node in program.inputs.items()}
    finite = ctx.isfinite(scale)
    return {label: _is_zero(yours[label] - true[label], scale) for label in true} if finite else None


def _is_zero(gap: Any, scale: Any) -> bool:
    return bool(abs(gap) <= scale / 10**EQUAL_DIGITS)
