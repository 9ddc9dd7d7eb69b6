"""Stand-ins for arrays: NumPy code that is run on them writes expressions."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import sympy

from gradcheck.errors import UsageError
from gradcheck.symbolic.readings.elementwise import FUNCTIONS, OPERATORS
from gradcheck.symbolic.readings.sheets import Exprs

Keep = Callable[[Exprs], Exprs]
ELEMENTWISE = FUNCTIONS | OPERATORS


class Written(np.lib.mixins.NDArrayOperatorsMixin):
    """Expressions in an array, of which NumPy's operators and functions make further ones.

    keep: what expressions go through before others are made of them: long ones get a name there.
    """

    def __init__(self, exprs: Any, keep: Keep = lambda exprs: exprs) -> None:
        self.exprs, self.keep = exprs_of(exprs), keep

    shape = property(lambda self: self.exprs.shape)
    ndim = property(lambda self: self.exprs.ndim)
    size = property(lambda self: self.exprs.size)
    dtype = property(lambda self: np.dtype(np.float64))
    T = property(lambda self: np.transpose(self))
    mT = property(lambda self: np.swapaxes(self, -1, -2))
    expr = property(lambda self: self.exprs.item())

    def __len__(self) -> int:
        return len(self.exprs)

    def __iter__(self) -> Iterator["Written"]:
        return (self[place] for place in range(len(self)))

    def __getitem__(self, index: Any) -> "Written":
        return Written(self.exprs[index], self.keep)

    def __setitem__(self, index: Any, value: Any) -> None:
        raise UsageError("the formula assigns to an entry: put the array together by np.stack or np.where")

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise UsageError("the formula puts a value into a plain array: put it together by np.stack or np.concatenate")

    def __bool__(self) -> bool:
        raise UsageError("the formula asks whether something holds: write where(z > 0, a, b) for a case")

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        raise _unread(name)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *args: Any, **options: Any) -> Any:
        if method == "__call__" and not options:
            if ufunc is np.matmul:
                return _made(np.matmul, args, {}, True)
            if ufunc.__name__ in ELEMENTWISE:
                return applied(ELEMENTWISE[ufunc.__name__], *args)
        raise _unread(ufunc.__name__)

    def __array_function__(self, function: Any, types: Any, args: Any, options: Any) -> Any:
        if function is np.where and not options:
            return applied(FUNCTIONS["where"], *args)
        if function in OTHERWISE:
            return OTHERWISE[function](*args, **options)
        if function in SUMMING or function in MOVING:
            return _made(function, args, options, function in SUMMING)
        raise _unread(function.__name__)


def exprs_of(value: Any) -> Exprs:
    """An array of expressions; floats become the exact fractions that they are."""
    array = np.empty((), dtype=object)
    if isinstance(value, np.ndarray):
        array = value
    else:
        array[()] = value
    return np.asarray(np.frompyfunc(_expression, 1, 1)(array), dtype=object)


def _expression(one: Any) -> Any:
    return sympy.Rational(float(one)) if isinstance(one, float | np.floating) else sympy.sympify(one)


def applied(rule: Callable[..., Any], *args: Any) -> Written:
    """rule(a, b, ...) for all numbers of arrays that are stretched to a common shape."""
    keep = _keep_of(args)
    exprs = [keep(arg.exprs) if isinstance(arg, Written) else exprs_of(np.asarray(arg)) for arg in args]
    return Written(np.asarray(np.frompyfunc(rule, len(exprs), 1)(*exprs), dtype=object), keep)


def _made(function: Callable[..., Any], args: Any, options: Any, makes_new: bool) -> Any:
    """What a function of NumPy makes of the expressions themselves."""
    keep = _keep_of(args)
    found = function(*_opened(args, makes_new), **_opened(options, makes_new))
    return [Written(one, keep) for one in found] if isinstance(found, list) else Written(found, keep)


def _opened(value: Any, makes_new: bool) -> Any:
    """Arguments with the expressions in the place of the stand-ins, and fractions in the place of floats."""
    if isinstance(value, Written):
        return value.keep(value.exprs) if makes_new else value.exprs
    if isinstance(value, tuple | list):
        return type(value)(_opened(one, makes_new) for one in value)
    if isinstance(value, dict):
        return {name: _opened(one, makes_new) for name, one in value.items()}
    return exprs_of(value) if isinstance(value, np.ndarray) and value.dtype.kind == "f" else value


def _keep_of(args: Any) -> Keep:
    """That of the first stand-in among arguments, which may stand in lists."""
    for arg in args:
        if isinstance(arg, Written):
            return arg.keep
        if isinstance(arg, tuple | list) and any(isinstance(one, Written) for one in arg):
            return _keep_of(arg)
    return lambda exprs: exprs


def _unread(name: str) -> UsageError:
    return UsageError(f"the symbolic opinion does not read {name}: use {', '.join(FUNCTIONS)}, sums and products")


def _extreme(extreme: Callable[..., Any]) -> Callable[..., Any]:
    """The largest or the smallest along axes."""

    def along(a: Written, axis: Any = None, keepdims: bool = False) -> Written:
        axes = tuple(range(a.ndim)) if axis is None else tuple(np.atleast_1d(axis).tolist())
        exprs = np.moveaxis(a.keep(a.exprs), axes, range(len(axes)))
        rows = exprs.reshape(-1, *exprs.shape[len(axes) :])
        found = np.asarray(np.frompyfunc(extreme, len(rows), 1)(*rows), dtype=object)
        return Written(np.expand_dims(found, axes) if keepdims else found, a.keep)

    return along


def _variance(a: Written, axis: Any = None, ddof: int = 0, keepdims: bool = False) -> Any:
    off = np.square(a - np.mean(a, axis=axis, keepdims=True))
    mean = np.mean(off, axis=axis, keepdims=keepdims)
    count = a.size // max(1, mean.size)
    return mean * (count / (count - ddof)) if ddof else mean


def _norm(a: Written, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    if ord not in (None, 2, "fro") or (ord == 2 and axis is None and a.ndim > 1):
        raise _unread(f"the norm of order {ord!r}")
    return np.sqrt(np.sum(np.square(a), axis=axis, keepdims=keepdims))


# These make sums and products of expressions as they do of numbers, those only move numbers about.
SUMMING = {
    *(np.sum, np.mean, np.prod, np.cumsum, np.trace, np.diff),
    *(np.dot, np.vdot, np.inner, np.outer, np.einsum, np.tensordot),
}
MOVING = {
    *(np.reshape, np.ravel, np.transpose, np.swapaxes, np.moveaxis, np.expand_dims, np.squeeze, np.broadcast_to),
    *(np.concatenate, np.stack, np.hstack, np.vstack, np.split, np.array_split, np.repeat, np.tile, np.flip, np.roll),
    *(np.take, np.diagonal, np.tril, np.triu, np.pad, np.copy, np.atleast_1d, np.atleast_2d),
}
OTHERWISE: dict[Any, Callable[..., Any]] = {
    np.max: _extreme(sympy.Max),
    np.min: _extreme(sympy.Min),
    np.var: _variance,
    np.std: lambda a, *args, **options: np.sqrt(_variance(a, *args, **options)),
    np.clip: lambda a, low, high: np.minimum(np.maximum(a, low), high),
    np.linalg.norm: _norm,
    np.shape: lambda a: a.shape,
    np.ndim: lambda a: a.ndim,
    np.size: lambda a, axis=None: a.size if axis is None else a.shape[axis],
    np.zeros_like: lambda a, **_: np.zeros(a.shape),
    np.ones_like: lambda a, **_: np.ones(a.shape),
}


def _methods() -> None:
    """The methods of an array that are also functions of NumPy."""
    alike = (np.sum, np.mean, np.prod, np.var, np.std, np.max, np.min, np.swapaxes, np.ravel, np.squeeze, np.dot)
    for function in (*alike, np.cumsum, np.diagonal, np.trace, np.repeat, np.take):
        name = function.__name__.removeprefix("a") if function in (np.max, np.min) else function.__name__
        setattr(Written, name, lambda a, *args, of=function, **options: of(a, *args, **options))
    methods: dict[str, Callable[..., Any]] = {
        "reshape": lambda a, *shape: np.reshape(a, shape[0] if len(shape) == 1 else shape),
        "transpose": lambda a, *axes: np.transpose(a, axes[0] if len(axes) == 1 else axes or None),
        "flatten": lambda a: np.ravel(a),
        "copy": lambda a: a,
        "astype": lambda a, *_, **__: a,
    }
    for name, method in methods.items():
        setattr(Written, name, method)


_methods()
