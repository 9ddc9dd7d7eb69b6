"""Vector-valued functions as losses: under a fixed cotangent u, L = sum(u * y) is one number, its gradient a VJP."""

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradcheck.errors import UsageError
from gradcheck.results.arrays import Floats
from gradcheck.subject.blame import blaming
from gradcheck.subject.cases import Functions
from gradcheck.subject.effects import kept_random_states, shielded
from gradcheck.subject.forms import Form, form_of
from gradcheck.subject.structures import Arrays, Flat, flatten

# Numbers of 7 bits, 64/64 to 127/64: products with a float32 are exact, and no two of them cancel (NUMERICS.md 5; two
# equal and opposite faults hide from signs alone in 49 % of draws, from these in 0.7 %).
LOW, HIGH = 64, 128
# Outputs of other sizes get cotangents of other sizes, within what a float16 can hold.
LARGEST_SCALE = 10


@dataclass(frozen=True, slots=True)
class Vector:
    """A vector-valued function at its point: what it is called with, and what it returned there, flat.

    keeps_cache: the function returns (y, cache).
    """

    function: Callable[..., Any]
    form: Form
    at: Flat
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    output: Flat
    keeps_cache: bool

    def value(self, returned: Any) -> Any:
        """y alone."""
        return returned[0] if self.keeps_cache else returned


def random_numbers(shape: tuple[int, ...], random: np.random.Generator) -> Floats:
    """Numbers of 7 bits between 1 and 2, of mixed signs."""
    return np.asarray(random.integers(LOW, HIGH, shape) / LOW * random.choice([-1.0, 1.0], shape))


def pull_back(
    forward: Callable[..., Any],
    backward: Callable[..., Any],
    at: Any,
    args: tuple[Any, ...] = (),
    kwargs: Mapping[str, Any] | None = None,
    cache: bool | None = None,
    seed: int = 0,
) -> Functions:
    """The loss sum(u * y) of a forward pass under a random cotangent u, with the VJP of u as its gradient.

    forward: returns y (an array, or a tuple or dict of them), or (y, cache). backward: (dy, *at) or (dy, cache); dy has
    the structure of y, or stands as several arguments for a tuple. cache: which of the two, where that is ambiguous.
    Raises UsageError where backward takes neither.
    """
    vector, call = _vector(forward, backward, at, args, dict(kwargs or {}), cache)
    cotangent = cotangents_of(vector.output, seed)
    outputs = {vector.form.call(_shapes, vector.at.build(vector.at.arrays), args, vector.kwargs): vector.output}

    @functools.wraps(backward)
    def vjp(*a: Any, **k: Any) -> Any:
        shapes, kept = _shapes(*a, **k), None
        if vector.keeps_cache or shapes not in outputs:
            returned = forward(*a, **k)
            kept = returned[1] if vector.keeps_cache else None
            outputs.setdefault(shapes, flatten(vector.value(returned), "y"))
        y = outputs[shapes]
        dy = y.build(in_own_precision(y, cotangent(y)))
        return _by_name(call(dy, kept, a, k), vector.form)

    return Functions(weighted(vector, cotangent), vjp, args=args, kwargs=kwargs)


def weighted(vector: Vector, cotangent: Callable[[Flat], Arrays]) -> Callable[..., Any]:
    """The loss sum(u * y); in float32 where all of y is, so that its stairs are seen for what they are."""

    @functools.wraps(vector.function)
    def loss(*a: Any, **k: Any) -> Any:
        y = flatten(vector.value(vector.function(*a, **k)), "y")
        total = sum(float(np.sum(u * y.arrays[name])) for name, u in cotangent(y).items())
        return np.float32(total) if all(kind == np.float32 for kind in y.dtypes.values()) else total

    return loss


def evaluate(
    function: Callable[..., Any], at: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> tuple[Form, Flat, Any]:
    """(form, the point flat, what the function returns there): called on copies in their own precision."""
    form = form_of(at, function)
    flat = flatten(form.pack(at), form.names[0] if form.names else "x")
    packed = flat.build(in_own_precision(flat, flat.arrays))
    name = getattr(function, "__name__", "the function")
    with blaming(name, f"calling {name}"), np.errstate(all="ignore"), kept_random_states():
        return form, flat, form.call(function, packed, shielded(args), shielded(dict(kwargs)))


def output_of(y: Any, name: str) -> Flat:
    """The numbers that a function returned, flat; raises UsageError where there are none."""
    if y is None:
        raise UsageError(f"{name} returns None: add a return statement with its value")
    try:
        return flatten(y, "y")
    except UsageError as error:
        raise UsageError(f"{name} returns what has no derivative: {str(error).removeprefix('parameter ')}") from None


def _vector(
    forward: Callable[..., Any],
    backward: Callable[..., Any],
    at: Any,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    cache: bool | None,
) -> tuple[Vector, Callable[[Any, Any, Any, Any], Any]]:
    """The forward pass at its point, and how backward is called: with (dy, cache, positional, keywords)."""
    form, flat, returned = evaluate(forward, at, args, kwargs)
    is_pair = isinstance(returned, tuple) and len(returned) == 2
    plain, cached = _fits_plain(backward, form, args, kwargs), is_pair and fits(backward, 2)
    if cache is None:
        cache = cached and (not plain or _second(backward) not in form.names)
    y = returned[0] if cache and is_pair else returned
    parts = len(y) if isinstance(y, tuple) else 1
    spread = parts > 1 and not (cached if cache else plain)
    if cache and not is_pair:
        raise UsageError(f"{name_of(forward)} returns {type(returned).__name__}: with cache=True it returns (y, cache)")
    if spread and not (fits(backward, parts + 1) if cache else _fits_plain(backward, form, args, kwargs, parts)):
        raise _neither(backward, form, is_pair)
    if not spread and not (cached if cache else plain):
        raise _neither(backward, form, is_pair)

    def call(dy: Any, kept: Any, a: Any, k: Any) -> Any:
        first = dy if spread else (dy,)
        return backward(*first, kept) if cache else backward(*first, *a, **k)

    return Vector(forward, form, flat, args, kwargs, output_of(y, name_of(forward)), bool(cache)), call


def _fits_plain(
    backward: Callable[..., Any], form: Form, args: tuple[Any, ...], kwargs: Mapping[str, Any], parts: int = 1
) -> bool:
    """Does backward take (dy, and all that forward takes)?"""
    by_name = {**dict.fromkeys(form.names), **kwargs} if form.kind == "dict" else dict(kwargs)
    return fits(backward, parts + len(args) + (0 if form.kind == "dict" else len(form.names)), by_name)


def fits(function: Callable[..., Any], count: int, keywords: Mapping[str, Any] | None = None) -> bool:
    """Can the function be called with so many positional arguments, and these keywords?"""
    try:
        inspect.signature(function).bind(*[None] * count, **(keywords or {}))
    except TypeError:
        return False
    except ValueError:  # a function that does not tell what it takes
        return keywords is not None
    return True


def _second(function: Callable[..., Any]) -> str | None:
    """The name of a function's second argument."""
    try:
        return list(inspect.signature(function).parameters)[1]
    except (ValueError, IndexError):
        return None


def _neither(backward: Callable[..., Any], form: Form, is_pair: bool) -> UsageError:
    name, all_of_it = name_of(backward), ", ".join(("dy", *form.names))
    has = str(inspect.signature(backward))
    other = " or (dy, cache)" if is_pair else ""
    mend = "" if is_pair else "; for (dy, cache) the forward pass returns (y, cache)"
    return UsageError(f"{name} takes {has}: it is called with ({all_of_it}){other}: give it those arguments{mend}")


def cotangent_of(output: Flat, seed: int) -> Arrays:
    """Random numbers in the shapes of an output; where it has several arrays, each in the inverse size of its own."""
    random = np.random.default_rng(seed)
    several = len(output.arrays) > 1
    return {
        name: random_numbers(y.shape, random) * (_inverse_size(y) if several else 1.0)
        for name, y in output.arrays.items()
    }


def cotangents_of(output: Flat, seed: int) -> Callable[[Flat], Arrays]:
    """The cotangent of an output of these shapes, and, once such are met, of others: always the same for the same."""
    drawn: dict[Any, Arrays] = {}

    def cotangent(y: Flat) -> Arrays:
        shapes = tuple((name, array.shape) for name, array in y.arrays.items())
        if shapes not in drawn:
            drawn[shapes] = cotangent_of(y, seed)
        return drawn[shapes]

    cotangent(output)
    return cotangent


def _shapes(*a: Any, **k: Any) -> tuple[Any, ...]:
    """The shapes of arrays among arguments."""
    return tuple(getattr(one, "shape", None) for one in (*a, *k.values()))


def _inverse_size(array: Floats) -> float:
    """The power of two nearest to 1 / max|array|; 1 for zeros and for what is not finite."""
    largest = float(np.abs(array).max(initial=0.0))
    if not 0 < largest < np.inf:
        return 1.0
    return float(2.0 ** np.clip(-round(np.log2(largest)), -LARGEST_SCALE, LARGEST_SCALE))


def in_own_precision(flat: Flat, arrays: Arrays) -> dict[str, Any]:
    """Arrays in the types of the leaves that they stand for."""
    return {n: a.astype(flat.dtypes[n]) if flat.dtypes[n].kind == "f" else a for n, a in arrays.items()}


def _by_name(returned: Any, form: Form) -> Any:
    """A tuple in the order of the parameters, where they are a dict, becomes a dict."""
    if form.kind == "dict" and isinstance(returned, tuple | list) and len(returned) == len(form.names):
        return dict(zip(form.names, returned, strict=True))
    return returned


def name_of(function: Callable[..., Any]) -> str:
    """The name that a function is spoken of by."""
    return getattr(function, "__name__", type(function).__name__)
