"""Which side of a kink a point is on: relu, |x|, max and cases become the smooth piece that is taken there."""

from typing import Any

import sympy

from gradcheck.symbolic.arithmetic import Values, holds, number_of

KINKED = (sympy.Max, sympy.Min, sympy.Abs, sympy.Piecewise)


def side_taken(expr: sympy.Expr, values: Values, ctx: Any) -> sympy.Expr:
    """The smooth piece of `expr` at these values.

    On a tie a number wins over a formula, so max(0, z) at z = 0 has slope 0, as in every framework; formulas that tie
    share the slope equally, so that no one of equal units is preferred; |u| at u = 0 has slope 0. SymPy's own
    derivative of max(0, z) at 0 is 1/2.
    """
    if not expr.has(*KINKED):
        return expr
    if isinstance(expr, sympy.Piecewise):
        taken = next((value for value, condition in expr.args if holds(condition, values, ctx)), sympy.nan)
        return side_taken(taken, values, ctx)
    parts = [side_taken(part, values, ctx) for part in expr.args]
    if isinstance(expr, sympy.Abs):
        return int(ctx.sign(number_of(parts[0], values, ctx))) * parts[0]
    if isinstance(expr, sympy.Max | sympy.Min):
        return _extreme(parts, 1 if isinstance(expr, sympy.Max) else -1, values, ctx)
    return expr.func(*parts)


def _extreme(parts: list[sympy.Expr], direction: int, values: Values, ctx: Any) -> sympy.Expr:
    numbers = [direction * number_of(part, values, ctx) for part in parts]
    tied = [part for part, number in zip(parts, numbers, strict=True) if number == max(numbers)]
    return next((part for part in tied if part.is_number), sympy.Add(*tied) / len(tied))
