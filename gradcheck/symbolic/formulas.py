"""SymPy expressions as formulas in an order that people write: w5·outh1 + b2, y - out, outh1·(1 - outh1)."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from typing import Any

import sympy

from gradcheck.results.formulas import Call, Cases, Formula, Name, Negative, Num, Partial, Power, Product, Quotient, Sum
from gradcheck.symbolic.systems import System

Places = Mapping[str, int]  # name -> where it stands among the factors of a product

# A longer denominator is that of a double in disguise (0.2 = 3602879701896397/2**54), which reads better as a decimal.
LONGEST_DENOMINATOR = 1000
# A product of such numbers is no double; so many digits of it tell which it is, and can be read.
DIGITS = 8
CONSTANTS = {sympy.pi: "π", sympy.E: "e", sympy.oo: "∞", -sympy.oo: "-∞", sympy.nan: "NaN"}
HALF = sympy.Rational(1, 2)
EXTREMES = (sympy.Max, sympy.Min)
RELATIONS = {"==": "=", "!=": "≠", ">=": "≥", "<=": "≤"}


def to_formula(expr: sympy.Expr, order: Sequence[str] | Places = ()) -> Formula:
    """The expression as an ordered tree.

    Names in `order` come first among factors, in that order, then others by the alphabet (w2 before w10); positive
    terms come before negative ones, products before single names.
    """
    return _write(expr, order if isinstance(order, Mapping) else places_in(order))


def places_in(order: Iterable[str]) -> Places:
    """Where each name stands in an order: made once where many formulas are written in it."""
    return {name: place for place, name in enumerate(dict.fromkeys(order))}


def order_of(system: System) -> Places:
    """The order of names in a system's formulas: parameters, then values in the order of computing, then data."""
    return places_in((*system.parameters, *system.definitions, *system.values))


def _write(expr: sympy.Expr, places: Places) -> Formula:
    if expr in CONSTANTS:
        return Name(CONSTANTS[expr])
    if expr.is_Symbol:
        return _name(expr.name)
    if expr.is_Number:
        return _signed(_number(abs(expr)), bool(expr < 0))
    if expr.is_Add:
        terms = _sorted(expr.args, lambda one: _term_start(one, places), lambda one: _term_key(one, places))
        return Sum(tuple(_write(term, places) for term in terms))
    if expr.is_Mul or (expr.is_Pow and _is_below(expr)):
        return _product(expr, places)
    if expr.is_Pow and expr.exp == HALF:
        return Call("sqrt", (_write(expr.base, places),))
    if expr.is_Pow:
        return Power(_write(expr.base, places), _write(expr.exp, places))
    if isinstance(expr, sympy.Piecewise):
        return Cases(tuple((_write(value, places), _condition(condition)) for value, condition in expr.args))
    arguments = sorted(expr.args, key=lambda part: not part.is_number) if isinstance(expr, EXTREMES) else expr.args
    return Call(type(expr).__name__.lower(), tuple(_write(part, places) for part in arguments))


def _product(expr: sympy.Expr, places: Places) -> Formula:
    """sign · number · factors in order, over what is divided by."""
    coefficient, rest = expr.as_coeff_Mul()
    factors = list(sympy.Mul.make_args(rest))
    if coefficient < 0:
        coefficient, factors = _absorb_sign(coefficient, factors)
    size = abs(coefficient)
    above = [one for one in factors if not _is_below(one)]
    below = [1 / one for one in factors if _is_below(one)]
    for root in [one for one in above if _is_root(one) and size.is_Rational and size.q % one.base == 0]:
        # SymPy has √2·z/2 for what is written z/√2.
        size, above, below = size * root.base, [one for one in above if one is not root], [root, *below]
    over = size.q if below and size.is_Rational else 1
    top, bottom = _factors(size * over, above, places), _factors(sympy.Integer(over), below, places)
    return _signed(Quotient(_times(top), _times(bottom)) if below else _times(top), bool(coefficient < 0))


def _factors(coefficient: Any, factors: list[sympy.Expr], places: Places) -> list[Formula]:
    """A number, left out where it is 1 and something else is there, and the factors in order."""
    numbers = [_number(coefficient)] if coefficient != 1 or not factors else []
    plain = {one for one in factors if one.is_Symbol}
    # a·(1 - a) stays together; a sum of other names comes last.
    last = {one for one in factors if one.is_Add and not one.free_symbols & plain}
    order = _sorted(factors, lambda one: (one in last, *_factor_start(one, places)), _spelled)
    return [*numbers, *(_write(one, places) for one in order)]


def _sorted(
    parts: Iterable[sympy.Expr], start: Callable[[sympy.Expr], Any], key: Callable[[sympy.Expr], Any]
) -> list[sympy.Expr]:
    """By the start of their key, those of the same start by the key: to spell a long one takes SymPy milliseconds."""
    runs = (list(run) for _, run in groupby(sorted(parts, key=start), key=start))
    return [one for run in runs for one in (run if len(run) == 1 else sorted(run, key=key))]


def _absorb_sign(coefficient: Any, factors: list[sympy.Expr]) -> tuple[Any, list[sympy.Expr]]:
    """-a·(a - 1) is written a·(1 - a): the first sum with a negative constant takes the sign."""
    for place, factor in enumerate(factors):
        if factor.is_Add and factor.as_coeff_Add()[0].is_negative:
            flipped = sympy.Add(*(-term for term in factor.args))
            return -coefficient, [*factors[:place], flipped, *factors[place + 1 :]]
    return coefficient, factors


def _times(factors: list[Formula]) -> Formula:
    return factors[0] if len(factors) == 1 else Product(tuple(factors))


def _signed(formula: Formula, negative: bool) -> Formula:
    return Negative(formula) if negative else formula


def _name(text: str) -> Formula:
    """A name, or a partial where the name is that of an adjoint."""
    adjoint = re.fullmatch(r"∂(.+)/∂(.+)", text)
    return Partial(adjoint[1], adjoint[2]) if adjoint else Name(text)


def _number(value: Any) -> Num:
    if value.is_Float:
        return Num(repr(float(value)))
    if value.q <= LONGEST_DENOMINATOR:
        return Num(str(value))
    is_double = sympy.Rational(float(value)) == value
    return Num(repr(float(value)) if is_double else f"{float(value):.{DIGITS}g}")


def _is_below(factor: sympy.Expr) -> bool:
    return bool(factor.is_Pow and factor.exp.is_number and factor.exp.is_negative)


def _is_root(factor: sympy.Expr) -> bool:
    return bool(factor.is_Pow and factor.base.is_Integer and factor.exp == HALF)


def _condition(condition: Any) -> str | None:
    """`z > 0`; None for otherwise."""
    if condition == sympy.true:
        return None
    text = str(condition)
    for typed, read in RELATIONS.items():
        text = text.replace(typed, read)
    return text


def _term_key(term: sympy.Expr, places: Places) -> list[tuple[Any, ...]]:
    """The order of terms that start alike: by all of their factors."""
    return sorted((*_factor_start(one, places), _spelled(one)) for one in _factors_in(term))


def _term_start(term: sympy.Expr, places: Places) -> tuple[Any, ...]:
    """What tells the order of most terms: positive ones first, then a constant, then products before single names."""
    factors = _factors_in(term)
    first = min(_factor_start(one, places) for one in factors)
    return bool(term.as_coeff_Mul()[0] < 0), not term.is_number, -len(factors), first


def _factors_in(term: sympy.Expr) -> tuple[sympy.Expr, ...]:
    return tuple(sympy.Mul.make_args(term.as_coeff_Mul()[1]))


def _factor_start(factor: sympy.Expr, places: Places) -> tuple[Any, ...]:
    """Where a factor stands: by its earliest name, plain names before sums and functions of the same name."""
    first = min((_name_key(one.name, places) for one in factor.free_symbols), default=None)
    return first is not None, first, not factor.is_Symbol


@lru_cache(maxsize=4096)
def _spelled(factor: sympy.Expr) -> tuple[tuple[int, str], ...]:
    return _natural(str(factor))


def _name_key(name: str, places: Places) -> tuple[Any, ...]:
    return places.get(name, len(places)), _natural(name)


def _natural(text: str) -> tuple[tuple[int, str], ...]:
    """Digits count as numbers: w2 before w10."""
    return tuple((int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", text))
