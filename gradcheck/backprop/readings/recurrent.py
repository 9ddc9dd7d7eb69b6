"""Layers that go over a sequence, step by step for the whole batch."""

from collections.abc import Callable
from typing import Any

import numpy as np

from gradcheck.backprop import arrays as xp
from gradcheck.backprop.readings.dense import ACTIVATION_RULES
from gradcheck.backprop.readings.notebooks import Notebook, affine, stacked
from gradcheck.network.recurrent import GRU, LSTM, Recurrent
from gradcheck.network.stations import Station


def read_recurrent(book: Notebook, station: Station, layer: Recurrent, x: Any) -> Any:
    """h_t = activation(x_t·Wᵀ + h_{t-1}·Uᵀ + b)."""
    h, states = _zeros(x, layer.units), []
    for t in range(x.shape[1]):
        h = _gate(book, station, "", "h", _sums(book, station, "", x[:, t], h), ACTIVATION_RULES[layer.activation])
        states.append(h)
    return stacked(states)


def read_lstm(book: Notebook, station: Station, layer: LSTM, x: Any) -> Any:
    """Gates, cell and state of every step; a coupled input gate is 1 - f."""
    h = c = _zeros(x, layer.units)
    states = []
    for t in range(x.shape[1]):
        sums = {gate: _sums(book, station, gate, x[:, t], h) for gate in layer.gates}
        f = _gate(book, station, "f", "f", sums["f"] + _peep(book, station, "f", c), xp.sigmoid)
        i = 1.0 - f
        if not layer.coupled:
            i = _gate(book, station, "i", "i", sums["i"] + _peep(book, station, "i", c), xp.sigmoid)
        g = _gate(book, station, "g", "g", sums["g"], xp.tanh)
        c = book.note_step("c", station, f * c + i * g)
        o = _gate(book, station, "o", "o", sums["o"] + _peep(book, station, "o", c), xp.sigmoid)
        h = book.note_step("h", station, o * xp.tanh(c))
        states.append(h)
    return stacked(states)


def read_gru(book: Notebook, station: Station, layer: GRU, x: Any) -> Any:
    """Reset and update gates, candidate and state of every step."""
    h, states = _zeros(x, layer.units), []
    for t in range(x.shape[1]):
        r, u = (_gate(book, station, g, g, _sums(book, station, g, x[:, t], h), xp.sigmoid) for g in "ru")
        n = _gate(book, station, "n", "n", _sums(book, station, "n", x[:, t], r * h), xp.tanh)
        h = book.note_step("h", station, u * h + (1.0 - u) * n)
        states.append(h)
    return stacked(states)


def _sums(book: Notebook, station: Station, gate: str, x: Any, h: Any) -> Any:
    """x·Wᵀ + h·Uᵀ + b of one step."""
    w, u, b = (book.parameter(f"{letter}{gate}", station) for letter in "WUb")
    return affine(x, w) + affine(h, u) + b


def _gate(book: Notebook, station: Station, gate: str, letter: str, z: Any, rule: Callable[[Any], Any]) -> Any:
    """rule(z), both noted."""
    return book.note_step(letter, station, rule(book.note_step(f"z{gate}", station, z)))


def _peep(book: Notebook, station: Station, gate: str, c: Any) -> Any:
    """P·c for a gate that sees the cell."""
    return book.parameter(f"P{gate}", station) * c if f"P{gate}{station.number}" in station.parameters else 0.0


def _zeros(x: Any, units: int) -> Any:
    return np.zeros((x.shape[0], units))
