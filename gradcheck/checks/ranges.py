"""Which parameters a check is about, and where each may go, as the user wrote it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from gradcheck.audit.generic import Bounds
from gradcheck.errors import UsageError

# One end may be open: (0, None).
Pair = tuple[float | None, float | None]
Limits = Mapping[str, Pair] | Pair


def as_names(wrt: str | Sequence[str] | None) -> tuple[str, ...] | None:
    """The names of `wrt=`, of which one may stand alone; raises UsageError where there are none."""
    if wrt is None:
        return None
    names = (wrt,) if isinstance(wrt, str) else tuple(wrt)
    if not names:
        raise UsageError("wrt is empty: name at least one parameter, or leave it out")
    return names


def ensure_known(option: str, names: Iterable[str], known: Collection[str]) -> None:
    """Raises UsageError for a name that is neither a parameter nor what parameters lie in (`l1` for `l1.W`)."""
    for name in names:
        if not any(_is_in(one, name) for one in known):
            raise UsageError(f"{option} names {name!r}, which is no parameter: choose from {', '.join(known)}")


def bounds_of(limits: Limits | None, known: Collection[str]) -> Bounds | None:
    """(low, high) for every parameter that has them; limits: name -> (low, high), or one pair for all.

    Raises UsageError for a name that is no parameter, and where low is not below high.
    """
    if limits is None:
        return None
    if not isinstance(limits, Mapping):
        return dict.fromkeys(known, _pair("all parameters", limits))
    ensure_known("bounds", limits, known)
    pairs = {name: _pair(name, pair) for name, pair in limits.items()}
    return {one: pair for name, pair in pairs.items() for one in known if _is_in(one, name)}


def _pair(name: str, given: Any) -> tuple[float, float]:
    mend = "write (low, high) with low below high, None for no bound"
    try:
        low, high = (end if end is None else float(end) for end in given)
    except (TypeError, ValueError):
        raise UsageError(f"the bounds of {name} are {given!r}: {mend}") from None
    pair = (-np.inf if low is None else low, np.inf if high is None else high)
    if not pair[0] < pair[1]:
        raise UsageError(f"the bounds of {name} are {given!r}: {mend}")
    return pair


def _is_in(parameter: str, name: str) -> bool:
    return parameter == name or parameter.startswith(f"{name}.")
