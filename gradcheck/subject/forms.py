"""How a point is handed to a function: array -> f(x), tuple -> f(*at), dict -> f(**at)."""

import inspect
from collections.abc import Callable, Collection, Mapping
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

    def pack_gradient(self, returned: Any, point: Mapping[str, Any]) -> Any:
        """A gradient under the parameters' names: also one in their order, and of one alone in its own structure.

        point: the packed one.
        """
        if self.kind != "dict":
            return self.pack(returned)
        parts = returned if isinstance(returned, tuple | list) and len(returned) == len(self.names) else (returned,)
        if isinstance(returned, Mapping):
            is_inside = len(self.names) == 1 and self.names[0] not in returned
            return (
                {self.names[0]: returned}
                if is_inside and isinstance(point[self.names[0]], Mapping)
                else self.pack(returned)
            )
        return dict(zip(self.names, parts, strict=True)) if len(parts) == len(self.names) else {}

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

    A named tuple is one argument where the function takes no more than one, a dict where none of its names is one that
    the function takes.
    """
    if isinstance(at, Mapping) and len(at) > 1 and not _takes_any(function, at):
        return Form("one", _argument_names(function, 1))
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


def _takes_any(function: Callable[..., Any], names: Collection[str]) -> bool:
    """Does a function take one of these names, or any, or none in places? True where it does not tell."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return True
    open_to_all = any(p.kind in (p.VAR_KEYWORD, p.VAR_POSITIONAL) for p in parameters)
    return open_to_all or not parameters or any(p.name in names for p in parameters)


def _is_plain_tuple(value: Any) -> bool:
    return isinstance(value, tuple) and not hasattr(value, "_fields")
