"""Every operation of a traced program in mpmath: its value and its slopes, for numbers and for intervals alike."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Slope = Callable[..., Any]


class NoValue(ArithmeticError):
    """There is no real value, or it cannot be said on which side of a corner a number lies."""


@dataclass(frozen=True, slots=True)
class Rule:
    """value(ctx, *args), and for each argument its slope(ctx, value, *args)."""

    value: Callable[..., Any]
    slopes: tuple[Slope, ...]


def _power(ctx: Any, base: Any, exponent: Any) -> Any:
    """base**exponent; a whole exponent takes any base, another one a positive base only."""
    whole = ctx.whole(exponent)
    if whole is not None:
        return base**whole
    if not base > 0:
        raise NoValue("a power of a number that is not positive")
    return ctx.exp(exponent * ctx.log(base))


def _sides(first: Any, second: Any) -> bool:
    """Is the first one larger? Raises NoValue where they are equal, or overlap."""
    if first > second:
        return True
    if second > first:
        return False
    raise NoValue("on a corner")


def _picked(wanted: bool, place: int) -> Slope:
    return lambda ctx, value, a, b: ctx.one if (_sides(a, b) is wanted) is (place == 0) else ctx.zero


RULES: dict[str, Rule] = {
    "add": Rule(lambda ctx, a, b: a + b, (lambda ctx, v, a, b: ctx.one, lambda ctx, v, a, b: ctx.one)),
    "sub": Rule(lambda ctx, a, b: a - b, (lambda ctx, v, a, b: ctx.one, lambda ctx, v, a, b: -ctx.one)),
    "mul": Rule(lambda ctx, a, b: a * b, (lambda ctx, v, a, b: b, lambda ctx, v, a, b: a)),
    "div": Rule(lambda ctx, a, b: a / b, (lambda ctx, v, a, b: 1 / b, lambda ctx, v, a, b: -v / b)),
    "pow": Rule(
        _power,
        (lambda ctx, v, a, b: b * _power(ctx, a, b - 1), lambda ctx, v, a, b: v * ctx.log(a)),
    ),
    "neg": Rule(lambda ctx, a: -a, (lambda ctx, v, a: -ctx.one,)),
    "name": Rule(lambda ctx, a: a, (lambda ctx, v, a: ctx.one,)),
    "exp": Rule(lambda ctx, a: ctx.exp(a), (lambda ctx, v, a: v,)),
    "expm1": Rule(lambda ctx, a: ctx.expm1(a), (lambda ctx, v, a: v + 1,)),
    "log": Rule(lambda ctx, a: ctx.log(a), (lambda ctx, v, a: 1 / a,)),
    "log1p": Rule(lambda ctx, a: ctx.log(1 + a), (lambda ctx, v, a: 1 / (1 + a),)),
    "tanh": Rule(lambda ctx, a: ctx.tanh(a), (lambda ctx, v, a: 1 - v * v,)),
    "sinh": Rule(lambda ctx, a: ctx.sinh(a), (lambda ctx, v, a: ctx.cosh(a),)),
    "cosh": Rule(lambda ctx, a: ctx.cosh(a), (lambda ctx, v, a: ctx.sinh(a),)),
    "sqrt": Rule(lambda ctx, a: ctx.sqrt(a), (lambda ctx, v, a: 1 / (2 * v),)),
    "sin": Rule(lambda ctx, a: ctx.sin(a), (lambda ctx, v, a: ctx.cos(a),)),
    "cos": Rule(lambda ctx, a: ctx.cos(a), (lambda ctx, v, a: -ctx.sin(a),)),
    "arctan": Rule(lambda ctx, a: ctx.atan(a), (lambda ctx, v, a: 1 / (1 + a * a),)),
    "abs": Rule(lambda ctx, a: abs(a), (lambda ctx, v, a: ctx.one if _sides(a, ctx.zero) else -ctx.one,)),
    "maximum": Rule(lambda ctx, a, b: a if _sides(a, b) else b, (_picked(True, 0), _picked(True, 1))),
    "minimum": Rule(lambda ctx, a, b: b if _sides(a, b) else a, (_picked(False, 0), _picked(False, 1))),
}
# Where one of these changes its side, the formulas of a gradient change.
CORNERED = frozenset({"abs", "maximum", "minimum"})
