"""Numbers of SymPy expressions, by mpmath at any number of digits."""

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import mpmath
import sympy
from sympy.logic.boolalg import BooleanAtom

from gradcheck.errors import UsageError
from gradcheck.symbolic.systems import Number, System

Values = Mapping[str, Any]  # name -> mpf of one context

# Beyond exp(2**60) an exponent no longer has a use, and mpmath would work on its digits for ever.
HUGE = 2.0**60


def context(digits: int) -> Any:
    """An mpmath context of its own, so that nobody's working precision changes under them."""
    ctx = mpmath.MPContext()
    ctx.dps = digits
    return ctx


def exact(ctx: Any, number: Number) -> Any:
    """A number as an mpf of that context."""
    return ctx.mpf(number.numerator) / number.denominator if isinstance(number, Fraction) else ctx.mpf(number)


def number_of(expr: sympy.Expr, values: Values, ctx: Any) -> Any:
    """The value of an expression; NaN where it has none among the reals (1/0, the logarithm of -1)."""
    try:
        value = _walk(expr, values, ctx)
    except ZeroDivisionError:
        return ctx.nan
    return ctx.nan if isinstance(value, ctx.mpc) else value


def forward(system: System, ctx: Any) -> dict[str, Any]:
    """The value of every name, values first, then definitions in their order."""
    values = {name: exact(ctx, number) for name, number in system.values.items()}
    for name, expr in system.definitions.items():
        values[name] = number_of(expr, values, ctx)
    return values


def holds(condition: Any, values: Values, ctx: Any) -> bool:
    """Whether a condition of a Piecewise is true at these values."""
    if isinstance(condition, BooleanAtom):
        return bool(condition)
    if isinstance(condition, sympy.And | sympy.Or):
        every = [holds(part, values, ctx) for part in condition.args]
        return all(every) if isinstance(condition, sympy.And) else any(every)
    if isinstance(condition, sympy.Not):
        return not holds(condition.args[0], values, ctx)
    left, right = (_walk(side, values, ctx) for side in condition.args)
    return bool(RELATIONS[type(condition)](left, right))


def _walk(expr: sympy.Expr, values: Values, ctx: Any) -> Any:
    if expr.is_Symbol:
        return values[expr.name]
    if expr.is_Rational:
        return ctx.mpf(expr.p) / expr.q
    if expr.is_Float:
        return ctx.make_mpf(expr._mpf_)
    if isinstance(expr, sympy.Piecewise):
        taken = next((value for value, condition in expr.args if holds(condition, values, ctx)), sympy.nan)
        return _walk(taken, values, ctx)
    rule = RULES.get(type(expr))
    if rule is None:
        raise UsageError(f"the exact opinion has no number for {type(expr).__name__}: add it to symbolic/arithmetic.py")
    return rule(ctx, *(_walk(part, values, ctx) for part in expr.args))


def _product(ctx: Any, *factors: Any) -> Any:
    return math.prod(factors[1:], start=factors[0])


def _power(ctx: Any, base: Any, exponent: Any) -> Any:
    if exponent == -1:
        return 1 / base
    return ctx.sqrt(base) if exponent == 0.5 else ctx.power(base, exponent)


def _exp(ctx: Any, x: Any) -> Any:
    return ctx.exp(x) if abs(x) < HUGE or ctx.isnan(x) else ctx.inf if x > 0 else ctx.zero


# Functions that SymPy and mpmath call by the same name.
SAME_NAME = (
    *("log", "erf", "tanh", "sinh", "cosh", "sin", "cos", "tan"),
    *("asin", "acos", "atan", "asinh", "acosh", "atanh"),
)

RULES: dict[type, Callable[..., Any]] = {
    sympy.Add: lambda ctx, *terms: ctx.fsum(terms),
    sympy.Mul: _product,
    sympy.Pow: _power,
    sympy.exp: _exp,
    sympy.Max: lambda ctx, *parts: ctx.nan if any(map(ctx.isnan, parts)) else max(parts),
    sympy.Min: lambda ctx, *parts: ctx.nan if any(map(ctx.isnan, parts)) else min(parts),
    sympy.Abs: lambda ctx, x: abs(x),
    sympy.sign: lambda ctx, x: ctx.sign(x),
    type(sympy.E): lambda ctx: +ctx.e,
    type(sympy.pi): lambda ctx: +ctx.pi,
    type(sympy.nan): lambda ctx: ctx.nan,
    type(sympy.oo): lambda ctx: ctx.inf,
    type(-sympy.oo): lambda ctx: ctx.ninf,
    **{getattr(sympy, name): lambda ctx, x, name=name: getattr(ctx, name)(x) for name in SAME_NAME},
}

RELATIONS: dict[type, Callable[[Any, Any], bool]] = {
    sympy.StrictGreaterThan: lambda a, b: a > b,
    sympy.GreaterThan: lambda a, b: a >= b,
    sympy.StrictLessThan: lambda a, b: a < b,
    sympy.LessThan: lambda a, b: a <= b,
    sympy.Equality: lambda a, b: a == b,
    sympy.Unequality: lambda a, b: a != b,
}
