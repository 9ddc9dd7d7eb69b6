"""A plan: lines of (function, arguments), which can be bound to other inputs and outputs."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from gradcheck.backprop.plans.operations import Call, Emit


class Diverged(Exception):
    """A branch would go another way than when the plan was recorded."""


@dataclass(slots=True)
class Port:
    """An array from outside (an input) or for outside (an output), which may be another one in the next run.

    derived: views of it as (place, function, place of what it is a view of). lines: those that mention any of them.
    """

    place: int
    derived: list[tuple[int, Callable[[Any], Any], int]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Plan:
    """Lines of (function, arguments), and what each was made of, so that it can be made anew for other arrays."""

    lines: list[Call]
    sources: list[tuple[Emit, tuple[int, ...], int]]
    arrays: dict[int, Any]
    inputs: list[Port]
    outputs: list[Port]

    def bind(self, port: Port, array: Any) -> None:
        """Puts another array in a port's place."""
        arrays = self.arrays
        arrays[port.place] = array
        for place, view, base in port.derived:
            arrays[place] = view(arrays[base])
        for line in port.lines:
            emit, args, out = self.sources[line]
            self.lines[line] = emit([arrays[arg] for arg in args], arrays.get(out))

    def copy(self) -> "Plan":
        """The same plan, to be bound otherwise; the kept buffers are shared."""
        return Plan(list(self.lines), self.sources, dict(self.arrays), self.inputs, self.outputs)
