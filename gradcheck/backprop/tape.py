"""Reverse mode: a tape records what was computed, and the pullback walks it once, backwards."""

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from gradcheck.backprop.kinds import dtype_of, is_complex, shape_of
from gradcheck.backprop.primitives import PRIMITIVES
from gradcheck.backprop.variables import Variable, apply, next_level
from gradcheck.errors import UsageError

# Ways to make a plain value that only decides what is computed, and where.
BRANCHING = (bool, int, operator.index)


@dataclass(frozen=True, slots=True)
class Piece:
    """A cotangent that is 0 outside of `index`: so that reading an array row by row costs no more than the array."""

    bar: Any
    index: Any


class Record(NamedTuple):
    """One application of a primitive; slots are those of its arguments, None where one is no variable of the tape."""

    slot: int
    name: str
    slots: tuple[int | None, ...]
    args: tuple[Any, ...]
    options: Mapping[str, Any]
    value: Any


class Tape:
    """The records of one reverse sweep, in the order of their making, which is a topological order.

    is_writable: entries of its variables may be assigned to, and no plain number is made of one: for code that nobody
    wrote for this. Views are copies then: what is written into one does not reach the whole.
    """

    def __init__(self, is_writable: bool = False) -> None:
        self.level = next_level()
        self.is_writable = is_writable
        self.records: list[Record] = []
        self.slots = 0
        self.entered: dict[int, Any] = {}

    def variable(self, value: Any) -> Variable:
        """A value that enters the tape from outside, as a variable of it."""
        variable = self._next(value if hasattr(value, "dtype") else np.asarray(value))
        self.entered[variable.mark] = variable.value
        return variable

    def _next(self, value: Any) -> Variable:
        self.slots += 1
        return Variable(value, self, self.slots - 1)

    def run(self, name: str, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        """The primitive's value and a record of it; no record of what has no derivative."""
        slots = tuple([arg.mark if type(arg) is Variable and arg.sweep is self else None for arg in args])
        values = tuple([arg if slot is None else arg.value for slot, arg in zip(slots, args, strict=True)])
        y = apply(name, *values, **options)
        if not PRIMITIVES[name].vjps:
            return y
        variable = self._next(y)
        self.records.append(Record(variable.mark, name, slots, values, options, variable.value))
        return variable

    def settle(self, variable: Variable, kind: Callable[[Any], Any]) -> Any:
        """The plain value; what hangs on it is not differentiated."""
        if self.is_writable and kind not in BRANCHING:
            raise UsageError("a plain number was made of a value under differentiation: the derivative ends there")
        return kind(variable.value)

    def pullback(self, outputs: Iterable[Any], y_bars: Iterable[Any], wanted: Sequence[Variable]) -> list[Any]:
        """The adjoint of every wanted variable, of its shape and dtype; every edge is visited once."""
        kept = self.adjoints(outputs, y_bars, {variable.mark for variable in wanted}.__contains__)
        return [_adjoint(kept.get(variable.mark), variable.value) for variable in wanted]

    def adjoints(
        self, outputs: Iterable[Any], y_bars: Iterable[Any], is_kept: Callable[[int], bool] = lambda slot: True
    ) -> dict[int, Any]:
        """The adjoints of the slots to be kept, where the outputs depend on them."""
        parts: dict[int, list[Any]] = {}
        for output, y_bar in zip(outputs, y_bars, strict=True):
            if type(output) is Variable and output.sweep is self:
                _add(parts.setdefault(output.mark, []), y_bar, output.value)
        kept: dict[int, Any] = {}
        for record in reversed(self.records):
            if record.slot in parts:
                y_bar = total(parts.pop(record.slot), record.value)
                if is_kept(record.slot):
                    kept[record.slot] = y_bar
                _spread(record, y_bar, parts)
        return kept | {slot: total(rest, self.entered[slot]) for slot, rest in parts.items()}


def _spread(record: Record, y_bar: Any, parts: dict[int, list[Any]]) -> None:
    """The cotangent of a record's value as cotangents of its arguments."""
    primitive = PRIMITIVES[record.name]
    for place, slot in enumerate(record.slots):
        rule = None if slot is None else primitive.vjps[0 if primitive.variadic else place]
        if slot is not None and rule is not None:
            told = (place, y_bar) if primitive.variadic else (y_bar,)
            bar = rule(*told, record.value, *record.args, **record.options)
            _add(parts.setdefault(slot, []), bar, record.args[place])


def _add(parts: list[Any], bar: Any, like: Any) -> None:
    """One more part of a cotangent: the dense ones are added up in the first place; that of a real argument is real."""
    if type(bar) is Piece:
        parts.append(Piece(real_if(bar.bar, like), bar.index))
    elif parts and type(parts[0]) is not Piece:
        parts[0] = apply("add", parts[0], real_if(bar, like))
    else:
        parts.insert(0, real_if(bar, like))


def real_if(bar: Any, like: Any) -> Any:
    """The real part of a complex bar whose argument is real."""
    return apply("real", bar) if is_complex(bar) and not is_complex(like) else bar


def total(parts: list[Any], like: Any) -> Any:
    """The sum of the parts of a cotangent of `like`: the dense one, if there is one, and the pieces."""
    if len(parts) == 1 and type(parts[0]) is not Piece:
        return parts[0]
    pieces = [part for part in parts if type(part) is Piece]
    indices = tuple(piece.index for piece in pieces)
    whole = apply("assemble", *(piece.bar for piece in pieces), indices=indices, shape=shape_of(like))
    return whole if len(pieces) == len(parts) else apply("add", parts[0], whole)


def _adjoint(bar: Any, value: Any) -> Any:
    if bar is None:
        return np.zeros(shape_of(value), dtype_of(value))
    return bar if dtype_of(bar) == dtype_of(value) else apply("astype", bar, dtype=dtype_of(value))
