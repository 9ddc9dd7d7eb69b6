"""A JVP as the gradient in the coefficients of a few tangents: one call each, however many entries the point has."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from gradcheck.subject.cases import Functions
from gradcheck.subject.products import (
    Vector,
    cotangent_of,
    evaluate,
    in_own_precision,
    name_of,
    output_of,
    random_numbers,
    weighted,
)
from gradcheck.subject.structures import Arrays, Misfit
from gradcheck.subject.tangents import OtherShape, pushing


def push_along(
    f: Callable[..., Any],
    f_jvp: Callable[..., Any],
    at: Any,
    tangents: Mapping[str, Arrays],
    origin: Mapping[str, float],
    args: tuple[Any, ...] = (),
    kwargs: Mapping[str, Any] | None = None,
    seed: int = 0,
) -> Functions:
    """The loss sum(u * f(at + sum of (c - origin) tangent)) by the numbers c, named as the tangents, and its JVPs.

    u: a random cotangent. tangents: arrays by the names of the flat point; f_jvp gets each turned round and at a random
    length, by which the derivative is divided, so that what is not linear in it shows. Raises UsageError where f_jvp
    takes neither of what `push_forward` gives.
    """
    given = dict(kwargs or {})
    form, flat, returned = evaluate(f, at, args, given)
    vector = Vector(f, form, flat, args, given, output_of(returned, name_of(f)), False)
    cotangent, push = cotangent_of(vector.output, seed), pushing(f_jvp, vector)
    loss_of, random = weighted(vector, lambda _: cotangent), np.random.default_rng(seed)
    lengths = {name: -abs(float(random_numbers((), random))) for name in tangents}

    def moved(numbers: Mapping[str, Any]) -> dict[str, Any]:
        steps = {name: float(number) - origin[name] for name, number in numbers.items()}
        return {
            name: array + sum(step * tangents[one][name] for one, step in steps.items() if step)
            for name, array in flat.arrays.items()
        }

    def loss(**numbers: Any) -> Any:
        return form.call(loss_of, flat.build(moved(numbers)), args, given)

    def gradient(**numbers: Any) -> dict[str, Any]:
        packed = flat.build(in_own_precision(flat, moved(numbers)))
        parts = () if form.kind == "dict" else (packed,) if form.kind == "one" else tuple(packed.values())
        named = {**packed, **given} if form.kind == "dict" else given
        try:
            pushed = {name: push((*parts, *args), named, _times(lengths[name], tangents[name])) for name in numbers}
        except OtherShape as error:
            return dict.fromkeys(numbers, Misfit(str(error)))
        sums = {name: sum(np.sum(u * dy[one]) for one, u in cotangent.items()) for name, dy in pushed.items()}
        return {name: float(total) / lengths[name] for name, total in sums.items()}

    loss.__name__, gradient.__name__ = name_of(f), name_of(f_jvp)
    return Functions(loss, gradient)


def _times(length: float, tangent: Arrays) -> Arrays:
    return {name: length * array for name, array in tangent.items()}
