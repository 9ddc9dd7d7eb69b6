"""A traced program once more, forward pass and hand-written gradient, in any digits or in intervals."""

from collections.abc import Callable, Collection, Mapping
from fractions import Fraction
from math import isfinite
from typing import Any

import mpmath

from gradcheck.program.programs import LEAVES, Program
from gradcheck.symbolic.rules import RULES, NoValue
from gradcheck.symbolic.systems import Number

Reading = Callable[[float], Number]
# Denominators of fractions that people write, and digits of decimals that they write.
LONGEST_DENOMINATOR = 1000
LONGEST_DECIMAL = 12


class Digits(mpmath.MPContext):  # type: ignore[misc]  # mpmath is untyped
    """Numbers of so many digits, in a context of their own."""

    def __init__(self, digits: int) -> None:
        super().__init__()
        self.dps = digits

    def whole(self, x: Any) -> int | None:
        """The whole number that x is, or None."""
        return int(x) if self.isint(x) else None


def exactly(value: float) -> Number:
    """A literal as the binary fraction that it is."""
    return value


def as_written(value: float) -> Number:
    """A literal as the number that people write for it: 1/3, 0.2, 0.044715; else the binary fraction that it is.

    A formula that has 2/3 where the loss has 1/3 twice is then equal to it, and not only to 16 digits. What is not
    finite stays as it is.
    """
    if not isfinite(value):
        return value
    near = Fraction(value).limit_denominator(LONGEST_DENOMINATOR)
    if float(near) == value:
        return near
    text = repr(value)
    return Fraction(text) if len(text.lstrip("-").replace(".", "")) <= LONGEST_DECIMAL else Fraction(value)


def numbers_of(
    program: Program, ctx: Any, inputs: Mapping[str, Number] | None = None, read: Reading = exactly
) -> list[Any]:
    """Every number of the program in that context, at the point of its trace or at other `inputs` by label.

    Comparisons come out as they did in the trace. Raises NoValue where a number is not real, or lies on a corner.
    """
    entered = {program.inputs[label]: number for label, number in (inputs or {}).items()}
    numbers: list[Any] = []
    for place, node in enumerate(program.nodes):
        if node.op in LEAVES:
            number = entered.get(place, read(node.value) if node.op == "number" else node.value)
            numbers.append(_entered(ctx, number))
        else:
            numbers.append(_computed(ctx, node.op, [numbers[arg] for arg in node.args]))
    return numbers


def pulled_back(
    program: Program, numbers: list[Any], ctx: Any, root: int, stop: Collection[int] = ()
) -> dict[int, Any]:
    """∂root/∂node for every node that the root is computed from, by reverse mode over the program's own operations.

    stop: nodes that are taken as given, what they are computed from left aside.
    """
    slopes = {root: ctx.one}
    for place in range(root, -1, -1):
        node = program.nodes[place]
        if place not in slopes or node.op in LEAVES or (place in stop and place != root):
            continue
        args = [numbers[arg] for arg in node.args]
        for argument, slope in zip(node.args, RULES[node.op].slopes, strict=True):
            if program.nodes[argument].op != "number":
                part = slopes[place] * slope(ctx, numbers[place], *args)
                slopes[argument] = slopes[argument] + part if argument in slopes else part
    return slopes


def _entered(ctx: Any, number: Number) -> Any:
    if number != number or abs(number) == float("inf"):
        raise NoValue("a number that is not finite")
    return ctx.mpf(number.numerator) / number.denominator if isinstance(number, Fraction) else ctx.mpf(number)


def _computed(ctx: Any, op: str, args: list[Any]) -> Any:
    if op not in RULES:
        raise NoValue(f"no rule for {op}")
    try:
        value = RULES[op].value(ctx, *args)
    except (ZeroDivisionError, ValueError, OverflowError) as error:
        raise NoValue(str(error)) from None
    if isinstance(value, ctx.mpc):
        raise NoValue("no real value")
    return value
