"""What a page draws: plain numbers that only computing can give."""

from dataclasses import dataclass

from gradcheck.results.arrays import Floats, frozen


@dataclass(frozen=True, slots=True)
class StepCurve:
    """How far a central difference is from the true partial, step by step, and how far the user's value is.

    steps: falling; errors, yours: relative errors |a - b| / max(|a|, |b|) against the exact value (the numeric winner
    where there is none).
    """

    label: str
    steps: Floats
    errors: Floats
    yours: float

    def __post_init__(self) -> None:
        for field in ("steps", "errors"):
            object.__setattr__(self, field, frozen(getattr(self, field)))


@dataclass(frozen=True, slots=True)
class BlindMap:
    """The relative error of one wrong partial over two parameters that coincide at the given point.

    All other parameters are as at the checked point. errors: (len(ys), len(xs)). own, checked: (x, y). training:
    (k, 2) values of the two along gradient descent with the user's own gradient from the given point, `losses` before
    and after its `training_steps`; empty where it could not be had.
    """

    label: str
    x_name: str
    y_name: str
    xs: Floats
    ys: Floats
    errors: Floats
    own: tuple[float, float]
    checked: tuple[float, float]
    training: Floats
    training_steps: int
    losses: tuple[float, float] | None
    gap_after_training: float | None

    def __post_init__(self) -> None:
        for field in ("xs", "ys", "errors", "training"):
            object.__setattr__(self, field, frozen(getattr(self, field)))


@dataclass(frozen=True, slots=True)
class Node:
    """One value of the graph: kind is input, parameter, hidden or loss; columns from the left, rows from the top."""

    name: str
    kind: str
    column: int
    row: int
    value: float
    adjoint: float | None
    marked: bool = False


@dataclass(frozen=True, slots=True)
class Edge:
    """One arrow: the local partial of `target` by `source`, in words and as a number.

    role: how a wrong gradient uses it: "twice", "never", or "".
    """

    source: str
    target: str
    partial: float
    text: str
    role: str = ""


@dataclass(frozen=True, slots=True)
class Graph:
    """Named values and how they feed one another, laid out in columns."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    words: str


@dataclass(frozen=True, slots=True)
class LayerSizes:
    """The root mean square of the partials of each layer that has parameters, from the input on, and what it says."""

    layers: tuple[str, ...]
    sizes: Floats
    words: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "sizes", frozen(self.sizes))


@dataclass(frozen=True, slots=True)
class HeatMap:
    """The partials by one parameter as rows and columns."""

    name: str
    partials: Floats

    def __post_init__(self) -> None:
        object.__setattr__(self, "partials", frozen(self.partials))


@dataclass(frozen=True, slots=True)
class GateCurve:
    """One gate or state of a recurrent layer, step by step: values (steps, units), which lie within low..high."""

    name: str
    words: str
    values: Floats
    low: float
    high: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", frozen(self.values))


@dataclass(frozen=True, slots=True)
class Gates:
    """The gates and states of one recurrent layer for the first sample."""

    layer: str
    curves: tuple[GateCurve, ...]


@dataclass(frozen=True, slots=True)
class NetworkFigures:
    """What a network is like inside at the checked point; sizes is None for fewer than two layers with parameters."""

    sizes: LayerSizes | None
    maps: tuple[HeatMap, ...]
    gates: tuple[Gates, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """All figures of one result; None where that figure does not apply, and `missing` says why (figure -> sentence)."""

    steps: StepCurve | None = None
    blind: BlindMap | None = None
    graph: Graph | None = None
    missing: tuple[tuple[str, str], ...] = ()
    network: NetworkFigures | None = None
