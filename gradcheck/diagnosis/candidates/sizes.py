"""A wrong size: one axis for another, the number of rows for that of all entries."""

import ast
from collections.abc import Iterator

from gradcheck.diagnosis.candidates.places import ATOM, Candidate, Place, guarded, operands, replaced, text_of

# Axes that an array is asked about; one that it has not raises, and is no candidate.
AXES = 3
# Nearer than `x.T` in the place of an x, which asks for the same size in a roundabout way.
SIZED = 0.9


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
