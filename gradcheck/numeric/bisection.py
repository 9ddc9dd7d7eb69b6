"""Bisection: which entry makes the slope along a direction wrong, in two evaluations a halving."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from gradcheck.numeric.agreement import STEPS, WEIGHT
from gradcheck.numeric.lines import Block, Line, put_back, values_in
from gradcheck.numeric.loans import Arrays
from gradcheck.numeric.probes import Field

# (name, row-major number) -> what was found to be missing from the gradient there.
Mends = Mapping[tuple[str, int], float]
# The plain quotient is fine enough to halve by where its truncation is that much below the fault.
BELOW = 1 / 16
# ... and its noise that much: a twelfth of the error bar is noise (numeric/agreement.py), so twice that is asked for.
QUIET = 1 / 8
# Steps are halved so often at most until a plain quotient will do.
HALVINGS = 12


@dataclass(frozen=True, slots=True)
class Fault:
    """What f says beyond g · v along a direction; the step whose plain quotient shows it, None if none is fine enough.

    Without such a step quotients of two steps are extrapolated, which takes twice as many evaluations.
    """

    along: Arrays
    excess: float
    step: float | None


def step_for(excess: float, truncation: float, bar: float) -> float | None:
    """The step whose plain quotient shows an excess: fine enough for its truncation, coarse enough for its noise.

    truncation: of the plain quotient of the finest step of a probe; it falls with the square of the step. bar: the
    probe's, most of it noise or more, which grows as the step falls.
    """
    for halvings in range(HALVINGS + 1):
        if truncation / 4**halvings <= BELOW * abs(excess):
            return float(STEPS[-1]) / 2**halvings if bar * 2**halvings <= QUIET * abs(excess) or not halvings else None
    return None


def find_entry(line: Line, field: Field, fault: Fault, names: tuple[str, ...], mends: Mends) -> tuple[str, int, float]:
    """(name, row-major number, excess) of the entry with (the largest part of) a fault.

    Parameters are halved first, then the slices of one. Only the left half is measured; what the right one holds is the
    rest. 2 evaluations a halving, 4 where the fault has no step.
    """
    block: Block = tuple((name, 0, field.point[name].size) for name in names if field.point[name].size)
    excess = fault.excess
    put_back(line)
    while size_of(block) > 1:
        left, right = halves(block)
        on_left = excess_in(line, field, fault, left, mends)
        goes_left = not abs(on_left) < abs(excess - on_left)
        block, excess = (left, on_left) if goes_left else (right, excess - on_left)
    return block[0][0], block[0][1], excess


def size_of(block: Block) -> int:
    """How many entries a block has."""
    return sum(end - first for _, first, end in block)


def halves(block: Block) -> tuple[Block, Block]:
    """A block of two entries or more in two: parameters first, then the slices of one."""
    if len(block) > 1:
        return block[: len(block) // 2], block[len(block) // 2 :]
    ((name, first, end),) = block
    middle = (first + end) // 2
    return ((name, first, middle),), ((name, middle, end),)


def excess_in(line: Line, field: Field, fault: Fault, block: Block, mends: Mends) -> float:
    """The slope of f along the part of the direction that lies in the block, less the gradient's."""
    by_gradient = sum(
        float(np.dot(field.gradient[name].reshape(-1)[first:end], fault.along[name].reshape(-1)[first:end]))
        for name, first, end in block
    )
    by_gradient += sum(
        mend * float(fault.along[name].reshape(-1)[flat])
        for (name, flat), mend in mends.items()
        if any(name == other and first <= flat < end for other, first, end in block)
    )
    coarse, fine = STEPS[1:].tolist()
    slope = _quotient(line, fault.along, block, fault.step or fine)
    if fault.step is None:
        slope += WEIGHT * (slope - _quotient(line, fault.along, block, coarse))
    return slope - by_gradient


def _quotient(line: Line, along: Arrays, block: Block, step: float) -> float:
    plus, minus = values_in(line, along, block, (step, -step))
    return (plus - minus) / 2 / step
