"""One way to write a value that has several: by its last name, without exponentials or roots, differences in full."""

from collections.abc import Callable
from dataclasses import dataclass

import sympy
from sympy.polys.polyerrors import PolynomialError

from gradcheck.symbolic.exponentials import eliminate, exponential_of
from gradcheck.symbolic.factors import Term, chain_order, split
from gradcheck.symbolic.systems import System, names_in, symbol


@dataclass(frozen=True)
class Notation:
    """How the formulas of one system are written: the order of its names, and one form for equal values."""

    order: tuple[str, ...]
    rewrite: Callable[[sympy.Expr], sympy.Expr]

    def term(self, expr: sympy.Expr) -> Term:
        """An expression as a product of factors."""
        return split(self.rewrite(expr), self.order)


def notation(system: System) -> Notation:
    """The notation of a system: neto becomes out where `out = neto`; w where `v = w` is a parameter.

    out - y where `error = out - y`; exp(-z) becomes (1 - a)/a where a is the sigmoid of z; 1/sqrt(z) becomes 1/r where
    `r = sqrt(z)`.
    """
    return Notation(chain_order(system), _rewriter(system))


def _rewriter(system: System) -> Callable[[sympy.Expr], sympy.Expr]:
    renamed = _aliases(system)
    small = {symbol(name): expr for name, expr in system.definitions.items() if _is_small(system, expr)}
    exponentials = _exponentials(system)

    def in_full(expr: sympy.Expr) -> sympy.Expr:
        for _ in small:
            if not expr.free_symbols & small.keys():
                break
            expr = expr.xreplace(small)
        return expr.xreplace(renamed)

    named = {name: in_full(expr) for name, expr in system.definitions.items() if _is_root(expr)}
    roots = {root.base: (root.exp, in_full(symbol(name))) for name, root in named.items()}

    def rewrite(expr: sympy.Expr) -> sympy.Expr:
        expr = in_full(expr)
        if roots and any(power.base in roots for power in expr.atoms(sympy.Pow)):
            expr = expr.replace(lambda part: part.is_Pow and part.base in roots, lambda power: _by_root(power, roots))
        for exponential, inverse in exponentials if expr.has(sympy.exp) else ():
            expr = _without(expr, exponential.xreplace(renamed), inverse.xreplace(renamed))
        return expr

    return rewrite


def _aliases(system: System) -> dict[sympy.Symbol, sympy.Symbol]:
    """Old symbol -> the one to read: the last name of a value, the own name of a parameter or datum."""
    read: dict[sympy.Symbol, sympy.Symbol] = {}
    for name, expr in system.definitions.items():
        if not expr.is_Symbol:
            continue
        if read.get(expr, expr).name in system.values:
            read[symbol(name)] = read.get(expr, expr)
        else:
            read = {old: symbol(name) if new == expr else new for old, new in read.items()}
            read[expr] = symbol(name)
    return read


def _is_small(system: System, expr: sympy.Expr) -> bool:
    """A shifted or scaled value: numbers, data, and one other name at most, all to the first power."""
    if expr.is_Symbol or expr.is_number:
        return False
    own = [name for name in names_in(expr) if name not in system.values or name in system.parameters]
    plain = (term.as_coeff_Mul()[1] for term in sympy.Add.make_args(expr))
    return len(own) == 1 and all(one.is_Symbol or one == 1 for one in plain)


def _is_root(expr: sympy.Expr) -> bool:
    return bool(expr.is_Pow and expr.exp.is_Rational and not expr.exp.is_Integer)


def _by_root(power: sympy.Expr, roots: dict[sympy.Expr, tuple[sympy.Expr, sympy.Symbol]]) -> sympy.Expr:
    """z**(-1/2) as 1/r where r = z**(1/2); powers that are none of the root stay."""
    exponent, root = roots[power.base]
    times = power.exp / exponent
    return root**times if times.is_Integer and _is_root(power) else power


def _exponentials(system: System) -> list[tuple[sympy.Expr, sympy.Expr]]:
    found = []
    for name, expr in system.definitions.items():
        if expr.has(sympy.exp):
            try:
                solved = exponential_of(expr, symbol(name))
            except PolynomialError:  # the exponential stands inside another function
                continue
            found += [solved] if solved else []
    return found


def _without(expr: sympy.Expr, exponential: sympy.Expr, inverse: sympy.Expr) -> sympy.Expr:
    try:
        return eliminate(expr, exponential, inverse)
    except PolynomialError:
        return expr
