"""Entries along which a JVP is wrong, found by halving blocks of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradcheck.results.arrays import Floats
from gradcheck.results.outcomes import Outcome
from gradcheck.subject.bundles import push_along
from gradcheck.subject.structures import Arrays
from gradcheck.verification import verify

# So many wrong blocks are halved at once.
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
    parts = {str(k): part_of(tangent, block) for k, block in enumerate(blocks)}
    origin = dict.fromkeys(parts, 0.0)
    functions = push_along(asked.f, asked.f_jvp, asked.at, parts, origin, asked.args, asked.kwargs, seed)
    at = {name: np.zeros(()) for name in parts}
    gradient = functions.grad(**at) if functions.grad else {}
    verdicts = verify(lambda numbers: float(functions.loss(**numbers)), gradient, at)
    return [k for k, verdict in enumerate(verdicts) if verdict.outcome is Outcome.DISAGREE]


def part_of(tangent: Arrays, block: list[Block]) -> dict[str, Floats]:
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
