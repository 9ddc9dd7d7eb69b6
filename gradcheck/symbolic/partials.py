"""Exact partials: every definition differentiated by itself, the chain rule over the names of the values."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

import sympy

from gradcheck.errors import TooLarge
from gradcheck.symbolic.arithmetic import context, forward
from gradcheck.symbolic.exponentials import exponential_of, over_name
from gradcheck.symbolic.kinks import KINKED, side_taken
from gradcheck.symbolic.systems import System, symbol

# Digits at which the side of a kink is decided: products of two doubles are exact in 32, and sums of them seldom need more.
DIGITS = 50

LIMIT = 40_000
OWN = sympy.Dummy("own", real=True)


@dataclass(frozen=True, eq=False)
class Partials:
    """Every local partial of a system: local[target, source] = ∂target/∂source over the names themselves, where it is not 0."""

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
        """Adjoint of every name as the sum over its consumers of adjoint · local partial; adjoints stand there by name."""
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

    Kinks take the side on which the point is. The cost is linear in the links: nothing is composed, nothing simplified.
    """
    links = sum(len(expr.free_symbols) for expr in system.definitions.values())
    ensure_size(links)
    ctx = context(DIGITS)
    kinked = any(expr.has(*KINKED) for expr in system.definitions.values())
    values = forward(system, ctx) if kinked else {}
    local = {}
    for target, expr in system.definitions.items():
        smooth = side_taken(expr, values, ctx) if kinked else expr
        for source, partial in local_partials(smooth, symbol(target)).items():
            local[target, source] = partial
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
    """∂name/∂source for every source of a smooth definition, written over its sources and its own name; zeros left out.

    A sum is differentiated term by term, each term only by what stands in it.
    """
    if not definition.is_Add or exponential_of(definition, name) is not None:
        return _placed(definition, name)
    sums: dict[str, list[sympy.Expr]] = {}
    for term in definition.args:
        for source, partial in _placed(term, None).items():
            sums.setdefault(source, []).append(partial)
    totals = {source: sympy.Add(*terms) for source, terms in sums.items()}
    return {source: total for source, total in totals.items() if total != 0}


def over_values(partials: Partials, name: str) -> sympy.Expr:
    """The partial of the loss by a name as a sum of products over forward values alone: every adjoint is written out, so one term per path."""
    loss = partials.system.loss
    done: dict[str, sympy.Expr] = {loss: sympy.Integer(1)}
    for source in _backwards(partials, name):
        terms = (done[target] * partials.local[target, source] for target in partials.consumers.get(source, ()) if target in done)
        done[source] = sympy.Add(*terms)
    return done[name]


def _backwards(partials: Partials, name: str) -> list[str]:
    """The names from the loss back to `name` that depend on it, without the loss."""
    depends = {name}
    for target, source in partials.local:
        if source in depends:
            depends.add(target)
    definitions = [one for one in partials.system.definitions if one in depends and one not in (name, partials.system.loss)]
    return [*reversed(definitions), name]


def _placed(expr: sympy.Expr, name: sympy.Symbol | None) -> dict[str, sympy.Expr]:
    """The partials of one expression, found once for its shape: the names are put into those of the same expression over placeholders."""
    names = sorted(expr.free_symbols, key=lambda one: one.name)
    there = {one: _placeholder(place) for place, one in enumerate(names)}
    back = {placeholder: one for one, placeholder in there.items()}
    if name is not None:
        back[OWN] = name
    partials = _shape_partials(expr.xreplace(there), name is not None)
    return {back[source].name: partial.xreplace(back) for source, partial in partials.items()}


@lru_cache(maxsize=4096)
def _shape_partials(shape: sympy.Expr, named: bool) -> dict[sympy.Symbol, sympy.Expr]:
    """SymPy's partials of a shape by each of its placeholders, over OWN where the shape has a name of its own; zeros left out."""
    raw = {source: sympy.diff(shape, source) for source in shape.free_symbols}
    return {source: over_name(partial, shape, OWN if named else None) for source, partial in raw.items() if partial != 0}


@lru_cache(maxsize=4096)
def _placeholder(place: int) -> sympy.Symbol:
    return sympy.Symbol(f"·{place}", real=True)
