"""What is written down while user code runs: nodes (each once), names, comparisons."""

import math
import sys
from collections.abc import Iterable

from gradcheck.errors import TraceError
from gradcheck.program.programs import Branch, Node

# Memory and time stay below 100 MB and a few seconds (2-3 us per node); a 16-32-10 classifier of 16 rows has 130,000.
LIMIT = 200_000

Key = tuple[object, ...]


class TooLong(TraceError):
    """A program of more than LIMIT operations."""


class Tape:
    """State of one run: equal operations on equal nodes are one node (hash-consing)."""

    def __init__(self, filename: str) -> None:
        self.filename = filename
        self.ops: list[tuple[str, tuple[int, ...], float, int | None]] = []
        self.varies: list[bool] = []  # does the node depend on a parameter?
        self.known: dict[Key, int] = {}
        self.names: dict[int, str] = {}
        self.versions: dict[str, int] = {}
        self.origins: dict[int, tuple[str, int]] = {}
        self.owners: dict[str, int] = {}
        self.branches: dict[Branch, None] = {}
        self.forward = 0
        self.running = False

    def add(self, op: str, args: tuple[int, ...], value: float) -> int:
        """The node of this operation: the one that is there already, or a new one on the running line."""
        key = (op, args)
        found = self.known.get(key)
        return self._append(key, op, args, value, self.line()) if found is None else found

    def number(self, value: float) -> int:
        """The node of a literal; 0.0 and -0.0 are two."""
        key = ("number", value if value == value else "nan", math.copysign(1.0, value))
        found = self.known.get(key)
        return self._append(key, "number", (), value, None) if found is None else found

    def leaf(self, op: str, name: str, value: float) -> int:
        """The node of a named input or of a named number of the file."""
        if name in self.owners:
            return self.owners[name]
        node = self._append((op, name), op, (), value, None)
        self.give(node, name)
        return node

    def alias(self, node: int, name: str) -> int:
        """A node that only gives another one a second name."""
        key = ("name", (node,), name)
        if key in self.known:
            return self.known[key]
        number = self._append(key, "name", (node,), self.ops[node][2], self.line())
        self.give(number, self.free(name), name)
        return number

    def give(self, node: int, name: str, variable: str = "", depth: int = 0) -> None:
        """Names a node, after a variable that was assigned so deep in calls."""
        self.names[node] = name
        self.origins[node] = variable or name, depth
        self.owners[name] = node

    def take(self, node: int) -> None:
        """Takes a node's name away again."""
        self.owners.pop(self.names.pop(node), None)

    def free(self, name: str, places: Iterable[str] = ("",)) -> str:
        """The name, or with `_2`, `_3` ... behind it: the first that is free with each of these places."""
        if not any(name + place in self.owners for place in places):
            return name
        version = self.versions.get(name, 2)  # lower ones were taken once: a loop does not ask for each of them again
        while any(f"{name}_{version}{place}" in self.owners for place in places):
            version += 1
        self.versions[name] = version
        return f"{name}_{version}"

    def branch(self, sign: str, outcome: bool, left: int, right: int) -> None:
        """Remembers how a comparison of two nodes came out."""
        text = f"{self._called(left)} {sign} {self._called(right)}"
        tied = self.ops[left][2] == self.ops[right][2]
        self.branches[Branch(self.line(), text, outcome, left, right, tied)] = None

    def line(self) -> int | None:
        """The line of the user's file that is running."""
        frame = sys._getframe(1)
        while frame is not None:
            if frame.f_code.co_filename == self.filename:
                return frame.f_lineno
            frame = frame.f_back  # type: ignore[assignment]
        return None

    def refuse(self, operation: str) -> TraceError:
        """The error of an operation that no node can stand for."""
        return TraceError(f"cannot trace line {self.line()}: {operation}")

    def nodes(self) -> tuple[Node, ...]:
        """Everything written down, as values."""
        return tuple(
            Node(op, args, value, self.names.get(number), line)
            for number, (op, args, value, line) in enumerate(self.ops)
        )

    def _called(self, node: int) -> str:
        return self.names.get(node) or f"{self.ops[node][2]:.6g}"

    def _append(self, key: Key, op: str, args: tuple[int, ...], value: float, line: int | None) -> int:
        number = len(self.ops)
        if number >= LIMIT:
            raise TooLong(f"cannot trace line {self.line()}: too large, more than {LIMIT:,} operations")
        self.known[key] = number
        self.ops.append((op, args, value, line))
        self.varies.append(op == "input" or any(self.varies[arg] for arg in args))
        return number
