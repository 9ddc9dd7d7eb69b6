"""A loss as named definitions, each a small SymPy expression over earlier names."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import TypeAlias

import sympy

Number: TypeAlias = int | float | Fraction  # each is exact: a float stands for the binary fraction that it is


@dataclass(frozen=True, eq=False)
class System:
    """What is computed at one point: `loss` is the name of the last value that counts.

    values: the exact number of every parameter and named data; definitions: name -> expression over earlier names,
    in the order of computing; parameters: the labels (`W1[0,1]`) of those values that the loss is differentiated by.
    """

    values: Mapping[str, Number]
    definitions: Mapping[str, sympy.Expr]
    loss: str
    parameters: tuple[str, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", MappingProxyType(dict(self.values)))
        object.__setattr__(self, "definitions", MappingProxyType(dict(self.definitions)))


def symbol(name: str) -> sympy.Symbol:
    """The one symbol of that name: real, for else |x| has real and imaginary parts, and Symbol("w") is another w."""
    return sympy.Symbol(name, real=True)


def names_in(expr: sympy.Expr) -> tuple[str, ...]:
    """The names that an expression speaks of, sorted."""
    return tuple(sorted(one.name for one in expr.free_symbols))
