"""The outermost trace: what a function does with its arrays, step by step, and on which values it branched."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradcheck.backprop.primitives import PRIMITIVES
from gradcheck.backprop.variables import Variable, next_level


@dataclass(frozen=True, slots=True)
class Slot:
    """The place of a recorded value."""

    place: int


@dataclass(frozen=True, slots=True)
class Step:
    """One primitive applied; arguments are slots or plain constants. The value is the one seen while recording."""

    slot: int
    name: str
    args: tuple[Any, ...]
    options: Mapping[str, Any]
    value: Any


@dataclass(frozen=True, slots=True)
class Guard:
    """A branch was taken because `kind` of a value is `outcome`: elsewhere the record does not hold."""

    place: int
    kind: Callable[[Any], Any]
    outcome: Any


class Recorder:
    """Values by slot, and the steps that made them; the first slots are the inputs."""

    def __init__(self) -> None:
        self.level = next_level()
        self.is_writable = False
        self.values: list[Any] = []
        self.steps: list[Step | Guard] = []

    def variable(self, value: Any) -> Variable:
        """A variable of this record."""
        self.values.append(value)
        return Variable(value, self, len(self.values) - 1)

    def run(self, name: str, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        """The primitive's value, and a step."""
        ours = [type(arg) is Variable for arg in args]
        values = [arg.value if mine else arg for mine, arg in zip(ours, args, strict=True)]
        variable = self.variable(np.asarray(PRIMITIVES[name].value(*values, **options)))
        slots = tuple(Slot(arg.mark) if mine else arg for mine, arg in zip(ours, args, strict=True))
        self.steps.append(Step(variable.mark, name, slots, options, variable.value))
        return variable

    def settle(self, variable: Variable, kind: Callable[[Any], Any]) -> Any:
        """The plain value, and a guard on it."""
        outcome = kind(variable.value)
        self.steps.append(Guard(variable.mark, kind, outcome))
        return outcome
