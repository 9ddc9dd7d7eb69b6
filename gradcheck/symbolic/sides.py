"""Kinks on a tape: the pieces are differentiated once, and every run weighs them by the sides that its point is on."""

from collections.abc import Callable, Sequence
from typing import Any

import sympy
from mpmath import libmp

from gradcheck.symbolic.bare import Bare, Rule, largest, sign, smallest
from gradcheck.symbolic.kinks import KINKED
from gradcheck.symbolic.partials import local_partials
from gradcheck.symbolic.systems import names_in, symbol
from gradcheck.symbolic.tapes import Pair, Tape, pull_back


def partials_on_tape(tape: Tape, target: str, expr: sympy.Expr) -> dict[Pair, int]:
    """The slots of the partials of a definition by what it is made of; the definition is on the tape already.

    The sides are those of `kinks.side_taken`: on a tie a number wins, formulas that tie share.
    """
    inner: dict[Pair, int] = {}
    smooth = _opened(tape, inner, target, expr)
    _differentiated(tape, inner, target, smooth)
    if not expr.has(*KINKED):
        return inner
    found = pull_back(tape, inner, target, names_in(expr))
    return {(target, source): found[source] for source in names_in(expr)}


def _opened(tape: Tape, inner: dict[Pair, int], target: str, expr: sympy.Expr) -> sympy.Expr:
    """The expression with a name for every kink in it, whose links with its pieces go into `inner`."""
    if not expr.has(*KINKED):
        return expr
    if not isinstance(expr, KINKED):
        return expr.func(*(_opened(tape, inner, target, part) for part in expr.args))
    name = f"{target}·{len(inner)}"
    pieces = [pair[0] for pair in expr.args] if isinstance(expr, sympy.Piecewise) else list(expr.args)
    weights = _weights(tape, expr, pieces)
    links = {}
    for place, (piece, weight) in enumerate(zip(pieces, weights, strict=True)):
        part = f"{name}·{place}"
        tape.names[part] = tape.slot(piece)
        _differentiated(tape, inner, part, _opened(tape, inner, part, piece))
        links[name, part] = weight
    inner.update(links)
    tape.names[name] = tape.slot(expr)
    return symbol(name)


def _differentiated(tape: Tape, inner: dict[Pair, int], target: str, smooth: sympy.Expr) -> None:
    found = local_partials(smooth, symbol(target))
    for source in names_in(smooth):
        inner[target, source] = tape.slot(found.get(source, sympy.Integer(0)))


def _weights(tape: Tape, kink: sympy.Expr, pieces: Sequence[sympy.Expr]) -> list[int]:
    """The slots of the slopes of a kink by its pieces."""
    slots = [tape.slot(piece) for piece in pieces]
    if isinstance(kink, sympy.Abs):
        return [tape.apply(sign, slots, sympy.sign)]
    if isinstance(kink, sympy.Piecewise):
        conditions = [tape.slot(condition) for _, condition in kink.args]
        return [tape.apply(_taken(place), conditions, ("taken", place)) for place in range(len(pieces))]
    numbers = tuple(piece.is_number for piece in pieces)
    best = largest if isinstance(kink, sympy.Max) else smallest
    return [
        tape.apply(_share(place, numbers, best), slots, ("share", type(kink), place, numbers))
        for place in range(len(pieces))
    ]


def _taken(place: int) -> Rule:
    """1 where the first condition that holds is at this place, else 0."""

    def rule(bits: int, *conditions: bool) -> Bare:
        return libmp.fone if conditions[place] and not any(conditions[:place]) else libmp.fzero

    return rule


def _share(place: int, numbers: Sequence[bool], best: Callable[..., Any]) -> Rule:
    """The share of one part in the slope of an extreme: a number that is among the best takes all of it."""

    def rule(bits: int, *parts: Bare) -> Bare:
        extreme = best(bits, *parts)
        tied = [k for k, part in enumerate(parts) if part == extreme]
        if place not in tied or any(numbers[k] for k in tied):
            return libmp.fzero
        return libmp.from_rational(1, len(tied), bits, "n")

    return rule
