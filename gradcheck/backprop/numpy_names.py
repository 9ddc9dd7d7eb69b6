"""NumPy's own functions by ours: what makes plain NumPy code differentiable. Importing the module fills the tables."""

from collections.abc import Callable
from typing import Any

import numpy as np

from gradcheck.backprop import arrays
from gradcheck.backprop.kinds import dtype_of, shape_of
from gradcheck.backprop.operators import raised
from gradcheck.backprop.primitives import PRIMITIVES
from gradcheck.backprop.rules.comparisons import all_, any_, argmax, argmin, argsort
from gradcheck.backprop.variables import FUNCTIONS, UFUNCS, Variable, apply, plain_index

# Ufuncs that are no primitive's own value.
OTHERS = {
    "fabs": "abs",
    "positive": "identity",
    "logical_and": "bitwise_and",
    "logical_or": "bitwise_or",
    "logical_not": "invert",
}
# fmt: off
OURS = [
    "sum", "max", "min", "mean", "var", "std", "prod", "cumsum", "reshape", "ravel", "transpose", "moveaxis",
    "swapaxes", "expand_dims", "squeeze", "broadcast_to", "astype", "concatenate", "stack", "split", "pad",
    "flip", "roll", "take", "take_along_axis", "sort", "repeat", "tile", "dot", "einsum", "tensordot", "outer",
    "diagonal", "trace", "tril", "triu", "clip", "angle",
]
# fmt: on
LINALG = ["solve", "inv", "det", "slogdet", "cholesky"]


def _hypot(a: Any, b: Any) -> Any:
    return arrays.norm(arrays.stack([a + 0 * b, b + 0 * a]), 0)


def twin(a: Any) -> Any:
    """The same value as a variable of its own, which may be written into without the other."""
    return Variable(a.value, a.sweep, a.mark) if type(a) is Variable else a


def _add_at(a: Any, index: Any, values: Any) -> None:
    """np.add.at, into a variable that may be written into."""
    place = plain_index(index)
    filled = arrays.broadcast_to(values, np.empty(shape_of(a))[place].shape)
    a.become(a + apply("assemble", filled, indices=(place,), shape=shape_of(a)))


def _diag(a: Any, k: int = 0) -> Any:
    """np.diag: the diagonal of a matrix, or the matrix of a diagonal."""
    if len(shape_of(a)) > 1:
        return arrays.diagonal(a, k)
    size = shape_of(a)[0] + abs(k)
    rows = np.arange(shape_of(a)[0]) + max(-k, 0)
    return apply("assemble", a, indices=((rows, rows + k),), shape=(size, size))


def _filled(value: float) -> Callable[..., Any]:
    return lambda a, dtype=None, **_: np.full(shape_of(a), value, dtype or dtype_of(a))


def _linalg_norm(a: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    """np.linalg.norm where it is the Euclidean one."""
    if ord not in (None, 2, "fro") or (ord == 2 and axis is None and len(shape_of(a)) > 1):
        return NotImplemented
    return arrays.norm(a, axis, keepdims)


def _fill_ufuncs() -> None:
    for name, primitive in PRIMITIVES.items():
        if isinstance(primitive.value, np.ufunc):
            UFUNCS[primitive.value, "__call__"] = _applied(name)
    for numpy_name, name in OTHERS.items():
        UFUNCS[getattr(np, numpy_name), "__call__"] = _applied(name)
    for name in ("log2", "log10"):
        UFUNCS[getattr(np, name), "__call__"] = getattr(arrays, name)
    UFUNCS[np.matmul, "__call__"] = FUNCTIONS[np.matmul] = arrays.matmul
    UFUNCS[np.hypot, "__call__"] = _hypot
    UFUNCS[np.add, "at"] = _add_at
    UFUNCS[np.power, "__call__"] = UFUNCS[np.float_power, "__call__"] = raised
    for ufunc, reduction in ((np.add, arrays.sum), (np.maximum, arrays.max), (np.minimum, arrays.min)):
        UFUNCS[ufunc, "reduce"] = lambda a, axis=0, keepdims=False, reduction=reduction: reduction(a, axis, keepdims)
    UFUNCS[np.multiply, "reduce"] = lambda a, axis=0, keepdims=False: arrays.prod(a, axis, keepdims)


def _applied(name: str) -> Callable[..., Any]:
    return lambda *args: apply(name, *args)


def _fill_functions() -> None:
    for name in OURS:
        FUNCTIONS[getattr(np, name, name)] = getattr(arrays, name)
        FUNCTIONS[name] = getattr(arrays, name)
    for name in LINALG:
        FUNCTIONS[getattr(np.linalg, name)] = getattr(arrays, name)
    FUNCTIONS[np.linalg.norm] = _linalg_norm
    FUNCTIONS.update(_renamed())


def _renamed() -> dict[Any, Callable[..., Any]]:
    return {
        np.amax: arrays.max,
        np.amin: arrays.min,
        np.where: arrays.where,
        np.real: arrays.real,
        np.imag: arrays.imag,
        np.conj: arrays.conjugate,
        np.argmax: argmax,
        np.argmin: argmin,
        np.argsort: argsort,
        np.any: any_,
        np.all: all_,
        np.round: lambda a, decimals=0: apply("rint", a * 10.0**decimals) / 10.0**decimals,
        np.shape: shape_of,
        np.ndim: lambda a: len(shape_of(a)),
        np.size: lambda a, axis=None: int(np.prod(shape_of(a) if axis is None else shape_of(a)[axis])),
        np.copy: lambda a, **_: twin(a),
        np.diag: _diag,
        np.iscomplexobj: lambda a: dtype_of(a).kind == "c",
        np.zeros_like: _filled(0.0),
        np.ones_like: _filled(1.0),
        np.full_like: lambda a, value, dtype=None, **_: np.full(shape_of(a), value, dtype or dtype_of(a)),
        np.atleast_1d: lambda a: a if shape_of(a) else arrays.reshape(a, (1,)),
        np.atleast_2d: lambda a: a if len(shape_of(a)) > 1 else arrays.reshape(a, (1, -1)),
        np.hstack: lambda parts: arrays.concatenate(parts, 0 if len(shape_of(parts[0])) == 1 else 1),
        np.vstack: lambda parts: arrays.concatenate([FUNCTIONS[np.atleast_2d](part) for part in parts], 0),
        np.array_split: arrays.split,
        np.vdot: lambda a, b: arrays.sum(arrays.conjugate(arrays.ravel(a)) * arrays.ravel(b)),
        np.inner: lambda a, b: arrays.tensordot(a, b, (-1, -1)),
        np.fliplr: lambda a: arrays.flip(a, 1),
        np.flipud: lambda a: arrays.flip(a, 0),
        np.broadcast_arrays: lambda *parts: [
            arrays.broadcast_to(part, np.broadcast_shapes(*map(shape_of, parts))) for part in parts
        ],
        np.diff: lambda a, n=1, axis=-1: a if n == 0 else FUNCTIONS[np.diff](_difference(a, axis), n - 1, axis),
        np.nan_to_num: lambda a: arrays.where(apply("isfinite", a), a, 0.0),
    }


def _difference(a: Any, axis: int) -> Any:
    before = (slice(None),) * (axis % len(shape_of(a)))
    return a[(*before, slice(1, None))] - a[(*before, slice(None, -1))]


_fill_ufuncs()
_fill_functions()
