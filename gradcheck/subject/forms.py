"""How a point is handed to a function: array -> f(x), tuple -> f(*at), dict -> f(**at)."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from gradcheck.errors import UsageError


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
        places, keywords = self._arguments(packed, args, kwargs)
        return partial(function, *places, **keywords)

    def _arguments(
        self, packed: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]
    ) -> tuple[tuple[Any, ...], Mapping[str, Any]]:
        """What stands in the places of a call, and what by keyword."""
        if self.kind == "dict":
            return args, {**packed, **kwargs}
        return (*((packed,) if self.kind == "one" else packed.values()), *args), kwargs

    def ensure_fits(
        self, function: Callable[..., Any], packed: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]
    ) -> None:
        """Raises UsageError where a function does not take the point and the data."""
        try:
            takes = inspect.signature(function, follow_wrapped=False)  # what is really called
        except (TypeError, ValueError):  # it does not tell
            return
        places, keywords = self._arguments(packed, args, kwargs)
        try:
            takes.bind(*places, **keywords)
        except TypeError as error:
            name, known = getattr(function, "__name__", "the function"), ", ".join((*self.names, *kwargs)) or "no names"
            raise UsageError(
                f"{name} takes {takes}, the point and the data have {known} ({error}): give the point those names, and "
                "data that is not checked by args= or kwargs=, on the command line by --args NAME"
            ) from None


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
