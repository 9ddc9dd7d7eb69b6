"""How a point is handed to a function: array -> f(x), tuple -> f(*at), dict -> f(**at)."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Form:
    """One of the three ways, and the names of the parameters on top."""

    kind: str
    names: tuple[str, ...]

    def pack(self, given: Any) -> dict[str, Any]:
        """The parts of a point, or of a gradient of the same form, under their names; what is too short ends early."""
        if self.kind == "dict":
            return {str(name): value for name, value in given.items()} if isinstance(given, Mapping) else {}
        if self.kind == "one":
            return {self.names[0]: given}
        if isinstance(given, Mapping):
            return dict(given)
        parts = given if isinstance(given, tuple | list) else (given,)
        return dict(zip(self.names, parts, strict=False))

    def call(
        self, function: Callable[..., Any], packed: Mapping[str, Any], args: Any, kwargs: Mapping[str, Any]
    ) -> Any:
        """What the function returns for packed parameters and the data passed along."""
        if self.kind == "dict":
            return function(*args, **{**packed, **kwargs})
        return function(*packed.values(), *args, **kwargs)


def form_of(at: Any, function: Callable[..., Any]) -> Form:
    """The form of a point for a function: a dict's own names, else those of the function's signature."""
    if isinstance(at, Mapping):
        return Form("dict", tuple(map(str, at)))
    if isinstance(at, tuple):
        return Form("tuple", _argument_names(function, len(at)))
    return Form("one", _argument_names(function, 1))


def _argument_names(function: Callable[..., Any], count: int) -> tuple[str, ...]:
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    plain = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    return tuple(plain[:count]) if len(plain) >= count else tuple(f"x{place}" for place in range(count))
