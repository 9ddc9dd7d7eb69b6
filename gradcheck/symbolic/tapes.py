"""The numbers of a system as one list of operations, equal ones made once, that runs at any precision."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import sympy
from mpmath import libmp

from gradcheck.errors import UsageError
from gradcheck.symbolic.bare import (
    CONSTANTS,
    NO_VALUE,
    RULES,
    Bare,
    Rule,
    add,
    bare,
    cases,
    power_of,
    pull,
    reciprocal,
)
from gradcheck.symbolic.systems import Number

Pair = tuple[str, str]


@dataclass(slots=True)
class Tape:
    """Slots of numbers: those of the given names first, then one for every operation, in the order of computing.

    names, adjoints, local: where the value and the adjoint of a name and the partial of a (target, source) stand.
    """

    given: int
    names: dict[str, int]
    adjoints: dict[str, int] = field(default_factory=dict)
    local: dict[Pair, int] = field(default_factory=dict)
    code: list[tuple[Rule, tuple[int, ...]]] = field(default_factory=list)
    known: dict[Any, int] = field(default_factory=dict)

    def apply(self, rule: Rule, args: Iterable[int], key: Any) -> int:
        """The slot of a rule of other slots."""
        operation = (key, tuple(args))
        if operation not in self.known:
            self.known[operation] = self.given + len(self.code)
            self.code.append((rule, operation[1]))
        return self.known[operation]

    def slot(self, expr: sympy.Basic) -> int:
        """The slot of an expression over names."""
        if expr not in self.known:
            self.known[expr] = self._written(expr)
        return self.known[expr]

    def _written(self, expr: sympy.Basic) -> int:
        if expr.is_Symbol:
            return self.names[expr.name]
        if expr.is_Rational:
            top, bottom = int(expr.p), int(expr.q)
            return self.apply(lambda bits: libmp.from_rational(top, bottom, bits, "n"), (), expr)
        if expr.is_Float:
            number = expr._mpf_
            return self.apply(lambda bits: number, (), expr)
        kind = type(expr)
        if kind in CONSTANTS:
            return self.apply(CONSTANTS[kind], (), kind)
        if kind is sympy.Piecewise:
            return self.apply(cases, [self.slot(part) for pair in expr.args for part in pair.args], kind)
        if kind is sympy.Pow and expr.args[1].is_Integer:
            exponent = int(expr.args[1])
            rule = reciprocal if exponent == -1 else power_of(exponent)
            return self.apply(rule, (self.slot(expr.args[0]),), ("power", exponent))
        if kind not in RULES:
            raise UsageError(f"the exact opinion has no number for {kind.__name__}: add it to symbolic/bare.py")
        return self.apply(RULES[kind], map(self.slot, expr.args), kind)

    def total(self, slots: list[int]) -> int:
        """The slot of a sum of slots."""
        return slots[0] if len(slots) == 1 else self.apply(add, slots, add)

    def pulled(self, bar: int, partial: int, is_one: bool) -> int:
        """The slot of an adjoint times a partial."""
        return bar if is_one else self.apply(pull, (bar, partial), pull)


def pull_back(tape: Tape, local: dict[Pair, int], root: str, names: Iterable[str]) -> dict[str, int]:
    """The slots of the adjoints of names, from the partials of each computed name by what it is computed from.

    local: in the order of computing. Each link is followed once.
    """
    one, zero = tape.slot(sympy.Integer(1)), tape.slot(sympy.Integer(0))
    terms: dict[str, list[int]] = {root: [one]}
    for (target, source), partial in reversed(local.items()):
        if target in terms:
            bar = terms[target] = [tape.total(terms[target])]
            terms.setdefault(source, []).append(tape.pulled(bar[0], partial, partial == one))
    return {name: tape.total(terms[name]) if name in terms else zero for name in names}


def run(tape: Tape, values: Iterable[Number], bits: int) -> list[Bare]:
    """Every slot's number, rounded to that many bits after each operation; NaN where there is no real value."""
    numbers = [bare(value, bits) for value in values]
    append = numbers.append
    for rule, args in tape.code:
        try:
            if len(args) == 2:  # three of four operations; the list of the others takes as long as they do
                append(rule(bits, numbers[args[0]], numbers[args[1]]))
            else:
                append(rule(bits, *[numbers[arg] for arg in args]))
        except NO_VALUE:
            append(libmp.fnan)
    return numbers
