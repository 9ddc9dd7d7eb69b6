"""Stand-ins for math and numpy while user code is traced: they let traced numbers through."""

import builtins
import math
import types
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from gradcheck.program.buffers import array, buffer, like
from gradcheck.program.derived import FORMULAS, TESTS, angle, hypotenuse, log_add_exp
from gradcheck.program.elimination import linear_algebra
from gradcheck.program.scalars import Traced, is_traced, lift, primitive
from gradcheck.program.tape import Tape

# Primitive -> its name in math and in numpy; both compute the value by their own function, so that it is the user's.
UNARY = {
    "exp": ("exp", "exp"),
    "expm1": ("expm1", "expm1"),
    "log": ("log", "log"),
    "log1p": ("log1p", "log1p"),
    "tanh": ("tanh", "tanh"),
    "sinh": ("sinh", "sinh"),
    "cosh": ("cosh", "cosh"),
    "sqrt": ("sqrt", "sqrt"),
    "sin": ("sin", "sin"),
    "cos": ("cos", "cos"),
    "arctan": ("atan", "arctan"),
    "abs": ("fabs", "abs"),
}


class Stand:
    """A module with some of its functions replaced; everything else is the module's own."""

    def __init__(self, module: types.ModuleType, replaced: Mapping[str, Any]) -> None:
        self.module = module
        self.replaced = replaced

    def __getattr__(self, name: str) -> Any:
        return self.replaced[name] if name in self.replaced else getattr(self.module, name)


def stand_ins(tape: Tape) -> dict[str, Stand]:
    """The modules that traced code sees in the place of math and numpy."""
    algebra = Stand(np.linalg, linear_algebra(tape))
    return {
        "math": Stand(math, _math(tape)),
        "numpy": Stand(np, {**_numpy(tape), "linalg": algebra}),
        "numpy.linalg": algebra,
    }


def substitute(space: dict[str, Any], stands: Mapping[str, Stand]) -> None:
    """Puts the stand-ins for math and numpy, and for single functions imported from them, into a namespace."""
    replaced = {}
    for stand in stands.values():
        replaced[id(stand.module)] = stand
        for name, shim in stand.replaced.items():
            replaced[id(getattr(stand.module, name, None))] = shim
    for name, value in list(space.items()):
        if id(value) in replaced and value is not None:
            space[name] = replaced[id(value)]


def each(tape: Tape, function: Callable[[Traced], Any], value: Any) -> Any:
    """The function of every number of a traced array, list or number."""
    if isinstance(value, Traced):
        return function(value)
    array = np.asarray(value, dtype=object)
    result = np.empty(array.shape, dtype=object)
    for index in np.ndindex(*array.shape):
        number = lift(tape, array[index])
        if number is None:
            raise tape.refuse(f"a function of {type(array[index]).__name__}")
        result[index] = function(number)
    return result if array.shape else result[()]


def _elementwise(tape: Tape, real: Callable[..., Any], function: Callable[[Traced], Any]) -> Callable[..., Any]:
    def shim(value: Any, *args: Any, **kwargs: Any) -> Any:
        if not is_traced(value):
            return real(value, *args, **kwargs)
        if args or kwargs:
            raise tape.refuse(f"{real.__name__} with further arguments")
        return each(tape, function, value)

    return shim


def _math(tape: Tape) -> dict[str, Any]:
    def log(x: Any, base: Any = None) -> Any:
        return shims["_log"](x) if base is None else shims["_log"](x) / shims["_log"](base)

    def power(x: Any, y: Any) -> Any:
        return x**y if is_traced(x) or is_traced(y) else math.pow(x, y)

    def total(values: Any) -> Any:
        values = list(values)
        return sum(values) if any(map(is_traced, values)) else math.fsum(values)

    shims: dict[str, Any] = {}
    for op, (name, _) in UNARY.items():
        real = getattr(math, name)
        shims[name] = _elementwise(tape, real, primitive(op, real))
    shims |= _derived(tape, math)
    shims |= {"_log": shims["log"], "log": log, "pow": power, "fsum": total}
    return shims


def _numpy(tape: Tape) -> dict[str, Any]:
    shims: dict[str, Any] = {}
    for op, (_, name) in UNARY.items():
        real = getattr(np, name)
        shims[name] = _elementwise(tape, real, primitive(op, real))
    shims |= {"absolute": shims["abs"], "fabs": shims["abs"]}
    shims |= _derived(tape, np)
    shims["square"] = _elementwise(tape, np.square, lambda x: x * x)
    shims["sign"] = _elementwise(tape, np.sign, lambda x: float(x > 0) - float(x < 0))
    shims["reciprocal"] = _elementwise(tape, np.reciprocal, lambda x: 1 / x)
    shims |= {name: _extreme(tape, name) for name in ("maximum", "minimum")}
    shims |= {name: buffer(tape, name) for name in ("zeros", "ones", "empty", "full")}
    shims |= {name: like(tape, name) for name in ("zeros_like", "ones_like", "empty_like", "full_like")}
    shims |= {name: array(name) for name in ("array", "asarray", "asanyarray", "ascontiguousarray")}
    return shims


def _derived(tape: Tape, module: types.ModuleType) -> dict[str, Any]:
    """What the primitives can say of other functions, and tests of a number."""
    named = {own[module is np]: rule for *own, rule in FORMULAS}
    shims = {
        name: _elementwise(tape, getattr(module, name), rule) for name, rule in named.items() if name in dir(module)
    }
    shims |= {name: _as_bool(_elementwise(tape, getattr(module, name), _tested(name))) for name in TESTS}
    pairs = {"hypot": hypotenuse, ("arctan2" if module is np else "atan2"): angle, "logaddexp": log_add_exp}
    return shims | {name: _of_several(tape, module, name, rule) for name, rule in pairs.items() if name in dir(module)}


def _tested(name: str) -> Callable[[Traced], Any]:
    test = getattr(math, name)
    return lambda x: test(x.value)


def _of_several(tape: Tape, module: types.ModuleType, name: str, rule: Callable[..., Any]) -> Callable[..., Any]:
    """A function of two or more numbers, entry by entry in numpy."""
    real = getattr(module, name)

    def shim(*args: Any, **kwargs: Any) -> Any:
        if not any(map(is_traced, args)):
            return real(*args, **kwargs)
        if kwargs or (module is np and len(args) != 2):
            raise tape.refuse(f"{name} with further arguments")
        return np.frompyfunc(rule, 2, 1)(*args) if module is np else rule(*args)

    return shim


def _as_bool(test: Callable[..., Any]) -> Callable[..., Any]:
    def shim(value: Any, *args: Any, **kwargs: Any) -> Any:
        result = test(value, *args, **kwargs)
        return result.astype(bool) if isinstance(result, np.ndarray) else result

    return shim


def _extreme(tape: Tape, op: str) -> Callable[..., Any]:
    """np.maximum or np.minimum: a primitive of its own, so that the program holds on both sides of the kink."""
    real = getattr(np, op)

    def pick(a: Any, b: Any) -> Any:
        left, right = lift(tape, a), lift(tape, b)
        if left is None or right is None:
            raise tape.refuse(f"{op} of {type(a).__name__} and {type(b).__name__}")
        value = float(real(left.value, right.value))
        if not (tape.varies[left.node] or tape.varies[right.node]):
            return left if value == left.value else right
        return Traced(tape, tape.add(op, (left.node, right.node), value), value)

    def shim(a: Any, b: Any, *args: Any, **kwargs: Any) -> Any:
        if not (is_traced(a) or is_traced(b)):
            return real(a, b, *args, **kwargs)
        if args or kwargs:
            raise tape.refuse(f"{op} with further arguments")
        return np.frompyfunc(pick, 2, 1)(a, b)

    return shim


def importer(tape: Tape, stands: Mapping[str, Stand]) -> Callable[..., Any]:
    """`__import__` for the file: inside a traced function `import numpy as np` gives the stand-in, too."""

    def load(name: str, space: Any = None, local: Any = None, fromlist: Any = (), level: int = 0) -> Any:
        found = name if fromlist else name.partition(".")[0]  # `import numpy.linalg` gives numpy
        if tape.running and level == 0 and found in stands:
            return stands[found]
        return builtins.__import__(name, space, local, fromlist, level)

    return load
