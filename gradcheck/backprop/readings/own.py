"""A user's own layer, read by the engine: its formula differentiated, or the backward pass that the user wrote."""

from collections.abc import Callable, Mapping
from typing import Any

from gradcheck.backprop.primitives import Primitive
from gradcheck.backprop.readings.notebooks import Notebook
from gradcheck.backprop.transforms import jvp
from gradcheck.backprop.variables import define
from gradcheck.errors import UsageError
from gradcheck.network.own import Own
from gradcheck.network.stations import Station

# (layer, x, parameters by name) -> y
Computed = Callable[[Own, Any, Mapping[str, Any]], Any]


def computed_by(kind: type[Own]) -> Computed:
    """The array function of a kind of layer; with a backward pass of its own it is a primitive for these parameters."""
    if kind.recipe.backward is None:
        return lambda layer, x, params: layer.computed(x, params)
    known: dict[tuple[Own, tuple[str, ...]], Callable[..., Any]] = {}

    def computed(layer: Own, x: Any, params: Mapping[str, Any]) -> Any:
        key = (layer, tuple(params))
        if key not in known:
            known[key] = define(f"layer {layer!r} {' '.join(params)}", _primitive(layer, tuple(params)))
        return known[key](x, *params.values())

    return computed


def reading_of(kind: type[Own]) -> Callable[[Notebook, Station, Any, Any], Any]:
    """The reading of a kind of layer for the table."""
    computed = computed_by(kind)

    def read(book: Notebook, station: Station, layer: Own, x: Any) -> Any:
        params = {letters: book.parameter(letters, station) for letters in layer.parameters(station.entering)}
        return book.note("a", station, computed(layer, x, params))

    return read


def _primitive(layer: Own, names: tuple[str, ...]) -> Primitive:
    """Cotangents by the user's backward pass; tangents by the formula, so that the two are held against each other."""

    def value(x: Any, *params: Any) -> Any:
        return layer.computed(x, dict(zip(names, params, strict=True)))

    def bar(place: int, y_bar: Any, y: Any, x: Any, *params: Any) -> Any:
        return pulled_back(layer, y_bar, x, dict(zip(names, params, strict=True)))[place]

    def dot(place: int, x_dot: Any, y: Any, *args: Any) -> Any:
        moved = lambda one: value(*args[:place], one, *args[place + 1 :])  # noqa: E731
        return jvp(moved, (args[place],), (x_dot,))[1]

    places = range(1 + len(names))
    vjps = tuple(lambda *args, place=place: bar(place, *args) for place in places)
    return Primitive(value, vjps, tuple(lambda *args, place=place: dot(place, *args) for place in places))


def pulled_back(layer: Own, y_bar: Any, x: Any, params: Mapping[str, Any]) -> list[Any]:
    """The cotangents of x and of every parameter by the user's backward pass, in the parameters' order."""
    assert layer.recipe.backward is not None, "asked of layers that have one"
    found = layer.recipe.backward(y_bar, x, dict(params), **layer.settings)
    if not isinstance(found, tuple) or len(found) != 2 or not isinstance(found[1], Mapping):
        raise UsageError(
            f"the backward pass of {layer.recipe.name!r} has to return dx and a dict: return dx, {{'g': dg}}"
        )
    if missing := [name for name in params if name not in found[1]]:
        raise UsageError(f"the backward pass of {layer.recipe.name!r} returns nothing for {missing[0]!r}: add it")
    return [found[0], *(found[1][name] for name in params)]
