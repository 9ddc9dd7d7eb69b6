"""How a point is handed to a function: array -> f(x), tuple -> f(*at), dict -> f(**at)."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any


@dataclass(frozen=True, slots=True)
class Form:
    """One of the ways, and the names of the parameters on top: kind "dict", "tuple", or "one" (argument)."""

    kind: str
    names: tuple[str, ...]

    def pack(self, given: Any) -> Any:
        """A point, or a gradient of the same form, under the parameters' names; one argument stands for itself."""
        if self.kind == "dict":
            return {str(name): value for name, value in given.items()} if isinstance(given, Mapping) else {}
        if self.kind == "one":
            return given[0] if _is_plain_tuple(given) and len(given) == 1 else given
        if isinstance(given, Mapping):
            return dict(given)
        parts = given if isinstance(given, tuple | list) else (given,)
        return dict(zip(self.names, parts, strict=False))

    def call(self, function: Callable[..., Any], packed: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        """What the function returns for packed parameters and the data passed along."""
        return self.bind(function, packed, args, kwargs)()

    def bind(
        self, function: Callable[..., Any], packed: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]
    ) -> Callable[[], Any]:
        """The function with its arguments, to be called any number of times."""
        if self.kind == "dict":
            return partial(function, *args, **{**packed, **kwargs})
        parameters = (packed,) if self.kind == "one" else packed.values()
        return partial(function, *parameters, *args, **kwargs)


def form_of(at: Any, function: Callable[..., Any]) -> Form:
    """The form of a point for a function: a dict's own names, else those of the function's signature.

    A named tuple is one argument where the function takes no more than one.
    """
    if isinstance(at, Mapping):
        return Form("dict", tuple(map(str, at)))
    if isinstance(at, tuple) and len(at) > 1 and (_is_plain_tuple(at) or len(_positional(function)) > 1):
        return Form("tuple", _argument_names(function, len(at)))
    return Form("one", _argument_names(function, 1))


def _argument_names(function: Callable[..., Any], count: int) -> tuple[str, ...]:
    plain = _positional(function)
    if len(plain) >= count:
        return tuple(plain[:count])
    return tuple(f"x{place}" for place in range(count)) if count > 1 else ("x",)


def _positional(function: Callable[..., Any]) -> list[str]:
    """The names of a function's positional arguments; none where it does not tell."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return []
    return [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]


def _is_plain_tuple(value: Any) -> bool:
    return isinstance(value, tuple) and not hasattr(value, "_fields")
