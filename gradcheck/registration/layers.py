"""A user's own layer: one formula, from which every opinion reads what it needs."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from gradcheck.backprop.readings import layers as reverse
from gradcheck.backprop.readings.own import reading_of
from gradcheck.errors import NetworkError, UsageError
from gradcheck.network.dense import Shape
from gradcheck.network.layers import LAYERS
from gradcheck.network.own import Own, Recipe, kind_of, required, settings_of
from gradcheck.registration.trials import ensure_gradient, ensure_values, is_same_formula
from gradcheck.strategies.kinds import KINDS, own_body
from gradcheck.strategies.networks import MLP
from gradcheck.symbolic.readings import layers as symbolic
from gradcheck.symbolic.readings.own import read_own

# Samples that a layer is tried on: of every number of axes, with sides that are not taken for one another.
SHAPES: tuple[Shape, ...] = ((3,), (4, 3), (3, 1, 2))


def register_layer(
    name: str,
    forward: Callable[..., Any],
    parameters: Callable[..., Mapping[str, Shape]] | None = None,
    *,
    backward: Callable[..., Any] | None = None,
    shape: int | Shape | None = None,
) -> type[Own]:
    """The kind of layer of that name, known from here on to all opinions, the text form and the strategies.

    forward: (x, params) -> y in NumPy's functions, samples in the first axis of both; (x) -> y without parameters; its
    arguments with a default are the layer's settings. parameters: (shape of a sample) -> shapes of the parameters by
    name, settings by their names; those in W, U, E, P count as weights. backward: (dy, x, params) -> (dx, dparams),
    which the engine takes for its own from here on. shape: of a sample to try the layer with, where it takes only
    samples of so many axes; else every one of SHAPES that it takes.

    The opinions share this formula: one runs it on symbols, one on variables, one on numbers. They tell a derivative
    that is wrong, not a formula that is not the one you meant. The gradient is checked at once: raises GradientMismatch
    with the point, your value and the true one, UsageError where the formula cannot be taken, with what to mend.
    """
    known = _known(name)
    _ensure_functions(forward, parameters)
    shape = (shape,) if isinstance(shape, int) else shape
    entered = forward if required(forward) == 2 else lambda x, params, **settings: forward(x, **settings)
    recipe = Recipe(name, entered, parameters or (lambda shape: {}), backward, None if shape is None else len(shape))
    kind = kind_of(recipe, settings_of(forward))
    shapes = _shapes_for(kind(), shape)
    for one in shapes:
        ensure_values(kind(), one)
        if known is not None and not is_same_formula(kind(), known(), one):
            raise UsageError(f"there is a layer {name!r} already, with another formula: take another name")
        ensure_gradient(kind(), one, all_points=one == shapes[0])
    if known is not None:
        known.recipe, kind = recipe, known
    LAYERS[name] = kind
    symbolic.LAYER_RULES[kind] = read_own
    reverse.LAYER_RULES[kind] = reading_of(kind)
    KINDS[name] = own_body(kind, shapes)
    return kind


def _known(name: str) -> type[Own] | None:
    """The kind that was registered under that name, if any; raises UsageError where the name cannot be taken."""
    if not isinstance(name, str) or not re.fullmatch("[a-z][a-z0-9_]*", name):
        raise UsageError(f"{name!r} is no name for a layer: take small letters, digits and _, as in hard_max")
    known = LAYERS.get(name)
    if known is not None and issubclass(known, Own):
        return known
    if known is not None or name == MLP or name in KINDS:
        raise UsageError(f"{name!r} is a layer or a kind of network already: take another name")
    return None


def _ensure_functions(forward: object, parameters: object) -> None:
    if not callable(forward) or required(forward) not in (1, 2):
        raise UsageError("a layer's formula is a function: write def forward(x, params): return params['g'] * x")
    if parameters is not None and not callable(parameters):
        raise UsageError(f"parameters is {parameters!r}: write a function of the shape, lambda shape: {{'g': shape}}")


def _shapes_for(layer: Own, shape: Shape | None) -> list[Shape]:
    """The shapes of samples that the layer takes; raises UsageError with what it says where there is none."""
    if shape is not None:
        layer.leaving(shape)
        return [tuple(shape)]
    found, told = [], ""
    for one in SHAPES:
        try:
            layer.leaving(one)
            found.append(one)
        except NetworkError as error:
            told = told or str(error)
    if not found:
        raise UsageError(f"{told}; if it takes samples of another shape alone, give shape=")
    return found
