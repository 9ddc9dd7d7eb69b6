"""Layers that go over a sequence, read step by step and unit by unit."""

from collections.abc import Callable, Mapping

import numpy as np
import sympy

from gradcheck.network.recurrent import GRU, LSTM, Recurrent
from gradcheck.network.stations import Station
from gradcheck.symbolic.readings.activations import ACTIVATION_RULES, sigmoid
from gradcheck.symbolic.readings.sheets import Exprs, Sheet, each, product_sum


def read_recurrent(sheet: Sheet, station: Station, layer: Recurrent, x: Exprs) -> Exprs:
    """z_t = W·x_t + U·h_{t-1} + b, h_t = activation(z_t)."""
    gates = Gates(sheet, station, ("",))
    h = _zeros(x, layer.units)
    states = []
    for t in range(x.shape[1]):
        h = gates.squash("", "h", t, gates.sums("", x[:, t], h), ACTIVATION_RULES[layer.activation])
        states.append(h)
    return np.stack(states, axis=1)


def read_lstm(sheet: Sheet, station: Station, layer: LSTM, x: Exprs) -> Exprs:
    """Gates, cell and state of every step; a coupled input gate is 1 - f."""
    gates = Gates(sheet, station, layer.gates)
    peeps = sheet.parameters("P", station, layer.gates)
    h = c = _zeros(x, layer.units)
    states = []
    for t in range(x.shape[1]):
        now = {}
        for gate in [gate for gate in layer.gates if gate not in "og"]:
            now[gate] = gates.squash(gate, gate, t, gates.sums(gate, x[:, t], h) + _peep(peeps, gate, c), sigmoid)
        g = gates.squash("g", "g", t, gates.sums("g", x[:, t], h), sympy.tanh)
        c = gates.name("c", t, now["f"] * c + now.get("i", 1 - now["f"]) * g)
        o = gates.squash("o", "o", t, gates.sums("o", x[:, t], h) + _peep(peeps, "o", c), sigmoid)
        h = gates.name("h", t, o * each(c, lambda _, cell: sympy.tanh(cell)))
        states.append(h)
    return np.stack(states, axis=1)


def read_gru(sheet: Sheet, station: Station, layer: GRU, x: Exprs) -> Exprs:
    """Reset and update gates, candidate and state of every step."""
    gates = Gates(sheet, station, ("r", "u", "n"))
    h = _zeros(x, layer.units)
    states = []
    for t in range(x.shape[1]):
        r, u = (gates.squash(gate, gate, t, gates.sums(gate, x[:, t], h), sigmoid) for gate in "ru")
        n = gates.squash("n", "n", t, gates.sums("n", x[:, t], r * h), sympy.tanh)
        h = gates.name("h", t, u * h + (1 - u) * n)
        states.append(h)
    return np.stack(states, axis=1)


class Gates:
    """The weights of a recurrent layer by gate, and names for what they compute at each step."""

    def __init__(self, sheet: Sheet, station: Station, gates: tuple[str, ...]) -> None:
        self.sheet, self.station = sheet, station
        self.w, self.u, self.b = (sheet.parameters(letter, station, gates) for letter in "WUb")

    def sums(self, gate: str, x: Exprs, h: Exprs) -> Exprs:
        """W·x + U·h + b of one step, (samples, units)."""
        w, u, b = self.w[gate], self.u[gate], self.b[gate]
        sums = [
            [sympy.Add(product_sum(w[k], row), product_sum(u[k], state), b[k]) for k in range(len(b))]
            for row, state in zip(x, h, strict=True)
        ]
        return np.array(sums, dtype=object)

    def squash(self, gate: str, letter: str, t: int, z: Exprs, rule: Callable[[sympy.Expr], sympy.Expr]) -> Exprs:
        """Names z and rule(z) of one step."""
        named = self.name(f"z{gate}", t, z)
        return self.name(letter, t, each(named, lambda _, one: rule(one)))

    def name(self, letters: str, t: int, exprs: Exprs) -> Exprs:
        """One name for every unit of a step: `h1[t,unit]`."""
        return each(
            exprs,
            lambda index, expr: self.sheet.define(
                self.sheet.name(letters, self.station, (index[0], t, *index[1:])), sympy.sympify(expr)
            ),
        )


def _peep(peeps: Mapping[str, Exprs], gate: str, c: Exprs) -> Exprs | int:
    """P·c for a gate that sees the cell."""
    return peeps[gate] * c if gate in peeps else 0


def _zeros(x: Exprs, units: int) -> Exprs:
    return np.full((x.shape[0], units), sympy.Integer(0), dtype=object)
