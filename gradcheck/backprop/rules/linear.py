"""Products of matrices and tensors."""

from typing import Any

import numpy as np

from gradcheck.backprop.kinds import shape_of
from gradcheck.backprop.primitives import Primitive, Rule
from gradcheck.backprop.rules.complexes import conjugate
from gradcheck.backprop.rules.shapes import swapped, unbroadcast
from gradcheck.backprop.variables import apply, define


def adjoint(a: Any) -> Any:
    """The conjugate transpose of every matrix."""
    return conjugate(swapped(a))


# Matrices, or stacks of them; `arrays.matmul` brings vectors into that form.
matmul: Rule = define(
    "matmul",
    Primitive(
        np.matmul,
        (
            lambda y_bar, y, a, b: unbroadcast(matmul(y_bar, adjoint(b)), a),
            lambda y_bar, y, a, b: unbroadcast(matmul(adjoint(a), y_bar), b),
        ),
        (lambda x_dot, y, a, b: matmul(x_dot, b), lambda x_dot, y, a, b: matmul(a, x_dot)),
    ),
)


def einsum(*operands: Any, subscripts: str) -> Any:
    """The sum of products that `subscripts` says, all letters written out ("ij,jk->ik")."""
    return apply("einsum", *operands, subscripts=subscripts)


def _contracted(*operands: Any, subscripts: str) -> Any:
    # optimize finds an order of pairs, and pairs go to matmul; for one operand there is nothing to find.
    return np.einsum(subscripts, *operands, optimize=len(operands) > 1)


def _einsum_vjp(place: int, y_bar: Any, y: Any, *operands: Any, subscripts: str) -> Any:
    """The same sum with y_bar in the place of the operand: over the letters that the operand does not have."""
    inputs, output = subscripts.split("->")
    letters = inputs.split(",")
    target, extra_letters, extra = _distinct(letters[place], subscripts, shape_of(operands[place]))
    others = [other for k, other in enumerate(letters) if k != place]
    free = set(target) - set(output).union(*others, *extra_letters)
    sizes = dict(zip(target, shape_of(operands[place]), strict=True))
    factors = [conjugate(operand) for k, operand in enumerate(operands) if k != place]
    ones = [np.ones(sizes[letter]) for letter in sorted(free)]
    given = ",".join([output, *others, *extra_letters, *sorted(free)])
    return einsum(y_bar, *factors, *extra, *ones, subscripts=f"{given}->{target}")


def _distinct(letters: str, used: str, shape: tuple[int, ...]) -> tuple[str, list[str], list[Any]]:
    """The letters of an operand with a new one for each that repeats (a diagonal), tied to the old by an identity."""
    fresh = iter(sorted(set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") - set(used)))
    target, pairs, identities = "", [], []
    for letter, size in zip(letters, shape, strict=True):
        name = letter if letter not in target else next(fresh)
        if name != letter:
            pairs.append(letter + name)
            identities.append(np.eye(size))
        target += name
    return target, pairs, identities


def _einsum_jvp(dots: list[Any], y: Any, *operands: Any, subscripts: str) -> Any:
    y_dot = None
    for place, dot in enumerate(dots):
        if dot is not None:
            share = einsum(*operands[:place], dot, *operands[place + 1 :], subscripts=subscripts)
            y_dot = share if y_dot is None else y_dot + share
    return y_dot


define("einsum", Primitive(_contracted, (_einsum_vjp,), (_einsum_jvp,), variadic=True))
