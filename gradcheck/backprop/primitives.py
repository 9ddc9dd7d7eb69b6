"""The one table of primitives: each has a value, and how cotangents go back and tangents go forward through it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

Rule: TypeAlias = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Primitive:
    """value: (*args, **options) -> y, on plain arrays.

    vjps, one per argument: (y_bar, y, *args, **options) -> that argument's bar, in its shape.
    jvps, one per argument: (x_dot, y, *args, **options) -> its share of y_dot, in the shape of y.
    None stands for an argument without a derivative (a mask). Every rule is written with array functions, so that
    it can be differentiated again. Complex numbers: a bar is dL/d(real) + i dL/d(imag), the adjoint of the tangent.

    Of a primitive with any number of arguments (`variadic`) there is one rule each: vjps[0] is told the argument's
    place first, jvps[0] takes all tangents at once as a list, None where an argument has none.
    """

    value: Callable[..., Any]
    vjps: tuple[Rule | None, ...] = ()
    jvps: tuple[Rule | None, ...] = ()
    variadic: bool = False


PRIMITIVES: dict[str, Primitive] = {}
