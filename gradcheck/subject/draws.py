"""Random draws of a script's turn, made again alike in every call: loss and gradient see the same batch and mask."""

import ast
import random
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

import numpy as np

from gradcheck.subject.effects import remember_random_states

# What generators of numbers are asked for, as methods or as functions.
DRAWING = {
    *("binomial", "choice", "choices", "exponential", "integers", "normal", "permutation", "poisson", "rand"),
    *("randint", "randn", "random", "random_sample", "randrange", "sample", "shuffle", "standard_normal", "uniform"),
}
REPEAT = "__gradcheck_repeat__"


def has_draws(statements: Iterable[ast.AST]) -> bool:
    """Is a random number drawn in any of them, as far as names tell?"""
    calls = (node.func for one in statements for node in ast.walk(one) if isinstance(node, ast.Call))
    return any(getattr(call, "attr", getattr(call, "id", None)) in DRAWING for call in calls)


def remembering() -> list[ast.stmt]:
    """Statements that remember how the generators of a module stand where they run."""
    return ast.parse(f"from {__name__} import repeater as {REPEAT}\n{REPEAT} = {REPEAT}(globals())").body


def repeating() -> ast.stmt:
    """The statement that puts the generators back to how they stood."""
    return ast.parse(f"{REPEAT}()").body[0]


def repeater(names: Mapping[str, Any]) -> Callable[[], None]:
    """A function that puts both global generators, and those that a module holds, back to how they stand now."""
    generators = [value for value in names.values() if isinstance(value, np.random.Generator)]
    states = [one.bit_generator.state for one in generators]
    numpys = [one for one in names.values() if isinstance(one, np.random.RandomState)]
    pythons = [one for one in names.values() if isinstance(one, random.Random)]
    put_back: list[Callable[[], None]] = [
        remember_random_states(),
        *(partial(one.set_state, one.get_state()) for one in numpys),
        *(partial(one.setstate, one.getstate()) for one in pythons),
    ]

    def repeat() -> None:
        for one in put_back:
            one()
        for generator, state in zip(generators, states, strict=True):
            generator.bit_generator.state = state

    return repeat
