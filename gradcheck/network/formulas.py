"""A user's own function of one number, written once: every opinion reads it with its own functions."""

import ast
import inspect
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from gradcheck.errors import UsageError

# What a formula may be made of beside + - * / ** and comparisons; every opinion has a function of each name.
FUNCTIONS = (
    *("exp", "expm1", "log", "log1p", "sqrt", "square", "absolute", "maximum", "minimum", "where"),
    *("sin", "cos", "tan", "arctan", "sinh", "cosh", "tanh", "erf", "sigmoid", "softplus"),
)
Formula = Callable[[Any, SimpleNamespace], Any]
ALLOWED = (
    *(ast.Expression, ast.BinOp, ast.UnaryOp, ast.Compare, ast.Call, ast.Name, ast.Constant, ast.Load),
    *(ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.USub, ast.UAdd, ast.Lt, ast.LtE, ast.Gt, ast.GtE),
)


def formula_of(written: Callable[..., Any] | str) -> Formula:
    """The formula as a function of (z, f), f holding FUNCTIONS by name.

    written: a function of z and f, a function of z with NumPy's functions, or a text: "z*tanh(softplus(z))".
    Raises UsageError for anything else.
    """
    if isinstance(written, str):
        return _of_text(written)
    if not callable(written):
        raise UsageError(f"a formula is a function of z or a text, but is {written!r}: write lambda z, f: z*f.tanh(z)")
    count = _arguments(written)
    if count not in (1, 2):
        raise UsageError(f"a formula takes z, or z and the functions f, but this one takes {count} arguments")
    return written if count == 2 else lambda z, f: written(z)


def _of_text(text: str) -> Formula:
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except SyntaxError as error:
        raise UsageError(f"{text!r} is no formula: {error.msg}; write for example z*tanh(softplus(z))") from None
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id not in ("z", "abs", *FUNCTIONS):
            raise UsageError(f"{text!r} uses {node.id!r}: a formula is made of z, abs, {', '.join(FUNCTIONS)}")
        if not isinstance(node, ALLOWED) or (isinstance(node, ast.Constant) and type(node.value) not in (int, float)):
            words = "** for a power" if isinstance(node, ast.BitXor) else "where(z > 0, a, b) for a case"
            raise UsageError(f"{text!r} holds more than numbers, operators and functions: write {words}")
    code = compile(tree, text, "eval")
    return lambda z, f: eval(code, {"__builtins__": {}, "abs": abs, **vars(f), "z": z})


def _arguments(function: Callable[..., Any]) -> int:
    """How many arguments a call must give; 1 where Python cannot tell (NumPy's own functions)."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except ValueError:
        return 1
    return sum(one.default is one.empty and one.kind not in (one.VAR_KEYWORD, one.KEYWORD_ONLY) for one in parameters)
