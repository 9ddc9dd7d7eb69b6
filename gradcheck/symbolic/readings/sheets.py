"""The sheet on which a network's definitions are written down, name by name."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import sympy
from numpy.typing import NDArray

from gradcheck.labels import entries, label
from gradcheck.network.names import (
    activation_name,
    bias_place,
    parameter_shapes,
    pre_activation_name,
    value_name,
    weight_place,
)
from gradcheck.network.networks import Network
from gradcheck.network.stations import TRANSPOSED, Station
from gradcheck.symbolic.partials import ensure_size
from gradcheck.symbolic.systems import symbol

# (samples, *shape) of expressions
Exprs: TypeAlias = NDArray[Any]


@dataclass(slots=True)
class Sheet:
    """Definitions as they are written, each under a name of its own; `links` counts what they are made of."""

    network: Network
    samples: int
    definitions: dict[str, sympy.Expr] = field(default_factory=dict)
    links: int = 0

    def define(self, name: str, expr: sympy.Expr) -> sympy.Symbol:
        """The symbol that stands for the expression from here on; raises TooLarge where there are too many links."""
        self.links += len(expr.free_symbols)
        ensure_size(self.links)
        self.definitions[name] = expr
        return symbol(name)

    def define_all(self, letters: str, station: Station, exprs: Exprs) -> Exprs:
        """One name for every number of (samples, *shape): `h2[0,1]`."""
        return each(exprs, lambda index, expr: self.define(self.name(letters, station, index), expr))

    def name(self, letters: str, station: Station, index: Sequence[int]) -> str:
        """The name of a value inside a layer; index: sample first."""
        sample, *place = index
        if self.network.naming == "article":
            name_of = {"z": pre_activation_name, "a": activation_name}[letters]
            return name_of(self.network, station.number - 1, place[0], sample, self.samples)
        return value_name(letters, station.number, place, sample, self.samples)

    def parameter(self, letters: str, station: Station) -> Exprs:
        """The symbols of a layer's parameter, in its shape."""
        if self.network.naming == "article":
            return self._article(letters, station)
        name = f"{letters}{station.number}"
        of = dict(self.network.ties).get(name, name)
        source = of.removesuffix(TRANSPOSED)
        found = symbols(source, parameter_shapes(self.network)[source])
        return found.T if of.endswith(TRANSPOSED) else found

    def bias(self, station: Station) -> Exprs | None:
        """The symbols of a layer's bias, one for each unit or one for all; None where it has none."""
        return self.parameter("b", station) if f"b{station.number}" in station.parameters else None

    def parameters(self, letters: str, station: Station, gates: Sequence[str]) -> dict[str, Exprs]:
        """By gate: the symbols of `letters` and the gate; a gate without is left out."""
        there = [gate for gate in gates if f"{letters}{gate}{station.number}" in station.parameters]
        return {gate: self.parameter(f"{letters}{gate}", station) for gate in there}

    def _article(self, letters: str, station: Station) -> Exprs:
        layer, (inputs,), (units,) = station.number - 1, station.entering, station.leaving
        if letters == "W":
            names = [[label(*weight_place(self.network, layer, u, k)) for k in range(inputs)] for u in range(units)]
            return np.array([[symbol(name) for name in row] for row in names], dtype=object)
        places = [bias_place(self.network, layer, unit) for unit in range(units)]
        return np.array([symbol(label(*place)) for place in places if place is not None], dtype=object)


def symbols(name: str, shape: Sequence[int]) -> Exprs:
    """The symbols of a named array, in its shape."""
    array = np.empty(tuple(shape), dtype=object)
    for text, index in entries(name, shape):
        array[index] = symbol(text)
    return array


def each(exprs: Exprs, rule: Callable[[tuple[int, ...], sympy.Expr], sympy.Expr]) -> Exprs:
    """rule(index, expression) for every number of an array, in row-major order."""
    found = np.empty(exprs.shape, dtype=object)
    for index in np.ndindex(exprs.shape):
        found[index] = rule(index, exprs[index])
    return found


def total(exprs: Sequence[sympy.Expr] | Exprs) -> sympy.Expr:
    """The sum of all."""
    return sympy.Add(*np.ravel(np.asarray(exprs, dtype=object)))


def product_sum(first: Exprs, second: Exprs) -> sympy.Expr:
    """Σ of the products, number by number."""
    return sympy.Add(*(a * b for a, b in zip(np.ravel(first), np.ravel(second), strict=True)))
