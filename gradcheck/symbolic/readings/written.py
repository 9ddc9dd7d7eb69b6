"""A user's own formula, read with SymPy: operators and NumPy's functions on a stand-in write an expression."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import sympy

from gradcheck.errors import UsageError
from gradcheck.network.formulas import Formula
from gradcheck.symbolic.kinks import KINKED
from gradcheck.symbolic.numbers import evaluate
from gradcheck.symbolic.partials import differentiate
from gradcheck.symbolic.systems import System, symbol

# A longer slope is no help in a message.
MOST_LETTERS = 90

FUNCTIONS: dict[str, Callable[..., sympy.Expr]] = {
    "exp": sympy.exp,
    "expm1": lambda a: sympy.exp(a) - 1,
    "log": sympy.log,
    "log1p": lambda a: sympy.log(1 + a),
    "sqrt": sympy.sqrt,
    "square": lambda a: a**2,
    "absolute": sympy.Abs,
    "maximum": sympy.Max,
    "minimum": sympy.Min,
    "where": lambda condition, a, b: sympy.Piecewise((a, condition), (b, True)),
    "sin": sympy.sin,
    "cos": sympy.cos,
    "tan": sympy.tan,
    "arctan": sympy.atan,
    "sinh": sympy.sinh,
    "cosh": sympy.cosh,
    "tanh": sympy.tanh,
    "erf": sympy.erf,
    "sigmoid": lambda a: 1 / (1 + sympy.exp(-a)),
    "softplus": lambda a: sympy.log(1 + sympy.exp(a)),
}
# What Python's operators are to NumPy.
OPERATORS: dict[str, Callable[..., Any]] = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "divide": lambda a, b: a / b,
    "power": lambda a, b: a**b,
    "negative": lambda a: -a,
    "positive": lambda a: a,
    "greater": sympy.Gt,
    "greater_equal": sympy.Ge,
    "less": sympy.Lt,
    "less_equal": sympy.Le,
}


class Written(np.lib.mixins.NDArrayOperatorsMixin):
    """An expression that code written for arrays can compute with."""

    def __init__(self, expr: Any) -> None:
        self.expr = expr

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *args: Any, **options: Any) -> Any:
        rule = {**FUNCTIONS, **OPERATORS}.get(ufunc.__name__)
        if rule is None or method != "__call__" or options:
            raise UsageError(f"the symbolic opinion does not read {ufunc.__name__}: use {', '.join(FUNCTIONS)}")
        return _apply(rule, *args)

    def __array_function__(self, function: Any, types: Any, args: Any, options: Any) -> Any:
        if function is not np.where or options:
            raise UsageError(f"the symbolic opinion does not read {function.__name__}: use {', '.join(FUNCTIONS)}")
        return _apply(FUNCTIONS["where"], *args)

    def __bool__(self) -> bool:
        raise UsageError("the formula asks whether something holds: write where(z > 0, a, b) for a case")


WRITING = SimpleNamespace(
    **{name: lambda *args, rule=rule: _apply(rule, *args) for name, rule in FUNCTIONS.items()},
)


def written_in(formula: Formula) -> Callable[[sympy.Expr], sympy.Expr]:
    """The formula as a function of expressions."""
    return lambda z: _plain(formula(Written(z), WRITING))


def slope_at(rule: Callable[[sympy.Expr], sympy.Expr], z: float) -> float:
    """The exact slope of a function of one number, correctly rounded; on a corner that of the side taken."""
    system = System({"z": z}, {"a": rule(symbol("z"))}, "a", ("z",))
    return float(evaluate(differentiate(system)).gradient["z"])


def slope_in_words(rule: Callable[[sympy.Expr], sympy.Expr]) -> str:
    """The slope of a function of z as Python would write it; empty where it is long, or has cases."""
    expr = rule(symbol("z"))
    text = "" if expr.has(*KINKED) else str(sympy.diff(expr, symbol("z")))
    return text if len(text) <= MOST_LETTERS else ""


def _apply(rule: Callable[..., Any], *args: Any) -> Written:
    return Written(rule(*map(_plain, args)))


def _plain(one: Any) -> Any:
    """The expression; a float as the exact fraction that it is."""
    if isinstance(one, Written):
        return one.expr
    return sympy.Rational(float(one)) if isinstance(one, float | np.floating) else sympy.sympify(one)
