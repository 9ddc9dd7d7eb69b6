"""The gradient of a file's loss, without its gradient function: the complex step, else differences of eighth order.

Complex step: dL/dx = Im L(x + ih) / h, exact to rounding, where the loss computes with complex numbers
(Squire and Trapp, SIAM Review 40, 1998). It is believed only where it agrees with the differences.
"""

import contextlib
import types
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

Point = dict[str, Any]
Gradient = dict[str, np.ndarray]
# Central differences of order 8: Fornberg, Mathematics of Computation 51 (1988), table 1.
WEIGHTS = (4 / 5, -1 / 5, 4 / 105, -1 / 280)
# Coarse first; the finer ones where a kink is near or the function bends much.
STEPS = ((4e-3, 2e-3), (4e-4, 2e-4))
TINY = 1e-30
# Two steps of the differences must agree so well, in units of the largest entry; the complex step with them likewise.
CLOSE = 1e-6


def module_of(text: str) -> types.ModuleType:
    """The text, run as a module of its own."""
    module = types.ModuleType("planted")
    exec(compile(text, "planted.py", "exec"), module.__dict__)
    return module


@contextlib.contextmanager
def quietly() -> Iterator[None]:
    """A wrong program may divide by zero; that is not what is looked at here."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def copied(point: Point) -> Point:
    return {name: value.copy() if isinstance(value, np.ndarray) else value for name, value in point.items()}


def _moved(point: Point, name: str, index: tuple[int, ...], by: complex) -> Point:
    """The point with one entry moved."""
    moved = np.array(point[name], dtype=complex if isinstance(by, complex) else float)
    moved[index] += by
    return {**copied(point), name: moved if isinstance(point[name], np.ndarray) else moved.item()}


def _each(module: types.ModuleType, point: Point, slope: Any) -> Gradient:
    made = {name: np.zeros(np.shape(value)) for name, value in point.items()}
    for name, gradient in made.items():
        for index in np.ndindex(gradient.shape):
            gradient[index] = slope(lambda by, n=name, i=index: module.loss(**_moved(point, n, i, by)))
    return made


def differences(module: types.ModuleType, point: Point, step: float) -> Gradient:
    """Central differences of order 8."""

    def slope(along: Any) -> float:
        pairs = enumerate(WEIGHTS, 1)
        return sum(w * (float(along(k * step)) - float(along(-k * step))) for k, w in pairs) / step

    return _each(module, point, slope)


def complex_step(module: types.ModuleType, point: Point) -> Gradient:
    return _each(module, point, lambda along: np.imag(along(TINY * 1j)) / TINY)


def apart(one: Gradient, two: Gradient) -> float:
    """The largest difference of two gradients, parameter by parameter in units of the largest entry; inf for shapes."""
    worst = 0.0
    for name, wanted in two.items():
        have = np.asarray(one[name], dtype=float)
        if have.shape != wanted.shape or not np.isfinite(have).all():
            return np.inf
        scale = max(np.max(np.abs(wanted), initial=0.0), np.max(np.abs(have), initial=0.0))
        worst = max(worst, float(np.max(np.abs(have - wanted), initial=0.0)) / scale if scale else 0.0)
    return worst


def true_gradient(text: str, point: Point) -> Gradient | None:
    """None where neither way gives a number to believe: beside a kink, or under noise."""
    module = module_of(text)
    with quietly():
        for steps in STEPS:
            coarse, fine = (differences(module, point, step) for step in steps)
            if apart(coarse, fine) <= CLOSE:
                return _sharper(module, point, fine)
    return None


def _sharper(module: types.ModuleType, point: Point, fine: Gradient) -> Gradient:
    """The complex step where it agrees with the differences."""
    with contextlib.suppress(TypeError, ValueError):
        exact = complex_step(module, point)
        if apart(exact, fine) <= CLOSE:
            return exact
    return fine
