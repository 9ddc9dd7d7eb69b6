"""A user's own function of one number, read with SymPy."""

from collections.abc import Callable
from types import SimpleNamespace

import sympy

from gradcheck.network.formulas import Formula
from gradcheck.symbolic.kinks import KINKED
from gradcheck.symbolic.numbers import evaluate
from gradcheck.symbolic.partials import differentiate
from gradcheck.symbolic.readings.elementwise import FUNCTIONS
from gradcheck.symbolic.readings.stand_ins import Written, applied
from gradcheck.symbolic.systems import System, symbol

# A longer slope is no help in a message.
MOST_LETTERS = 90

WRITING = SimpleNamespace(
    **{name: lambda *args, rule=rule: applied(rule, *args) for name, rule in FUNCTIONS.items()},
)


def written_in(formula: Formula) -> Callable[[sympy.Expr], sympy.Expr]:
    """The formula as a function of expressions."""

    def expr_of(z: sympy.Expr) -> sympy.Expr:
        found = formula(Written(z), WRITING)
        return (found if isinstance(found, Written) else Written(found)).expr

    return expr_of


def slope_at(rule: Callable[[sympy.Expr], sympy.Expr], z: float) -> float:
    """The exact slope of a function of one number, correctly rounded; on a corner that of the side taken."""
    system = System({"z": z}, {"a": rule(symbol("z"))}, "a", ("z",))
    return float(evaluate(differentiate(system)).gradient["z"])


def slope_in_words(rule: Callable[[sympy.Expr], sympy.Expr]) -> str:
    """The slope of a function of z as Python would write it; empty where it is long, or has cases."""
    expr = rule(symbol("z"))
    text = "" if expr.has(*KINKED) else str(sympy.diff(expr, symbol("z")))
    return text if len(text) <= MOST_LETTERS else ""
