"""A user's own formula, read by the engine: its VJP is derived, or is the slope that the user wrote."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from gradcheck.backprop import arrays as xp
from gradcheck.backprop.rules.elementwise import smooth
from gradcheck.backprop.variables import define
from gradcheck.network.formulas import FUNCTIONS, Formula

ARRAYS = SimpleNamespace(**{name: getattr(xp, name) for name in FUNCTIONS})


def computed_by(name: str, formula: Formula, slope: Formula | None) -> Callable[[Any], Any]:
    """The array function of a formula; with a slope of its own it is a primitive."""
    if slope is None:
        return lambda z: formula(z, ARRAYS)
    return define(f"activation {name}", smooth(lambda z: formula(z, ARRAYS), lambda y, z: slope(z, ARRAYS)))
