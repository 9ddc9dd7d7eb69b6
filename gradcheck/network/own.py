"""A user's own kind of layer: one formula for whole batches, from which every opinion reads what it needs."""

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, make_dataclass
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np

from gradcheck.errors import GradcheckError, NetworkError, UsageError
from gradcheck.network.dense import Shape, Shapes, need_axes
from gradcheck.network.numbers import hundredths

# The samples on which a formula is run to see what shape leaves it.
SAMPLES = 2
KINDS_OF_SETTING = (bool, int, float, str, tuple)


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a kind of layer is computed, samples in the first axis of x and y.

    forward: (x, params, **settings) -> y. shapes: (entering, **settings) -> the shape of every parameter.
    backward: (dy, x, params, **settings) -> (dx, dparams), or None. axes: how many a sample must have, None for any.
    """

    name: str
    forward: Callable[..., Any]
    shapes: Callable[..., Any]
    backward: Callable[..., Any] | None = None
    axes: int | None = None


@dataclass(frozen=True)
class Own:
    """What all kinds of a user's own layers have in common; `settings` are the fields of the kind."""

    recipe: ClassVar[Recipe]

    @property
    def settings(self) -> dict[str, Any]:
        """The settings of this layer by name."""
        return {one.name: getattr(self, one.name) for one in fields(self)}

    def parameters(self, entering: Shape) -> Shapes:
        """What the user's function of the shape says; raises NetworkError where that is no shapes by name."""
        return dict(_shapes_of(self, tuple(entering)))

    def leaving(self, entering: Shape) -> Shape:
        """What the formula makes of numbers of that shape; raises NetworkError where it makes no batch of them."""
        return _leaving(self, tuple(entering))

    def computed(self, x: Any, params: Mapping[str, Any]) -> Any:
        """The formula at arrays, or at what stands for arrays in an opinion."""
        return self.recipe.forward(x, params, **self.settings)


def kind_of(recipe: Recipe, settings: Mapping[str, Any]) -> type[Own]:
    """The kind of layer of a recipe, a frozen value with these settings as its fields; `hard_max` becomes HardMax."""
    for name, value in settings.items():
        if not isinstance(value, KINDS_OF_SETTING):
            kinds = ", ".join(kind.__name__ for kind in KINDS_OF_SETTING)
            raise UsageError(f"the setting {name!r} of {recipe.name!r} is {value!r} by default: take one of {kinds}")
    told = [(name, type(value), value) for name, value in settings.items()]
    called = "".join(part.capitalize() for part in recipe.name.split("_"))
    return make_dataclass(called, told, bases=(Own,), namespace={"recipe": recipe}, frozen=True)


def settings_of(forward: Callable[..., Any]) -> dict[str, Any]:
    """The arguments of a formula that have a default: they are what a layer can be set to."""
    parameters = inspect.signature(forward).parameters.values()
    return {one.name: one.default for one in parameters if one.default is not one.empty}


def required(function: Callable[..., Any]) -> int:
    """How many arguments of a function have no default."""
    return sum(one.default is one.empty for one in inspect.signature(function).parameters.values())


@lru_cache(maxsize=256)
def _shapes_of(layer: Own, entering: Shape) -> tuple[tuple[str, Shape], ...]:
    name, shapes = layer.recipe.name, layer.recipe.shapes
    told = _called(layer, entering, shapes, entering, **_taken_by(shapes, layer.settings))
    if not isinstance(told, Mapping):
        raise NetworkError(f"the parameters of {name!r} are {told!r}: give their shapes by name, {{'g': shape[-1:]}}")
    for letters, shape in told.items():
        if not isinstance(letters, str) or not re.fullmatch("[A-Za-z]+", letters) or letters in ("a", "x"):
            mend = "take letters alone, as in g or Wq, but neither x nor a, which are what goes in and comes out"
            raise NetworkError(f"{letters!r} is no name for a parameter of {name!r}: {mend}")
        if not isinstance(shape, tuple | list) or not all(isinstance(side, int) and side > 0 for side in shape):
            raise NetworkError(f"parameter {letters!r} of {name!r} has shape {shape!r}: give whole numbers, as in (3,)")
    return tuple((letters, tuple(shape)) for letters, shape in told.items())


@lru_cache(maxsize=256)
def _leaving(layer: Own, entering: Shape) -> Shape:
    name = layer.recipe.name
    if layer.recipe.axes is not None:
        need_axes(name, entering, layer.recipe.axes, f"with {layer.recipe.axes} axes")
    params = {letters: hundredths(shape) for letters, shape in layer.parameters(entering).items()}
    with np.errstate(all="ignore"):
        made = np.shape(_called(layer, entering, layer.computed, hundredths((SAMPLES, *entering)), params))
    if len(made) < 2 or made[0] != SAMPLES:
        told = f"makes shape {made} of {SAMPLES} samples of shape {entering}"
        raise NetworkError(f"{name!r} {told}: keep the samples in the first axis, and one axis more")
    return tuple(made[1:])


def _called(layer: Own, entering: Shape, function: Callable[..., Any], *args: Any, **options: Any) -> Any:
    """The value; raises NetworkError where the user's code raises."""
    try:
        return function(*args, **options)
    except GradcheckError:
        raise
    except Exception as error:
        told = f"{layer.recipe.name!r} raises {type(error).__name__} for samples of shape {entering}: {error}"
        raise NetworkError(f"{told}; x holds the samples in its first axis") from error


def _taken_by(function: Callable[..., Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that a function names among its arguments; all of them where it takes any."""
    parameters = inspect.signature(function).parameters
    takes_any = any(one.kind is one.VAR_KEYWORD for one in parameters.values())
    return {name: value for name, value in settings.items() if takes_any or name in parameters}
