"""Bisection: which entry makes the slope along a direction wrong, in two evaluations a halving."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from gradcheck.numeric.agreement import STEPS, WEIGHT
from gradcheck.numeric.loans import Arrays, Function, call_on
from gradcheck.numeric.probes import Field

# A block is a row of slices (name, first, end) of flattened parameters.
Block = tuple[tuple[str, int, int], ...]
# (name, row-major number) -> what was found to be missing from the gradient there.
Mends = Mapping[tuple[str, int], float]
# The plain quotient is fine enough to halve by where its truncation is that much below the fault.
BELOW = 1 / 16


@dataclass(frozen=True, slots=True)
class Fault:
    """What f says beyond g · v along a direction, and whether a plain quotient is too coarse to show it."""

    along: Arrays
    excess: float
    is_fine: bool


def find_entry(f: Function, field: Field, fault: Fault, names: tuple[str, ...], mends: Mends) -> tuple[str, int]:
    """The entry with (the largest part of) a fault: parameters are halved first, then the slices of one.

    Only the left half is measured; what the right one holds is the rest. 2 evaluations a halving, 4 where `is_fine`.
    """
    block: Block = tuple((name, 0, field.point[name].size) for name in names if field.point[name].size)
    excess = fault.excess
    while len(block) > 1 or block[0][2] - block[0][1] > 1:
        left, right = _halves(block)
        on_left = _excess(f, field, fault, left, mends)
        goes_left = not abs(on_left) < abs(excess - on_left)
        block, excess = (left, on_left) if goes_left else (right, excess - on_left)
    return block[0][0], block[0][1]


def _halves(block: Block) -> tuple[Block, Block]:
    if len(block) > 1:
        return block[: len(block) // 2], block[len(block) // 2 :]
    ((name, first, end),) = block
    middle = (first + end) // 2
    return ((name, first, middle),), ((name, middle, end),)


def _excess(f: Function, field: Field, fault: Fault, block: Block, mends: Mends) -> float:
    """The slope of f along the part of the direction that lies in the block, less the gradient's."""
    by_gradient = sum(
        float(np.dot(field.gradient[name].reshape(-1)[first:end], fault.along[name].reshape(-1)[first:end]))
        for name, first, end in block
    )
    by_gradient += sum(
        mend * float(fault.along[name].flat[flat])
        for (name, flat), mend in mends.items()
        if any(name == other and first <= flat < end for other, first, end in block)
    )
    coarse, fine = STEPS[1:].tolist()
    slope = _quotient(f, field, fault.along, block, fine)
    if fault.is_fine:
        slope += WEIGHT * (slope - _quotient(f, field, fault.along, block, coarse))
    return slope - by_gradient


def _quotient(f: Function, field: Field, along: Arrays, block: Block, step: float) -> float:
    values = []
    for signed in (step, -step):
        for name, room in field.room.items():
            np.copyto(room, field.point[name])
        for name, first, end in block:
            field.room[name].reshape(-1)[first:end] += signed * along[name].reshape(-1)[first:end]
        values.append(call_on(f, dict(field.room)))
    return (values[0] - values[1]) / 2 / step
