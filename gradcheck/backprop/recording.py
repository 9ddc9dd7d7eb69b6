"""record: a function that is run once step by step, and from then on as a straight line of NumPy calls."""

import operator
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from gradcheck.backprop.plans.binding import planned
from gradcheck.backprop.plans.lowering import lowered
from gradcheck.backprop.plans.straight_lines import Diverged, Plan
from gradcheck.backprop.recorder import Recorder
from gradcheck.backprop.structures import builder, leaves_of, rebuilt
from gradcheck.backprop.variables import Variable

# So many ways through the branches of a function are kept; beyond them the oldest is forgotten.
KEPT = 8


def record(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same function of arrays, run step by step once for inputs of a kind and replayed for all others of that kind.

    Arguments may nest in dicts, lists and tuples. Another shape, type or layout of an input, and another outcome of an
    `if` on values, is recorded anew. The function must depend on its arguments alone: arrays from elsewhere count as
    constants, with what is in them when it is recorded. Arrays that are returned are the caller's for as long as he
    holds them. Not for two threads at once.
    """
    kept: list[Replay] = []

    def replayed(*args: Any) -> Any:
        leaves = leaves_of(args)
        if kept and all(map(operator.is_, leaves, kept[0].bound)) and len(leaves) == len(kept[0].bound):
            try:
                return kept[0].run()
            except Diverged:
                pass
        if any(type(leaf) is Variable for leaf in leaves):
            return function(*args)
        return _replayed_or_recorded(function, args, [np.asarray(leaf) for leaf in leaves], kept)

    return replayed


class Binding:
    """A plan bound to inputs, and to outputs that are lent to the caller."""

    def __init__(self, plan: Plan, inputs: list[Any]) -> None:
        self.plan, self.inputs = plan.copy(), inputs
        arrays = [plan.arrays[port.place] for port in plan.outputs]
        memories = [Memory(array.shape, array.dtype) for array in arrays]
        self.outputs = [memory.view(np.ndarray) for memory in memories]
        for port, memory in zip(plan.outputs, memories, strict=True):
            self.plan.bind(port, memory.view(np.ndarray))

    def bind(self, inputs: list[Any]) -> None:
        """Other inputs of the same kind."""
        for number, array in enumerate(inputs):
            if array is not self.inputs[number]:
                self.plan.bind(self.plan.inputs[number], array)
        self.inputs = inputs


class Replay:
    """The plan of one record; it holds for inputs of the same shapes, types and layouts, and on the same branches."""

    def __init__(self, function: Callable[..., Any], args: tuple[Any, ...], leaves: list[Any]) -> None:
        recorder = Recorder()
        value = function(*rebuilt(args, [_entered(recorder, leaf) for leaf in leaves]))
        graph, places = lowered(recorder, len(leaves))
        given = [
            places[leaf.mark] if type(leaf) is Variable else graph.constant(np.array(leaf)) for leaf in leaves_of(value)
        ]
        self.build = builder(value)
        self.signature = [_kind(leaf) for leaf in leaves]
        self.bound = leaves
        self.bindings = [Binding(planned(graph, len(leaves), given), leaves)]

    def fits(self, leaves: list[Any]) -> bool:
        """Are these inputs of the recorded shapes, types and layouts?"""
        return [_kind(leaf) for leaf in leaves] == self.signature

    def run(self) -> Any:
        """The outputs at the bound inputs; raises Diverged where a branch would go another way."""
        binding = self.bindings[0]
        if is_held(binding.outputs):
            binding = self._other_binding()
        if binding.inputs is not self.bound:
            binding.bind(self.bound)
        with np.errstate(all="ignore"):
            for function, args in binding.plan.lines:
                function(*args)
        return self.build(iter([out if out.ndim else out[()] for out in binding.outputs]))

    def _other_binding(self) -> Binding:
        """Outputs that the caller still holds stay as they are; the next run fills others."""
        free = next((number for number, one in enumerate(self.bindings) if not is_held(one.outputs)), None)
        last = self.bindings[0]
        one = Binding(last.plan, last.inputs) if free is None else self.bindings.pop(free)
        self.bindings.insert(0, one)
        return one


def _replayed_or_recorded(function: Callable[..., Any], args: Any, leaves: list[Any], kept: list[Replay]) -> Any:
    for number, one in enumerate(kept):
        if one.fits(leaves):
            one.bound = leaves
            try:
                found = one.run()
            except Diverged:
                continue
            kept.insert(0, kept.pop(number))
            return found
    kept.insert(0, Replay(function, args, leaves))
    del kept[KEPT:]
    return kept[0].run()


class Memory(np.ndarray[Any, Any]):
    """What a lent array lies in: a type of its own, or NumPy lets parts of the array hold this instead of the array."""


def _entered(recorder: Recorder, leaf: Any) -> Any:
    """Numbers are recorded; anything else (a name, None) is a setting, the same in every replay."""
    variable = recorder.variable(leaf)
    return variable if leaf.dtype.kind in "biufc" else leaf[()]


def _kind(leaf: Any) -> tuple[Any, ...]:
    """What a record holds for: shape, type and layout of numbers, a setting itself."""
    return (leaf.shape, leaf.dtype, leaf.strides) if leaf.dtype.kind in "biufc" else ("setting", leaf[()])


def is_held(arrays: list[Any]) -> bool:
    """Does anybody but the list hold one of the arrays, or a part of one?"""
    return max(map(sys.getrefcount, arrays), default=0) > HOLDERS


# The count of an array that only a list holds, seen in the same way.
HOLDERS = max(map(sys.getrefcount, [np.empty(1)]))
