"""Exact partials: every definition differentiated by itself, the chain rule over the names of the values."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

import sympy

from gradcheck.errors import TooLarge
from gradcheck.symbolic.arithmetic import context, forward
from gradcheck.symbolic.exponentials import exponential_of, over_name
from gradcheck.symbolic.kinks import KINKED, side_taken
from gradcheck.symbolic.systems import System, names_in, symbol

# Digits at which the side of a kink is decided: products of two doubles are exact in 32, sums of them seldom need more.
DIGITS = 50

# Links between values that are taken: 20-64-64-10 has 12,328 and needs 3.3 s cold, for the time is linear in the links
# (tests/benchmarks/bench_symbolic.py).
LIMIT = 20_000
OWN = sympy.Dummy("own", real=True)


@dataclass(frozen=True, eq=False)
class Partials:
    """Every local partial of a system: local[target, source] = ∂target/∂source over the names themselves.

    A link that the point switches off (a dead relu) is there with 0.
    """

    system: System
    local: Mapping[tuple[str, str], sympy.Expr]

    @cached_property
    def consumers(self) -> Mapping[str, tuple[str, ...]]:
        """The values that a name goes into directly, in the order of computing."""
        found: dict[str, list[str]] = {}
        for target, source in self.local:
            found.setdefault(source, []).append(target)
        return {name: tuple(targets) for name, targets in found.items()}

    @cached_property
    def deltas(self) -> Mapping[str, sympy.Expr]:
        """Adjoint of every name: the sum over its consumers of adjoint · local partial, adjoints by their names."""
        names = (*self.system.values, *self.system.definitions)
        return {name: self._delta(name) for name in names if name != self.system.loss}

    @property
    def gradient(self) -> Mapping[str, sympy.Expr]:
        """The delta of every parameter: the partial of the loss by it, over values and named adjoints."""
        return {name: self.deltas[name] for name in self.system.parameters}

    def _delta(self, name: str) -> sympy.Expr:
        loss = self.system.loss
        terms = (
            (1 if target == loss else adjoint_symbol(loss, target)) * self.local[target, name]
            for target in self.consumers.get(name, ())
        )
        return sympy.Add(*terms)


def differentiate(system: System) -> Partials:
    """All local partials of the system at its point; raises TooLarge above LIMIT links between values.

    Kinks take the side on which the point is. The cost is linear in the links: nothing is composed or simplified.
    """
    links = sum(len(expr.free_symbols) for expr in system.definitions.values())
    ensure_size(links)
    ctx = context(DIGITS)
    kinked = any(expr.has(*KINKED) for expr in system.definitions.values())
    values = forward(system, ctx) if kinked else {}
    local = {}
    for target, expr in system.definitions.items():
        smooth = side_taken(expr, values, ctx) if kinked else expr
        found = local_partials(smooth, symbol(target))
        for source in names_in(expr):
            local[target, source] = found.get(source, sympy.Integer(0))
    return Partials(system, local)


def ensure_size(links: int) -> None:
    """Raises TooLarge where a system has more links between values than the symbolic opinion takes."""
    if links > LIMIT:
        raise TooLarge(
            f"the exact opinion would need {links:,} local partials, its limit is {LIMIT:,}: "
            "take a smaller network or fewer samples, or do without it"
        )


def adjoint_symbol(loss: str, name: str) -> sympy.Symbol:
    """The name of an adjoint: ∂Loss/∂out."""
    return symbol(f"∂{loss}/∂{name}")


def local_partials(definition: sympy.Expr, name: sympy.Symbol) -> dict[str, sympy.Expr]:
    """∂name/∂source for every source of a smooth definition, written over its sources and its own name.

    A sum is differentiated term by term, each term only by what stands in it.
    """
    if not definition.is_Add or exponential_of(definition, name) is not None:
        return _placed(definition, name)
    sums: dict[str, list[sympy.Expr]] = {}
    for term in definition.args:
        for source, partial in _placed(term, None).items():
            sums.setdefault(source, []).append(partial)
    return {source: sympy.Add(*terms) for source, terms in sums.items()}


def between(partials: Partials, name: str) -> tuple[str, ...]:
    """The names on any way from `name` (first) to the loss (last), in the order of computing."""
    above = {name}
    for target, source in partials.local:
        if source in above:
            above.add(target)
    below = {partials.system.loss}
    for target, source in reversed(tuple(partials.local)):
        if target in below:
            below.add(source)
    return tuple(one for one in (name, *partials.system.definitions) if one in above & below)


def _placed(expr: sympy.Expr, name: sympy.Symbol | None) -> dict[str, sympy.Expr]:
    """The partials of one expression: found once for its shape, over placeholders, then the names are put in."""
    names = sorted(expr.free_symbols, key=lambda one: one.name)
    there = {one: _placeholder(place) for place, one in enumerate(names)}
    back = {placeholder: one for one, placeholder in there.items()}
    if name is not None:
        back[OWN] = name
    partials = _shape_partials(expr.xreplace(there), name is not None)
    return {back[source].name: partial.xreplace(back) for source, partial in partials.items()}


@lru_cache(maxsize=4096)
def _shape_partials(shape: sympy.Expr, named: bool) -> dict[sympy.Symbol, sympy.Expr]:
    """SymPy's partials of a shape by each of its placeholders, over OWN where the shape has a name of its own."""
    name = OWN if named else None
    return {source: over_name(shape, source, name) for source in shape.free_symbols}


@lru_cache(maxsize=4096)
def _placeholder(place: int) -> sympy.Symbol:
    return sympy.Symbol(f"·{place}", real=True)
