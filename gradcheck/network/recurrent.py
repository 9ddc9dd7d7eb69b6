"""Layers that go over a sequence step by step, with the same weights at every step."""

from dataclasses import dataclass

from gradcheck.network.dense import Shape, Shapes, at_least_one, need_axes
from gradcheck.network.tables import ACTIVATIONS, known

WORDS = "(steps, features)"


@dataclass(frozen=True, slots=True)
class Recurrent:
    """h_t = activation(W·x_t + U·h_{t-1} + b), h_{-1} = 0: the states of all steps."""

    units: int
    activation: str = "tanh"

    def __post_init__(self) -> None:
        at_least_one("a recurrent layer", "units", self.units)
        object.__setattr__(self, "activation", known("activation", self.activation, ACTIVATIONS))

    def parameters(self, entering: Shape) -> Shapes:
        """W (units, features), U (units, units), b (units,)."""
        return _gates(("",), self.units, entering)

    def leaving(self, entering: Shape) -> Shape:
        """(steps, units)."""
        return _sequence("a recurrent layer", self.units, entering)


@dataclass(frozen=True, slots=True)
class LSTM:
    """Long short-term memory (Hochreiter 1997; forget gate Gers 2000): the states h of all steps.

    i, f, o = σ(W·x_t + U·h_{t-1} + b), g = tanh(...); c_t = f·c_{t-1} + i·g; h_t = o·tanh(c_t); h_{-1} = c_{-1} = 0.
    peepholes: i and f also see P·c_{t-1}, o sees P·c_t, number by number (Gers 2002). coupled: i = 1 - f (Greff 2017).
    """

    units: int
    peepholes: bool = False
    coupled: bool = False

    def __post_init__(self) -> None:
        at_least_one("an LSTM", "units", self.units)

    @property
    def gates(self) -> tuple[str, ...]:
        """The gates that have weights of their own; "g" is the candidate."""
        return ("f", "o", "g") if self.coupled else ("i", "f", "o", "g")

    def parameters(self, entering: Shape) -> Shapes:
        """W (units, features), U (units, units), b (units,) for each gate: Wi, Ui, bi ...; P (units,): Pi, Pf, Po."""
        seeing = [gate for gate in self.gates if gate != "g"] if self.peepholes else []
        return {**_gates(self.gates, self.units, entering), **{f"P{gate}": (self.units,) for gate in seeing}}

    def leaving(self, entering: Shape) -> Shape:
        """(steps, units)."""
        return _sequence("an LSTM", self.units, entering)


@dataclass(frozen=True, slots=True)
class GRU:
    """Gated recurrent unit (Cho 2014): the states h of all steps.

    r, u = σ(W·x_t + U·h_{t-1} + b), n = tanh(Wn·x_t + Un·(r·h_{t-1}) + bn); h_t = u·h_{t-1} + (1 - u)·n; h_{-1} = 0.
    """

    units: int

    def __post_init__(self) -> None:
        at_least_one("a GRU", "units", self.units)

    def parameters(self, entering: Shape) -> Shapes:
        """W (units, features), U (units, units), b (units,) for each gate: Wr, Ur, br, Wu, ..., Wn, ...."""
        return _gates(("r", "u", "n"), self.units, entering)

    def leaving(self, entering: Shape) -> Shape:
        """(steps, units)."""
        return _sequence("a GRU", self.units, entering)


def _gates(gates: tuple[str, ...], units: int, entering: Shape) -> Shapes:
    shapes = {"W": (units, entering[-1]), "U": (units, units), "b": (units,)}
    return {f"{letter}{gate}": shape for gate in gates for letter, shape in shapes.items()}


def _sequence(what: str, units: int, entering: Shape) -> Shape:
    need_axes(what, entering, 2, WORDS)
    return (entering[0], units)
