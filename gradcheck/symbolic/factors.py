"""Products as bags of factors, each written one way only: what is common, what is missing, what is too much."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import sympy

from gradcheck.symbolic.systems import System, names_in

# Numerators and denominators that nobody writes.
LONG = 10**6

# Two numbers that differ by less come from rounded literals (1/3 as a double), not from a mistake.
ROUNDING = sympy.Rational(1, 2**40)


@dataclass(frozen=True)
class Term:
    """number · Π factor**power; powers may be negative, none is 0."""

    number: sympy.Expr
    powers: Mapping[sympy.Expr, int]

    @property
    def expr(self) -> sympy.Expr:
        """The product itself."""
        return sympy.Mul(self.number, *(factor**power for factor, power in self.powers.items()))

    @property
    def bag(self) -> frozenset[tuple[sympy.Expr, int]]:
        """The factors without the number: equal for like terms."""
        return frozenset(self.powers.items())

    def beyond(self, other: "Term") -> "Term":
        """The factors that this term has and the other has not, without numbers."""
        powers = {factor: count - _part(other.powers.get(factor, 0), count) for factor, count in self.powers.items()}
        return Term(sympy.Integer(1), {factor: count for factor, count in powers.items() if count})

    @property
    def size(self) -> int:
        """How many factors it has."""
        return sum(abs(count) for count in self.powers.values())

    def times(self, other: "Term", power: int = 1) -> "Term":
        """The product with another term, or with a power of it."""
        powers = dict(self.powers)
        for factor, count in other.powers.items():
            powers[factor] = powers.get(factor, 0) + power * count
        return Term(self.number * other.number**power, {factor: count for factor, count in powers.items() if count})


ONE = Term(sympy.Integer(1), {})
MINUS = Term(sympy.Integer(-1), {})


def chain_order(system: System) -> tuple[str, ...]:
    """Names from the loss down, parameters behind the values that they go into, data last."""
    depths = dict.fromkeys(system.definitions, 0.0)
    for name in reversed(tuple(system.definitions)):
        for source in names_in(system.definitions[name]):
            step = 0.5 if source in system.parameters else 1.0
            depths[source] = max(depths.get(source, 0.0), depths[name] + step)
    names = [*system.parameters, *system.definitions]
    data = [name for name in system.values if name not in system.parameters]
    return (*sorted(names, key=lambda name: depths.get(name, 0.0)), *data)


def split(expr: sympy.Expr, order: Sequence[str]) -> Term:
    """A product as a term; every sum in it with whole content taken out and its leading term positive."""
    term = ONE
    for part in sympy.Mul.make_args(expr):
        base, power = part.args if part.is_Pow and part.exp.is_Integer else (part, sympy.Integer(1))
        if base.is_Number:
            single = Term(base, {})
        elif base.is_Mul:
            single = split(base, order)
        elif base.is_Add:
            content, primitive = _primitive(base)
            sign = -1 if _leading(primitive, order).could_extract_minus_sign() else 1
            single = Term(content * sign, {sympy.Add(*(sign * one for one in primitive.args)): 1})
        else:
            single = Term(sympy.Integer(1), {base: 1})
        term = term.times(single, int(power))
    return term


def like_terms(terms: Iterable[Term]) -> list[Term]:
    """The sum of these terms with like ones added up, in the order of their first; what cancels is gone."""
    sums: dict[frozenset[tuple[sympy.Expr, int]], list[Term]] = {}
    for term in terms:
        sums.setdefault(term.bag, []).append(term)
    added = [(sum(one.number for one in alike), alike) for alike in sums.values()]
    return [
        Term(number, alike[0].powers)
        for number, alike in added
        if abs(number) > ROUNDING * max(abs(one.number) for one in alike)
    ]


def common(terms: Sequence[Term]) -> Term:
    """What every one of these terms has as a factor, without numbers."""
    shared = dict(terms[0].powers)
    for term in terms[1:]:
        shared = {factor: _part(term.powers.get(factor, 0), count) for factor, count in shared.items()}
    return Term(sympy.Integer(1), {factor: count for factor, count in shared.items() if count})


def _part(power: int, limit: int) -> int:
    """How much of `power` lies between 0 and `limit`."""
    return max(0, min(power, limit)) if limit > 0 else min(0, max(power, limit))


def _primitive(expr: sympy.Expr) -> tuple[sympy.Expr, sympy.Expr]:
    """(content, sum): 2·a - 2·b as 2 times a - b; decimals are left where they stand."""
    numbers = [term.as_coeff_Mul()[0] for term in expr.args]
    if len({abs(number) for number in numbers}) == 1:
        return abs(numbers[0]), sympy.Add(*(term / abs(numbers[0]) for term in expr.args))
    return (sympy.Integer(1), expr) if any(map(is_long, numbers)) else expr.primitive()


def is_long(number: sympy.Expr) -> bool:
    """Is it a decimal in disguise (0.2 = 3602879701896397/2**54), or the like, and no number that people write?"""
    return bool(number.is_Rational and max(abs(number.p), number.q) >= LONG)


def _leading(expr: sympy.Expr, order: Sequence[str]) -> sympy.Expr:
    """The term of a sum that decides its sign: a constant, else the one nearest to the loss."""
    places = {name: place for place, name in enumerate(order)}

    def place(term: sympy.Expr) -> tuple[bool, list[tuple[int, str]]]:
        return not term.is_number, sorted((places.get(name, len(places)), name) for name in names_in(term))

    return min(expr.args, key=place)
