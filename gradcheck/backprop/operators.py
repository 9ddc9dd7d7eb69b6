"""Python's operators and the methods of arrays, for variables. Importing the module gives them to the class."""

from typing import Any

import numpy as np

from gradcheck.backprop.variables import FUNCTIONS, Variable, apply

# The powers that are simpler functions are these, as in NumPy.
POWERS: dict[Any, str] = {1: "identity", 2: "square", 0.5: "sqrt", -1: "reciprocal"}


def _binary(name: str, a: Any, b: Any) -> Any:
    if name == "matmul":
        return FUNCTIONS[np.matmul](a, b)
    return raised(a, b) if name == "pow" else apply(name, a, b)


def raised(a: Any, b: Any) -> Any:
    """a**b."""
    simple = POWERS.get(b) if isinstance(b, int | float) else None
    return apply(simple, a) if simple else apply("pow", a, b)


def _operators() -> None:
    """Python's operators, each the primitive of its name, and from the other side."""
    binary = {"add": "add", "sub": "sub", "mul": "mul", "truediv": "div", "pow": "pow", "matmul": "matmul"}
    compare = {
        "lt": "less",
        "le": "less_equal",
        "gt": "greater",
        "ge": "greater_equal",
        "eq": "equal",
        "ne": "not_equal",
    }
    logic = {"and": "bitwise_and", "or": "bitwise_or", "xor": "bitwise_xor"}
    for short, name in {**binary, **logic}.items():
        setattr(Variable, f"__{short}__", lambda a, b, name=name: _binary(name, a, b))
        setattr(Variable, f"__r{short}__", lambda b, a, name=name: _binary(name, a, b))
    for short, name in compare.items():
        setattr(Variable, f"__{short}__", lambda a, b, name=name: apply(name, a, b))
    for short, name in {"neg": "neg", "abs": "abs", "invert": "invert"}.items():
        setattr(Variable, f"__{short}__", lambda a, name=name: apply(name, a))
    for short, name in {"iadd": "add", "isub": "sub", "imul": "mul", "itruediv": "div", "ipow": "pow"}.items():
        setattr(Variable, f"__{short}__", lambda a, b, name=name: _in_place(a, _binary(name, a, b)))
    setattr(Variable, "__pos__", lambda a: a)  # noqa: B010 - as the others


def _in_place(a: Variable, new: Any) -> Any:
    """What `a += b` leaves: the array itself, changed, where arrays may be; numbers are never changed."""
    can_be = type(new) is Variable and new.sweep is a.sweep and a.sweep.is_writable
    return a.become(new) if can_be and a.shape and a.shape == new.shape else new


def _methods() -> None:
    """The methods of an array that are also functions of NumPy."""
    names = "sum prod mean std var max min reshape transpose swapaxes ravel squeeze conj dot cumsum clip argmax argmin "
    names += "argsort diagonal trace repeat take all any round copy astype flatten"
    for name in names.split():
        known = {"copy": "copy", "astype": "astype", "flatten": "ravel"}
        function = getattr(np, known.get(name, name), name)
        setattr(Variable, name, lambda a, *args, key=function, **options: FUNCTIONS[key](a, *args, **options))


_operators()
_methods()
