"""A JVP as a gradient: tangents along each entry of the point, weighted by a fixed cotangent of the output."""

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from gradcheck.errors import UsageError
from gradcheck.labels import entries
from gradcheck.results.arrays import Floats
from gradcheck.subject.cases import Functions
from gradcheck.subject.forms import Form
from gradcheck.subject.products import (
    Vector,
    cotangent_of,
    evaluate,
    fits,
    in_own_precision,
    name_of,
    output_of,
    random_numbers,
    weighted,
)
from gradcheck.subject.structures import Arrays, Misfit, flatten

Tangents = Callable[[tuple[Any, ...], Mapping[str, Any], Arrays], Arrays]


def push_forward(
    f: Callable[..., Any],
    f_jvp: Callable[..., Any],
    at: Any,
    args: tuple[Any, ...] = (),
    kwargs: Mapping[str, Any] | None = None,
    around: bool = False,
    seed: int = 0,
) -> Functions:
    """The loss sum(u * f) under a random cotangent u, with a gradient of one JVP per entry of the point.

    f_jvp: (x, W, dx, dW) or (primals, tangents); returns dy or (y, dy). Every tangent is a random number of its own
    along its entry, so that what is not linear in it shows; around: moves it off a random tangent along all entries, so
    that products of two tangents show too. Raises UsageError where f_jvp takes neither.
    """
    form, flat, returned = evaluate(f, at, args, dict(kwargs or {}))
    vector = Vector(f, form, flat, args, dict(kwargs or {}), output_of(returned, name_of(f)), False)
    cotangent = cotangent_of(vector.output, seed)
    push = pushing(f_jvp, vector)

    @functools.wraps(f_jvp)
    def gradient(*a: Any, **k: Any) -> Any:
        random = np.random.default_rng(seed)
        lengths = {name: random_numbers(array.shape, random) for name, array in flat.arrays.items()}
        count = sum(array.size for array in flat.arrays.values())
        base = {n: random_numbers(v.shape, random) / count if around else np.zeros(v.shape) for n, v in lengths.items()}

        def along(tangents: Arrays) -> float:
            dy = push(a, k, tangents)
            return sum(float(np.sum(u * dy[name])) for name, u in cotangent.items())

        try:
            return flat.build(_partials(along, base, lengths, along(base) if around else 0.0))
        except OtherShape as error:
            return _misfits(form, str(error))

    return Functions(weighted(vector, lambda _: cotangent), gradient, args=args, kwargs=kwargs)


class OtherShape(Exception):
    """dy has not the shapes of y."""


def _partials(along: Callable[[Arrays], float], base: Arrays, lengths: Arrays, rest: float) -> dict[str, Floats]:
    """The derivative by every entry: along(base and a tangent along it) less rest = along(base), over its length."""
    partials: dict[str, Floats] = {name: np.zeros(length.shape) for name, length in lengths.items()}
    for name, length in lengths.items():
        for _, index in entries(name, length.shape):
            moved = {key: np.array(value) for key, value in base.items()}
            moved[name][index] += length[index]
            partials[name][index] = (along(moved) - rest) / length[index]
    return partials


def _misfits(form: Form, words: str) -> Any:
    """The sentence in the place of every parameter."""
    if form.kind == "dict":
        return dict.fromkeys(form.names, Misfit(words))
    return Misfit(words) if form.kind == "one" else (Misfit(words),) * len(form.names)


def pushing(f_jvp: Callable[..., Any], vector: Vector) -> Tangents:
    """How f_jvp is called: with all primals and all tangents, or with one tuple (dict) of each."""
    form, name = vector.form, name_of(f_jvp)
    count = len(form.names)
    together = form.kind == "dict" or _first(f_jvp) == "primals" or not fits(f_jvp, 2 * count + len(vector.args))
    if together and not fits(f_jvp, 2 + len(vector.args), vector.kwargs):
        told = ", ".join((*form.names, *(f"d{one}" for one in form.names)))
        raise UsageError(f"{name} takes {inspect.signature(f_jvp)}: give it ({told}) or (primals, tangents)")

    def push(a: tuple[Any, ...], k: Mapping[str, Any], tangents: Arrays) -> Arrays:
        built = vector.at.build(in_own_precision(vector.at, tangents))
        if form.kind == "dict":
            primals: Any = {one: k[one] for one in form.names}
            returned = f_jvp(primals, built, *a, **vector.kwargs)
        else:
            parts = (built,) if form.kind == "one" else tuple(built.values())
            primals, rest = a[:count], a[count:]
            returned = f_jvp(primals, parts, *rest, **k) if together else f_jvp(*primals, *parts, *rest, **k)
        return _tangent(returned, vector, name)

    return push


def _tangent(returned: Any, vector: Vector, name: str) -> Arrays:
    """dy of what f_jvp returned: itself, or the second of (y, dy)."""
    shapes = {key: array.shape for key, array in vector.output.arrays.items()}
    pair = returned if isinstance(returned, tuple | list) and len(returned) == 2 else ()
    for candidate in (returned, *pair[1:]):
        dy = output_of(candidate, name).arrays
        if {key: array.shape for key, array in dy.items()} == shapes:
            return dy
    told = {key: array.shape for key, array in flatten(returned, "y").arrays.items()}
    raise OtherShape(f"{name} returns {_shapes(told)}, its function {_shapes(shapes)}: return dy in the shapes of y")


def _shapes(shapes: Mapping[str, tuple[int, ...]]) -> str:
    return ", ".join(f"{key} of shape {shape}" for key, shape in shapes.items())


def _first(function: Callable[..., Any]) -> str | None:
    try:
        return next(iter(inspect.signature(function).parameters), None)
    except (TypeError, ValueError):
        return None
