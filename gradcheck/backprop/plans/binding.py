"""A plan: every operation bound to the arrays it reads and fills, in one straight line."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from gradcheck.backprop.plans.buffers import Pool, order_like
from gradcheck.backprop.plans.kernels import added, checked, copied, in_order, put
from gradcheck.backprop.plans.lifetimes import Part, coverage, is_made, last_uses, needed, parts_of
from gradcheck.backprop.plans.operations import (
    ASSEMBLE,
    CONSTANT,
    ELEMENTWISE,
    GUARD,
    INPUT,
    VIEW,
    Call,
    Emit,
    Graph,
    Operation,
)
from gradcheck.backprop.plans.straight_lines import Plan, Port


def planned(graph: Graph, inputs: int, outputs: Sequence[int]) -> Plan:
    """The plan of a graph; the outputs' arrays are bound later."""
    return _Binder(graph, inputs, outputs).plan()


class _Binder:
    """What is known while a plan is put together."""

    def __init__(self, graph: Graph, inputs: int, outputs: Sequence[int]) -> None:
        self.graph, self.pool = graph, Pool()
        self.places = needed(graph, outputs)
        made = {place for place in outputs if is_made(graph, place)}
        self.parts = parts_of(graph, self.places, made)
        self.last = last_uses(graph, self.places, self.parts)
        self.arrays: dict[int, Any] = {}
        self.memory: dict[int, Any] = {}  # of the values that may be overwritten or given back
        self.root: dict[int, int] = {}
        self.ports: dict[int, Port] = {}
        self.lines: list[Call] = []
        self.sources: list[tuple[Emit, tuple[int, ...], int]] = []
        self.given = list(outputs)
        self.direct = made
        self.inputs = inputs

    def plan(self) -> Plan:
        ending: dict[int, list[int]] = {}
        for place in self.places:
            ending.setdefault(self.last[place], []).append(place)
        for place in self.places:
            self._bind(place, self.graph[place])
            for done in ending.get(place, []):
                if done in self.memory:
                    self.pool.give(self.memory.pop(done))
        outputs = self._outputs()
        inputs = [self.ports.get(place, Port(-1)) for place in self._input_places()]
        return Plan(self.lines, self.sources, self.arrays, inputs, outputs)

    def _bind(self, place: int, operation: Operation) -> None:
        if operation.kind in (INPUT, CONSTANT):
            self._enter(place, operation)
        elif operation.kind == VIEW:
            self._see(place, operation)
        elif operation.kind == GUARD:
            self._line(checked(*operation.data), operation.args, place)
        elif operation.kind == ASSEMBLE:
            self._assemble(place, operation)
        else:
            self._allocate(place, self._overwritten(place, operation))
            self._line(operation.data, operation.args, place)

    def _enter(self, place: int, operation: Operation) -> None:
        self.arrays[place], self.root[place] = operation.data, place
        if operation.kind == INPUT:
            self.ports[place] = Port(place)

    def _see(self, place: int, operation: Operation) -> None:
        base = operation.args[0]
        seen = operation.data(self.arrays[base])
        if seen.size and not np.may_share_memory(seen, self.arrays[base]):
            self._allocate(place, None)
            self._line(in_order, (base,), place)
            return
        self._derive(place, operation.data, base)

    def _derive(self, place: int, view: Callable[[Any], Any], base: int) -> None:
        """A view, which is renewed with its port."""
        self.arrays[place], self.root[place] = view(self.arrays[base]), self.root[base]
        port = self.ports.get(self.root[base])
        if port is not None:
            port.derived.append((place, view, base))

    def _overwritten(self, place: int, operation: Operation) -> int | None:
        """The argument whose memory an elementwise operation can fill, because nobody reads it after that."""
        fresh = place in self.parts or place in self.direct
        # One number alone is not overwritten: NumPy takes the slow way round when such arrays overlap.
        if operation.kind != ELEMENTWISE or fresh or math.prod(operation.shape) == 1:
            return None
        for arg in operation.args:
            fits = self.graph[arg].shape == operation.shape and self.graph[arg].dtype == operation.dtype
            alone = all(other == arg or self.root.get(other) != self.root[arg] for other in operation.args)
            if fits and alone and arg in self.memory and self.last[arg] == place:
                return arg
        return None

    def _allocate(self, place: int, overwritten: int | None, keep: bool = False) -> None:
        """The array of a value: inside of its whole, for outside, an argument's, or from the pool."""
        operation = self.graph[place]
        self.root[place] = place
        if place in self.parts and self._inside(place, self.parts[place]):
            return
        if overwritten is not None:
            self.arrays[place], self.memory[place] = self.arrays[overwritten], self.memory.pop(overwritten)
            return
        if place in self.direct:
            self.ports[place] = Port(place)
            self.arrays[place] = np.empty(operation.shape, operation.dtype)
            return
        order = order_like(operation.shape, [self.arrays[arg] for arg in operation.args if arg in self.arrays])
        order = order if operation.kind == ELEMENTWISE else tuple(range(len(operation.shape)))
        self.arrays[place], memory = self.pool.take(operation.shape, operation.dtype, order, keep)
        if not keep:
            self.memory[place] = memory

    def _inside(self, place: int, part: Part) -> bool:
        """Is the value's array a part of its whole? The whole is made first where it is not there yet."""
        if part.whole not in self.arrays:
            self._prepare(part.whole)
        shape, index = self.graph[place].shape, part.index

        def view(whole: Any) -> Any:
            return whole[index].reshape(shape)

        if not np.may_share_memory(view(self.arrays[part.whole]), self.arrays[part.whole]):
            return False
        self._derive(place, view, part.whole)
        return True

    def _prepare(self, whole: int) -> None:
        """The array of an assembly; zeros that no piece covers are written once, into memory that is not shared."""
        covered = coverage(self.graph, whole)
        self._allocate(whole, None, keep=covered is False)
        if whole in self.parts or self.root[whole] in self.direct:
            if not covered:
                self._line(lambda arrays, out: (out.fill, (0,)), (), whole)
        elif covered is False:
            self.arrays[whole].fill(0)

    def _assemble(self, place: int, operation: Operation) -> None:
        if coverage(self.graph, place) is None:
            self._allocate(place, None)
            self._line(lambda arrays, out: (out.fill, (0,)), (), place)
            for piece, index in zip(operation.args, operation.data, strict=True):
                self._line(added(index), (piece,), place)
            return
        if place not in self.arrays:
            self._prepare(place)
        for piece, index in zip(operation.args, operation.data, strict=True):
            target = self.arrays[place][index]
            mine = self.arrays[piece]
            if not (mine.ctypes.data == target.ctypes.data and np.may_share_memory(mine, target)):
                self._line(put(index), (piece,), place)

    def _line(self, emit: Emit, args: tuple[int, ...], out: int) -> None:
        for place in (*args, out):
            port = self.ports.get(self.root.get(place, -1))
            if port is not None and len(self.lines) not in port.lines[-1:]:
                port.lines.append(len(self.lines))
        self.sources.append((emit, args, out))
        self.lines.append(emit([self.arrays[arg] for arg in args], self.arrays.get(out)))

    def _outputs(self) -> list[Port]:
        """A port for each output; what is no value of its own, or is given twice, is copied."""
        ports: list[Port] = []
        for number, place in enumerate(self.given):
            if place in self.direct and place not in self.given[:number]:
                ports.append(self.ports[place])
                continue
            copy = -2 - number
            operation = self.graph[place]
            self.arrays[copy], self.root[copy] = np.empty(operation.shape, operation.dtype), copy
            self.ports[copy] = Port(copy)
            self._line(copied, (place,), copy)
            ports.append(self.ports[copy])
        return ports

    def _input_places(self) -> list[int]:
        found = {self.graph[k].what: k for k in self.places if self.graph[k].kind == INPUT}
        return [found.get(number, -1) for number in range(self.inputs)]
