"""A straight-line program: every number that user code computed, once, in order, with the user's names and lines."""

from collections.abc import Mapping
from dataclasses import dataclass

LEAVES = ("input", "data", "number")


@dataclass(frozen=True, slots=True)
class Node:
    """One number of a program.

    op: "input" (an entry of a parameter), "data" (a named number of the file), "number" (a literal), "name" (an alias:
    `out = neto`), else a primitive (add, mul, exp, maximum, ...). args: numbers of earlier nodes. name: unique in its
    program; a second value of one variable is called `h_2`. line: where the code computed it.
    """

    op: str
    args: tuple[int, ...]
    value: float
    name: str | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Branch:
    """A comparison that the code made: valid only where it comes out the same.

    left, right: the nodes that were compared. tied: both were equal, so that the point lies on the border between two
    formulas.
    """

    line: int | None
    text: str
    outcome: bool
    left: int
    right: int
    tied: bool = False


@dataclass(frozen=True, slots=True)
class Program:
    """What a loss, and the hand-written gradient beside it, computed at one point.

    inputs, gradient: label (`W1[0,1]`) -> node. Nodes below `forward` were made while the loss ran; the gradient's own
    forward pass lands on the same nodes. gradient is empty where there is none, or where it cannot be traced:
    `untraced` then says why. branches: valid only where each comparison comes out the same.
    """

    nodes: tuple[Node, ...]
    inputs: Mapping[str, int]
    loss: int | None
    gradient: Mapping[str, int]
    forward: int
    branches: tuple[Branch, ...] = ()
    untraced: str | None = None

    def varies(self) -> list[bool]:
        """Of every node: does it depend on a parameter?"""
        found: list[bool] = []
        for node in self.nodes:
            found.append(node.op == "input" or any(found[arg] for arg in node.args))
        return found

    def named(self) -> dict[str, int]:
        """Node numbers of everything that has a name, in order."""
        return {node.name: number for number, node in enumerate(self.nodes) if node.name is not None}
