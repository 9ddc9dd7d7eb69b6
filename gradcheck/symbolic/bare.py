"""SymPy's functions on mpmath's bare numbers, rounded to so many bits: a third of the time that its objects take."""

from collections.abc import Callable
from typing import Any, TypeAlias

import sympy
from mpmath import libmp

from gradcheck.symbolic.systems import Number

# (sign, mantissa, exponent, bits of the mantissa)
Bare: TypeAlias = Any
# (bits, *numbers) -> a number, or a truth value
Rule = Callable[..., Any]

NEAREST = "n"
# Beyond exp(2**60) an exponent no longer has a use, and mpmath would work on its digits for ever.
HUGE_BITS = 60
# What has no value among the reals raises one of these.
NO_VALUE = (ZeroDivisionError, libmp.ComplexResult)


def bare(number: Number, bits: int) -> Bare:
    """The number; a fraction is rounded."""
    if isinstance(number, float):
        return libmp.from_float(number)
    return libmp.from_rational(number.numerator, number.denominator, bits, NEAREST)


def is_finite(number: Bare) -> bool:
    """Is it neither infinite nor NaN?"""
    return bool(number[1]) or not number[2]


def add(bits: int, *terms: Bare) -> Bare:
    """The sum, rounded once."""
    if len(terms) == 2:
        return libmp.mpf_add(terms[0], terms[1], bits, NEAREST)
    return libmp.mpf_sum(terms, bits, NEAREST)


def multiply(bits: int, a: Bare, *factors: Bare) -> Bare:
    """The product."""
    for factor in factors:
        a = libmp.mpf_mul(a, factor, bits, NEAREST)
    return a


def pull(bits: int, bar: Bare, partial: Bare) -> Bare:
    """An adjoint times a partial; 0 where nothing is pulled back, whatever the partial."""
    return libmp.mpf_mul(bar, partial, bits, NEAREST) if bar[1] or bar[2] else bar


def reciprocal(bits: int, a: Bare) -> Bare:
    """1/a."""
    return libmp.mpf_div(libmp.fone, a, bits, NEAREST)


def power_of(exponent: int) -> Rule:
    """The rule for a whole power."""
    return lambda bits, a: libmp.mpf_pow_int(a, exponent, bits, NEAREST)


def exponential(bits: int, a: Bare) -> Bare:
    """exp(a)."""
    if is_finite(a) and a[2] + a[3] > HUGE_BITS:
        return libmp.fzero if a[0] else libmp.finf
    return libmp.mpf_exp(a, bits, NEAREST)


def largest(bits: int, *parts: Bare) -> Bare:
    """The largest; NaN where one of them is."""
    top = parts[0]
    for part in parts:
        if part == libmp.fnan:
            return part
        top = part if libmp.mpf_gt(part, top) else top
    return top


def smallest(bits: int, *parts: Bare) -> Bare:
    """The smallest; NaN where one of them is."""
    return libmp.mpf_neg(largest(bits, *map(libmp.mpf_neg, parts)))


def sign(bits: int, a: Bare) -> Bare:
    """-1, 0 or 1."""
    return a if a == libmp.fnan else libmp.from_int(libmp.mpf_sign(a))


def cases(bits: int, *parts: Any) -> Bare:
    """value, condition, value, condition ...: the value of the first condition that is true."""
    return next((value for value, holds in zip(parts[::2], parts[1::2], strict=True) if holds), libmp.fnan)


def _named(name: str) -> Rule:
    function = getattr(libmp, name)
    return lambda bits, a: function(a, bits, NEAREST)


def _compared(function: Callable[[Bare, Bare], bool]) -> Rule:
    return lambda bits, a, b: function(a, b)


# Functions that SymPy and mpmath call by the same name.
SAME_NAME = (
    *("log", "erf", "tanh", "sinh", "cosh", "sin", "cos", "tan"),
    *("asin", "acos", "atan", "asinh", "acosh", "atanh"),
)

RULES: dict[type, Rule] = {
    sympy.Add: add,
    sympy.Mul: multiply,
    sympy.Pow: lambda bits, a, b: libmp.mpf_pow(a, b, bits, NEAREST),
    sympy.exp: exponential,
    sympy.Max: largest,
    sympy.Min: smallest,
    sympy.Abs: lambda bits, a: libmp.mpf_abs(a, bits, NEAREST),
    sympy.sign: sign,
    **{getattr(sympy, name): _named(f"mpf_{name}") for name in SAME_NAME},
    sympy.StrictGreaterThan: _compared(libmp.mpf_gt),
    sympy.GreaterThan: _compared(libmp.mpf_ge),
    sympy.StrictLessThan: _compared(libmp.mpf_lt),
    sympy.LessThan: _compared(libmp.mpf_le),
    sympy.Equality: _compared(libmp.mpf_eq),
    sympy.Unequality: lambda bits, a, b: not libmp.mpf_eq(a, b),
    sympy.And: lambda bits, *parts: all(parts),
    sympy.Or: lambda bits, *parts: any(parts),
    sympy.Not: lambda bits, a: not a,
}

# Numbers that have a name.
CONSTANTS: dict[type, Rule] = {
    type(sympy.E): lambda bits: libmp.mpf_e(bits, NEAREST),
    type(sympy.pi): lambda bits: libmp.mpf_pi(bits, NEAREST),
    type(sympy.nan): lambda bits: libmp.fnan,
    type(sympy.oo): lambda bits: libmp.finf,
    type(-sympy.oo): lambda bits: libmp.fninf,
    type(sympy.true): lambda bits: True,
    type(sympy.false): lambda bits: False,
}
