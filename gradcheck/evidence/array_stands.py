"""What code sees in the place of math and numpy while it runs on variables: buffers that take variables, lists of them.

NumPy itself hands every function of a variable to ours; what makes a new array without one it does not.
"""

import ast
import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from gradcheck.backprop.arrays import concatenate, reshape, stack
from gradcheck.backprop.kinds import shape_of
from gradcheck.backprop.numpy_names import twin
from gradcheck.backprop.tape import Tape
from gradcheck.backprop.variables import Variable
from gradcheck.program.shims import UNARY, Stand

NUMBER, DOT = "__gradcheck_number__", "__gradcheck_dot__"
BUFFERS = ("zeros", "ones", "empty", "full", "zeros_like", "ones_like", "empty_like", "full_like", "eye", "identity")


def array_stands(tape: Tape) -> dict[str, Stand]:
    """The stand-ins for a tape."""
    made = {name: _buffer(tape, getattr(np, name)) for name in BUFFERS}
    arrays = {name: _array(getattr(np, name)) for name in ("array", "asarray", "asanyarray", "ascontiguousarray")}
    numbers = {name: _of_number(getattr(math, name), getattr(np, other)) for name, other in UNARY.values()}
    return {"math": Stand(math, numbers), "numpy": Stand(np, {**made, **arrays, "r_": _Rows()})}


def number(value: Any = 0.0) -> Any:
    """float(value), which lets a variable of one number through."""
    return reshape(value, ()) if type(value) is Variable else float(value)


def dot(home: Any, *args: Any, **kwargs: Any) -> Any:
    """home.dot(*args); a plain array's own method knows no variables."""
    is_product = isinstance(home, np.ndarray) and len(args) == 1 and type(args[0]) is Variable
    return np.dot(home, args[0]) if is_product else home.dot(*args, **kwargs)


HELPERS: Mapping[str, Callable[..., Any]] = {NUMBER: number, DOT: dot}


def with_helpers(tree: ast.Module) -> ast.Module:
    """The tree with our helpers in the place of `float(...)` and `a.dot(...)`; it is changed."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Name) and node.func.id == "float":
            node.func.id = NUMBER
        elif isinstance(node.func, ast.Attribute) and node.func.attr == "dot":
            node.args.insert(0, node.func.value)
            node.func = ast.copy_location(ast.Name(DOT, ast.Load()), node.func)
    return tree


def _buffer(tape: Tape, real: Callable[..., Any]) -> Callable[..., Any]:
    def shim(first: Any, *args: Any, **kwargs: Any) -> Any:
        made = real(first.value if type(first) is Variable else first, *args, **kwargs)
        if made.dtype != np.float64:
            return made
        return tape.variable(np.zeros_like(made) if real in (np.empty, np.empty_like) else made)

    return shim


def _array(real: Callable[..., Any]) -> Callable[..., Any]:
    def shim(value: Any, *args: Any, **kwargs: Any) -> Any:
        return _joined(value) if _holds_variable(value) else real(value, *args, **kwargs)

    return shim


def _joined(value: Any) -> Any:
    """A nested list of variables and numbers as one variable."""
    if isinstance(value, list | tuple):
        return stack([_joined(part) for part in value])
    return twin(value)


class _Rows:
    """np.r_ of arrays and variables end to end."""

    def __getitem__(self, parts: Any) -> Any:
        if not (isinstance(parts, tuple) and _holds_variable(parts)):
            return np.r_[parts]
        return concatenate([part if shape_of(part) else reshape(part, (1,)) for part in parts])


def _holds_variable(value: Any) -> bool:
    return type(value) is Variable or (isinstance(value, list | tuple) and any(map(_holds_variable, value)))


def _of_number(real: Callable[..., Any], ours: Callable[..., Any]) -> Callable[..., Any]:
    def shim(value: Any, *args: Any) -> Any:
        return ours(value) if type(value) is Variable and not args else real(value, *args)

    return shim
