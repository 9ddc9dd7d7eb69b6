"""The layers of a network in the order of their numbers, each with the shapes that enter and leave it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from gradcheck.errors import NetworkError
from gradcheck.network.attention import Residual
from gradcheck.network.dense import Shape, Shapes
from gradcheck.network.layers import Layer

TRANSPOSED = ".T"


@dataclass(frozen=True, slots=True)
class Station:
    """One layer: its number (from 1, those inside a residual connection after it), its shapes, the layers inside."""

    number: int
    layer: Layer
    entering: Shape
    leaving: Shape
    inside: tuple["Station", ...] = ()

    @property
    def parameters(self) -> Shapes:
        """The parameters of the layer by their full names: W1, b1."""
        return {f"{letters}{self.number}": shape for letters, shape in self.layer.parameters(self.entering).items()}


@lru_cache(maxsize=256)
def lay_out(entering: Shape, layers: tuple[Layer, ...], first: int = 1) -> tuple[Station, ...]:
    """The stations of layers in a row; raises NetworkError, naming the layer, where shapes do not fit."""
    stations: list[Station] = []
    for layer in layers:
        try:
            leaving = layer.leaving(entering)
            inside = lay_out(entering, layer.layers, first + 1) if isinstance(layer, Residual) else ()
        except NetworkError as error:
            raise NetworkError(f"layer {first}, {type(layer).__name__}: {error}") from None
        stations.append(Station(first, layer, entering, leaving, inside))
        first, entering = first + len(list(walk(stations[-1:]))), leaving
    return tuple(stations)


def walk(stations: Sequence[Station]) -> Iterator[Station]:
    """Every station, those inside others after them."""
    for station in stations:
        yield station
        yield from walk(station.inside)


def ensure_ties(stations: tuple[Station, ...], ties: tuple[tuple[str, str], ...]) -> None:
    """Raises NetworkError unless every tie joins two parameters of one shape, the second of them a free one."""
    shapes = {name: shape for station in walk(stations) for name, shape in station.parameters.items()}
    bound = [tied for tied, _ in ties]
    for tied, of in ties:
        source = of.removesuffix(TRANSPOSED)
        for name in (tied, source):
            if name not in shapes:
                raise NetworkError(f"{tied} cannot be tied to {of}: no {name} in {', '.join(shapes)}")
        if source in bound or bound.count(tied) > 1:
            raise NetworkError(f"{tied} is tied to {of}, which is no parameter of its own: tie it to one that is")
        there = shapes[source][::-1] if of.endswith(TRANSPOSED) else shapes[source]
        if shapes[tied] != there:
            raise NetworkError(f"{tied} has shape {shapes[tied]}, {of} has {there}: tie arrays of one shape")
