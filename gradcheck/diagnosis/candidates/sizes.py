"""A wrong size: one axis for another, the number of rows for that of all entries, a number where a size belongs."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from gradcheck.diagnosis.candidates.places import ATOM, Candidate, Place, guarded, operands, replaced, text_of
from gradcheck.diagnosis.scalars import Scalar

# Axes that an array is asked about; one that it has not raises, and is no candidate.
AXES = 3
# Nearer than `x.T` in the place of an x, which asks for the same size in a roundabout way.
SIZED = 0.9
# A number for which a name is written, beside the cost of the name; so many names of one value, the nearest.
NAMED, SPELLINGS = 0.9, 3

# As far as another number would be.
ONE_OFF = 1.1


def change_sizes(place: Place) -> Iterator[Candidate]:
    """Candidates that ask for another size of the same array."""
    for node in operands(place):
        array = _measured(node)
        if array is None:
            continue
        held, text = guarded(text_of(place, array), ATOM), text_of(place, node)
        for new in (f"{held}.size", *(f"{held}.shape[{axis}]" for axis in range(AXES))):
            if new != text:
                yield replaced(place, node, new, SIZED, f"{new} for {text}")


def one_off(place: Place, values: Mapping[ast.expr, tuple[Any, ...]]) -> Iterator[Candidate]:
    """Candidates that write a count less or more one for it: `(n - 1) * sd`."""
    for node in operands(place):
        parent, had = place.parents.get(node), values.get(node)
        is_factor = isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Mult | ast.Div)
        if had is None or not is_factor or isinstance(node, ast.Constant | ast.BinOp):
            continue
        if all(isinstance(value, int | np.integer) and not isinstance(value, bool) and value > 1 for value in had):
            text = text_of(place, node)
            yield from (replaced(place, node, f"{text} {sign} 1", ONE_OFF, f"{text} {sign} 1") for sign in "-+")


def _measured(node: ast.expr) -> ast.expr | None:
    """The array of `len(x)`, `x.shape[i]`, `x.size`; None for all else."""
    match node:
        case ast.Call(ast.Name("len"), [array], []):
            return array
        case ast.Subscript(ast.Attribute(array, "shape"), ast.Constant() | ast.UnaryOp()):
            return array
        case ast.Attribute(array, "size"):
            return array
    return None


def name_numbers(place: Place, scalars: Sequence[Scalar]) -> Iterator[Candidate]:
    """Candidates that write a size or a named constant for a factor or divisor that is written as a number.

    scalars: (text, value, cost) of the numbers in scope.
    """
    for node in operands(place):
        parent = place.parents.get(node)
        is_factor = isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Mult | ast.Div)
        if not (is_factor and isinstance(node, ast.Constant) and isinstance(node.value, int | float)):
            continue
        told: dict[float, int] = {}
        for text, value, cost in sorted(scalars, key=lambda one: one[2]):
            told[value] = told.get(value, 0) + 1
            if value != node.value and told[value] <= SPELLINGS and not text.replace(".", "").isdigit():
                words = f"{text} for {text_of(place, node)}"
                yield replaced(place, node, guarded(text, ATOM), NAMED + cost, words)
