"""Reverse mode: a tape records what was computed, and the pullback walks it once, backwards."""

from typing import Any

import numpy as np

from gradcheck.backprop.primitives import PRIMITIVES


class Tape:
    """Values by slot, and for each that depends on a variable the primitive and the slots it came from."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self.records: list[tuple[int, str, tuple[int, ...]]] = []
        self.active: set[int] = set()

    def constant(self, value: Any) -> int:
        """The slot of a value that needs no adjoint."""
        self.values.append(value)
        return len(self.values) - 1

    def variable(self, value: Any) -> int:
        """The slot of a value whose adjoint is wanted."""
        slot = self.constant(value)
        self.active.add(slot)
        return slot

    def record(self, name: str, *slots: int) -> int:
        """The slot of the primitive's value; remembered for the way back only if an argument leads to a variable."""
        slot = self.constant(PRIMITIVES[name].value(*[self.values[s] for s in slots]))
        if not self.active.isdisjoint(slots):
            self.active.add(slot)
            self.records.append((slot, name, slots))
        return slot

    def pullback(self, output: int) -> dict[int, Any]:
        """The adjoint of every slot that the scalar `output` depends on; every edge is visited once.

        An output that is an array counts as its sum. A slot that is missing has the adjoint 0.
        """
        bars: dict[int, Any] = {output: np.ones_like(self.values[output])[()]}
        for out, name, slots in reversed(self.records):
            if out in bars:
                args = [self.values[s] for s in slots]
                for slot, vjp in zip(slots, PRIMITIVES[name].vjps, strict=True):
                    if slot in self.active and vjp is not None:
                        bars[slot] = bars.get(slot, 0.0) + vjp(bars[out], self.values[out], *args)
        return bars
