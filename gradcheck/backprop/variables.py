"""Variables: values under differentiation or on record, which plain NumPy code can compute with."""

import itertools
import operator
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import numpy as np

from gradcheck.backprop.primitives import PRIMITIVES, Primitive
from gradcheck.errors import UsageError

# NumPy's functions and ufuncs by our own of the same signature; `numpy_names` fills both tables.
FUNCTIONS: dict[Any, Callable[..., Any]] = {}
UFUNCS: dict[Any, Callable[..., Any]] = {}

_levels = itertools.count(1)


class Trace(Protocol):
    """What is done with every primitive that one of its variables enters; traces that began later lie further in.

    is_writable: may entries of its variables be assigned to, as those of arrays?
    """

    level: int
    is_writable: bool

    def run(self, name: str, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        """The primitive's value, as a variable of this trace."""

    def settle(self, variable: "Variable", kind: Callable[[Any], Any]) -> Any:
        """A plain value made of the variable by `kind` (bool, float, ...), on which a program may branch."""


def next_level() -> int:
    """A level further in than all traces before."""
    return next(_levels)


def apply(name: str, *args: Any, **options: Any) -> Any:
    """The primitive's value: of plain arrays a plain one, else a variable of the innermost trace among them."""
    trace = None
    for arg in args:
        if type(arg) is Variable and (trace is None or arg.sweep.level > trace.level):
            trace = arg.sweep
    if trace is None:
        return PRIMITIVES[name].value(*args, **options)
    return trace.run(name, args, options)


def define(name: str, primitive: Primitive) -> Callable[..., Any]:
    """The array function of a new primitive, which is put into the table under its name."""
    PRIMITIVES[name] = primitive

    def function(*args: Any, **options: Any) -> Any:
        return apply(name, *args, **options)

    function.__name__ = function.__qualname__ = name
    return function


class Variable:
    """A value and the trace it belongs to; `mark` is the trace's own (a slot on a tape, a tangent)."""

    __slots__ = ("mark", "sweep", "value")
    __array_priority__ = 1000.0
    __hash__ = object.__hash__

    def __init__(self, value: Any, sweep: Trace, mark: Any) -> None:
        self.value, self.sweep, self.mark = value, sweep, mark

    shape = property(lambda self: self.value.shape)
    ndim = property(lambda self: len(self.value.shape))
    size = property(lambda self: self.value.size)
    dtype = property(lambda self: self.value.dtype)
    T = property(lambda self: np.transpose(self))
    mT = property(lambda self: FUNCTIONS[np.swapaxes](self, -1, -2))
    real = property(lambda self: FUNCTIONS[np.real](self))
    imag = property(lambda self: FUNCTIONS[np.imag](self))
    flat = property(lambda self: iter(FUNCTIONS[np.ravel](self)))

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("len() of a variable without axes")
        return int(self.shape[0])

    def __iter__(self) -> Iterator[Any]:
        return (self[place] for place in range(len(self)))

    def __getitem__(self, index: Any) -> Any:
        return apply("take", self, index=plain_index(index))

    def __setitem__(self, index: Any, value: Any) -> None:
        if not self.sweep.is_writable:
            raise UsageError(
                "an entry of a value under differentiation was assigned to: "
                "use arrays.put(a, index, value), or np.where"
            )
        self.become(apply("put", self, value, index=plain_index(index)))

    def become(self, other: "Variable") -> "Variable":
        """The variable itself, which from now on stands for what another one does: writing in place."""
        self.value, self.mark = other.value, other.mark
        return self

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise UsageError(
            "a value under differentiation was put into a plain NumPy array: put it together by np.stack or "
            "np.concatenate instead of np.array(...) or assignment to entries"
        )

    def __array_ufunc__(self, ufunc: Any, method: str, *args: Any, **options: Any) -> Any:
        if "out" in options:
            raise UsageError(
                f"{ufunc.__name__} was to write a value under differentiation into an array: write a = a + b for a += b"
            )
        function = UFUNCS.get((ufunc, method))
        return NotImplemented if function is None else function(*args, **options)

    def __array_function__(self, function: Any, types: Any, args: Any, options: dict[str, Any]) -> Any:
        ours = FUNCTIONS.get(function)
        return NotImplemented if ours is None else ours(*args, **options)

    def __repr__(self) -> str:
        return f"Variable({self.value!r})"

    def __copy__(self) -> "Variable":
        return self

    def __deepcopy__(self, memo: Any) -> "Variable":
        return self

    def __float__(self) -> float:
        return float(self.sweep.settle(self, float))

    def __complex__(self) -> complex:
        return complex(self.sweep.settle(self, complex))

    def __int__(self) -> int:
        return int(self.sweep.settle(self, int))

    def __index__(self) -> int:
        return int(self.sweep.settle(self, operator.index))

    def __bool__(self) -> bool:
        return bool(self.sweep.settle(self, bool))

    def item(self) -> Any:
        """The one number as it is, outside of all differentiation."""
        return self.sweep.settle(self, lambda value: value.item())

    def tolist(self) -> Any:
        """The numbers as they are, outside of all differentiation."""
        return self.sweep.settle(self, lambda value: value.tolist())


def plain_index(index: Any) -> Any:
    """The index with variables in it (a mask, the place of a maximum) as plain arrays."""
    if isinstance(index, tuple):
        return tuple(plain_index(part) for part in index)
    if type(index) is Variable:
        return np.asarray(index.tolist(), dtype=index.dtype)
    return np.asarray(index) if isinstance(index, list) else index
