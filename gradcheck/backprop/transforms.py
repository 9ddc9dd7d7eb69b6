"""Derivatives of plain functions: gradient, vjp, jvp, jacobian, hessian, hvp, which can be nested as wanted.

A point `at` is as everywhere: an array for f(x), a tuple for f(*at), a dict for f(**at), its leaves nested as wanted.
Derivatives come back in its structure. f is written with NumPy's functions or those of `arrays`.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from gradcheck.backprop.arrays import reshape, stack
from gradcheck.backprop.kinds import dtype_of, is_complex, shape_of
from gradcheck.backprop.structures import called, leaves_of, mapped, rebuilt
from gradcheck.backprop.tangents import Tangents
from gradcheck.backprop.tape import Tape
from gradcheck.backprop.variables import Variable
from gradcheck.errors import UsageError

Function = Callable[..., Any]


def value_and_gradient(f: Function, at: Any) -> tuple[Any, Any]:
    """f(at) and its gradient; of complex numbers dL/d(real) + i dL/d(imag).

    Raises UsageError unless f is one real number.
    """
    value, pullback = vjp(f, at)
    if shape_of(value) != () or is_complex(value):
        kind = "complex" if is_complex(value) else f"of shape {shape_of(value)}"
        raise UsageError(f"a gradient needs one real number but f is {kind}: take a sum, or ask for the jacobian")
    return value, pullback(np.ones((), dtype_of(value)))


def gradient(f: Function, at: Any) -> Any:
    """The gradient of f at a point, in the point's structure."""
    return value_and_gradient(f, at)[1]


def vjp(f: Function, at: Any) -> tuple[Any, Callable[[Any], Any]]:
    """f(at), and the pullback: a cotangent of the value, in its structure, to one of the point."""
    tape = Tape()
    entered = mapped(at, tape.variable)
    value = called(f, entered)

    def pullback(y_bar: Any) -> Any:
        return rebuilt(at, tape.pullback(leaves_of(value), leaves_of(y_bar), leaves_of(entered)))

    return mapped(value, lambda leaf: _left(leaf, tape)), pullback


def jvp(f: Function, at: Any, tangent: Any) -> tuple[Any, Any]:
    """f(at), and its tangent: the slope of f along `tangent`, which has the point's structure."""
    sweep = Tangents()
    pairs = zip(leaves_of(at), leaves_of(tangent), strict=True)
    entered = rebuilt(at, [sweep.variable(_array(leaf), _array(dot)) for leaf, dot in pairs])
    value = called(f, entered)
    return mapped(value, lambda leaf: _left(leaf, sweep)), mapped(value, lambda leaf: _tangent(leaf, sweep))


def hvp(f: Function, at: Any, direction: Any) -> Any:
    """The Hessian of f times a direction, forward over reverse: a few evaluations of f whatever its size."""
    structure, flat = at, leaves_of(at)
    slopes = jvp(
        lambda *leaves: tuple(leaves_of(gradient(f, rebuilt(structure, leaves)))),
        tuple(flat),
        tuple(leaves_of(direction)),
    )
    return rebuilt(at, slopes[1])


def jacobian(f: Function, at: Any) -> Any:
    """The slopes of every entry of f by every entry of the point: (shape of f) + (shape of the leaf), per leaf.

    Row by row in reverse where f has no more entries than the point, else column by column. Real f and point.
    """
    value, pullback = vjp(f, at)
    sizes = [int(np.prod(shape_of(leaf))) for leaf in leaves_of(at)]
    if np.prod(shape_of(value)) > np.sum(sizes):
        return _by_columns(f, at)
    rows = [leaves_of(pullback(unit)) for unit in _units(value)]
    stacked = [reshape(stack(column), (*shape_of(value), *shape_of(column[0]))) for column in zip(*rows, strict=True)]
    return rebuilt(at, stacked)


def hessian(f: Function, at: Any) -> Any:
    """The second derivatives of f at an array: (shape of the array) twice; forward over reverse, by columns."""
    columns = [hvp(f, at, unit) for unit in _units(at)]
    return reshape(stack(columns), (*shape_of(at), *shape_of(at)))


def _by_columns(f: Function, at: Any) -> Any:
    leaves, found = leaves_of(at), []
    for place, leaf in enumerate(leaves):
        still = [np.zeros(shape_of(other), dtype_of(other)) for other in leaves]
        columns = [jvp(f, at, rebuilt(at, [*still[:place], unit, *still[place + 1 :]]))[1] for unit in _units(leaf)]
        found.append(reshape(stack(columns, -1), (*shape_of(columns[0]), *shape_of(leaf))))
    return rebuilt(at, found)


def _units(like: Any) -> list[Any]:
    """The unit arrays of a shape, one for each entry."""
    size = int(np.prod(shape_of(like)))
    return list(np.eye(size, dtype=dtype_of(like)).reshape(size, *shape_of(like)))


def _array(leaf: Any) -> Any:
    return leaf if hasattr(leaf, "dtype") else np.asarray(leaf)


def _left(leaf: Any, trace: Any) -> Any:
    """A value outside of its trace."""
    return leaf.value if type(leaf) is Variable and leaf.sweep is trace else leaf


def _tangent(leaf: Any, sweep: Tangents) -> Any:
    inside = type(leaf) is Variable and leaf.sweep is sweep
    return leaf.mark if inside else np.zeros(shape_of(leaf), dtype_of(leaf))
