"""Exact numbers of a system: the loss, every value, every adjoint, every partial."""

import math
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import mpmath
import sympy
from mpmath import libmp

from gradcheck.symbolic.bare import Bare, is_finite
from gradcheck.symbolic.partials import Partials
from gradcheck.symbolic.systems import Number
from gradcheck.symbolic.tapes import Tape, pull_back, run

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


@dataclass(frozen=True, slots=True)
class Reading:
    """What is read off a tape: the loss and the parameters by name; where stands what the digits hang on.

    slots: of all that is read. reaches: (how far an argument reaches, its slot) of the functions that stand beside 1.
    """

    tape: Tape
    loss: str
    parameters: tuple[str, ...]
    slots: tuple[int, ...]
    reaches: tuple[tuple[Callable[[float], float], int], ...]


@lru_cache(maxsize=4)  # several readers ask for the numbers of one system
def evaluate(partials: Partials, digits: int | None = None) -> Exact:
    """All numbers of a system: correctly rounded floats, or mpf of that many sure digits."""
    system = partials.system
    tape = definitions_on_tape(system.values, system.definitions)
    tape.local.update((pair, tape.slot(expr)) for pair, expr in partials.local.items())
    return numbers_of(
        reading_of(tape, system.definitions, system.loss, system.parameters), system.values.values(), digits
    )


def definitions_on_tape(values: Collection[str], definitions: Mapping[str, sympy.Expr]) -> Tape:
    """The values and the definitions over them; no partials yet."""
    tape = Tape(len(values), {name: slot for slot, name in enumerate(values)})
    for name, expr in definitions.items():
        tape.names[name] = tape.slot(expr)
    return tape


def reading_of(tape: Tape, definitions: Mapping[str, sympy.Expr], loss: str, parameters: tuple[str, ...]) -> Reading:
    """The tape, which has its local partials, with the adjoint of every name on it."""
    atoms = [atom for expr in definitions.values() for atom in expr.atoms(*REACH)]
    reaches = tuple((REACH[type(atom)], tape.slot(atom.args[0])) for atom in atoms)
    tape.adjoints.update(pull_back(tape, tape.local, loss, tape.names))
    slots = {*tape.names.values(), *tape.adjoints.values(), *tape.local.values()}
    return Reading(tape, loss, parameters, tuple(sorted(slots)), reaches)


def numbers_of(reading: Reading, values: Collection[Number], digits: int | None = None) -> Exact:
    """All numbers at these values, which come in the order of the tape.

    Computed by mpmath with more digits than are wanted, and again with more until both agree, so that no cancellation
    (1 - sigmoid(40), y - out close to 0) reaches the result. A number that only shrinks with more digits is 0; NaN
    where there is no real value.
    """
    tape, wanted = reading.tape, DOUBLE_DIGITS if digits is None else digits
    work = wanted + GUARD
    coarse = run(tape, values, libmp.dps_to_prec(work))
    work += _reach(reading, coarse)
    for _ in range(ATTEMPTS):
        work += wanted + GUARD
        fine = run(tape, values, libmp.dps_to_prec(work))
        settled = _settle(reading.slots, coarse, fine, libmp.dps_to_prec(wanted))
        if settled is not None:
            break
        coarse = fine
    kind = partial(libmp.to_float, rnd="n") if digits is None else mpmath.mp.make_mpf
    numbers = {slot: kind((settled or fine)[slot]) for slot in reading.slots}
    return _exact(reading, numbers)


def _settle(slots: Iterable[int], coarse: list[Bare], fine: list[Bare], bits: int) -> list[Bare] | None:
    """The fine numbers where each agrees with the coarse one to that many bits; None where one does not."""
    settled = list(fine)
    for slot in slots:
        number, before = fine[slot], coarse[slot]
        if number == before or number == libmp.fnan:
            continue
        if not (is_finite(number) and is_finite(before)):
            return None
        gap = libmp.mpf_sub(number, before, bits, "n")
        if _top(gap) < _top(number) - bits:
            continue
        if _top(number) >= _top(before) - bits:
            return None
        settled[slot] = libmp.fzero
    return settled


def _top(number: Bare) -> float:
    """The place of the highest bit: |x| is below 2**top and not below half of that."""
    return float(number[2] + number[3]) if number[1] else -math.inf


def _exact(reading: Reading, numbers: Mapping[int, Any]) -> Exact:
    tape = reading.tape
    values, adjoints = ({name: numbers[slot] for name, slot in part.items()} for part in (tape.names, tape.adjoints))
    local = {pair: numbers[slot] for pair, slot in tape.local.items()}
    gradient = {name: adjoints[name] for name in reading.parameters}
    return Exact(values[reading.loss], values, adjoints, gradient, local)


def _reach(reading: Reading, numbers: list[Bare]) -> int:
    """Digits between the largest and the smallest number of a system, its exponentials included."""
    every = [numbers[slot] for slot in reading.tape.names.values()]
    sizes = [_top(number) * math.log(2) for number in every if number[1]]
    reaches = [max(sizes, default=0.0) - min(sizes, default=0.0)]
    for size, slot in reading.reaches:
        u = libmp.to_float(numbers[slot])
        reaches.append(size(u) if math.isfinite(u) else 0.0)
    return math.ceil(min(max(reaches), MOST) / math.log(10))
