"""Exact numbers of a system: the loss, every value, every adjoint, every partial."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import mpmath
import sympy

from gradcheck.symbolic.arithmetic import context, forward, number_of
from gradcheck.symbolic.partials import Partials

# A double holds 53·log10(2) = 15.95 decimal digits; 20 leave its last bit sure.
DOUBLE_DIGITS = 20

# Digits beyond the wanted ones at the first attempt, and how many more at each further one.
GUARD = 15
ATTEMPTS = 4

# exp(u) stands beside 1 in sigmoid, tanh (2u) and the error function (u²): |u|/ln 10 digits more keep 1 + exp(u) apart
# from 1. A double ends at exp(-745): more than twice that is never asked for.
MOST = 1600.0
REACH: dict[type, Callable[[float], float]] = {
    sympy.exp: abs,
    **dict.fromkeys((sympy.tanh, sympy.sinh, sympy.cosh), lambda u: 2 * abs(u)),
    sympy.erf: lambda u: u * u,
}


@dataclass(frozen=True, eq=False)
class Exact:
    """Numbers of one kind, all floats or all mpf.

    values and adjoints of every name, the gradient by label, local[target, source] = ∂target/∂source.
    """

    loss: Any
    values: Mapping[str, Any]
    adjoints: Mapping[str, Any]
    gradient: Mapping[str, Any]
    local: Mapping[tuple[str, str], Any]


@lru_cache(maxsize=4)  # several readers ask for the numbers of one system
def evaluate(partials: Partials, digits: int | None = None) -> Exact:
    """All numbers of a system: correctly rounded floats, or mpf of that many sure digits.

    Computed by mpmath with more digits than are wanted, and again with more until both agree, so that no cancellation
    (1 - sigmoid(40), y - out close to 0) reaches the result. A number that only shrinks with more digits is 0; NaN
    where there is no real value.
    """
    wanted = DOUBLE_DIGITS if digits is None else digits
    work = wanted + GUARD + _reach(partials)
    coarse = _numbers(partials, work)
    for _ in range(ATTEMPTS):
        work += wanted + GUARD
        fine = _numbers(partials, work)
        settled = _settle(coarse, fine, wanted)
        if settled is not None:
            break
        coarse = fine
    return _exact(partials, settled or fine, float if digits is None else lambda x: mpmath.mp.make_mpf(x._mpf_))


Numbers = dict[Any, Any]


def _numbers(partials: Partials, digits: int) -> Numbers:
    """Values by (name,), local partials by (target, source), adjoints by (None, name), at that many digits."""
    ctx = context(digits)
    system = partials.system
    values = forward(system, ctx)
    local = {pair: number_of(expr, values, ctx) for pair, expr in partials.local.items()}
    adjoints = dict.fromkeys(values, ctx.zero) | {system.loss: ctx.one}
    for (target, source), partial in reversed(local.items()):
        if adjoints[target] != 0:
            adjoints[source] += adjoints[target] * partial
    bars = {(None, name): bar for name, bar in adjoints.items()}
    return {**{(name,): value for name, value in values.items()}, **local, **bars}


def _settle(coarse: Numbers, fine: Numbers, digits: int) -> Numbers | None:
    """The fine numbers where each agrees with the coarse one to that many digits; None where one does not."""
    settled = {}
    for key, number in fine.items():
        before = coarse[key]
        gap = abs(number - before)
        if number == before or number != number or gap <= abs(number) * mpmath.mpf(10) ** -digits:
            settled[key] = number
        elif abs(number) < abs(before) * mpmath.mpf(10) ** -digits:
            settled[key] = 0 * number
        else:
            return None
    return settled


def _exact(partials: Partials, numbers: Numbers, kind: Callable[[Any], Any]) -> Exact:
    system = partials.system
    names = (*system.values, *system.definitions)
    adjoints = {name: kind(numbers[None, name]) for name in names}
    values = {name: kind(numbers[(name,)]) for name in names}
    local = {pair: kind(numbers[pair]) for pair in partials.local}
    return Exact(values[system.loss], values, adjoints, {name: adjoints[name] for name in system.parameters}, local)


def _reach(partials: Partials) -> int:
    """Digits between the largest and the smallest number of a system, its exponentials included."""
    ctx = context(DOUBLE_DIGITS)
    values = forward(partials.system, ctx)
    sizes = [float(ctx.ln(abs(value))) for value in values.values() if value != 0 and ctx.isfinite(value)]
    reaches = [max(sizes, default=0.0) - min(sizes, default=0.0)]
    for expr in partials.system.definitions.values():
        for atom in expr.atoms(*REACH):
            u = float(number_of(atom.args[0], values, ctx))
            reaches.append(REACH[type(atom)](u) if math.isfinite(u) else 0.0)
    return math.ceil(min(max(reaches), MOST) / math.log(10))
