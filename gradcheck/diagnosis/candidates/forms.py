"""A gradient of another shape than its parameter: a sum over samples left out, a form taken that nobody asked for."""

import ast
from collections.abc import Iterator

from gradcheck.diagnosis.candidates.axes import AXES, REDUCTIONS
from gradcheck.diagnosis.candidates.places import ATOM, Candidate, Place, guarded, replaced, text_of

# Methods that only give an array another form.
RESHAPING = ("ravel", "flatten", "squeeze", "reshape")


def change_form(place: Place) -> Iterator[Candidate]:
    """Candidates that give the whole value another shape: summed along an axis, or without its last change of form."""
    node, text = place.expr, text_of(place, place.expr)
    name = node.func.attr if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else ""
    if name in RESHAPING and isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        inner = node.func.value
        if not (isinstance(inner, ast.Name) and inner.id == "np"):
            yield replaced(place, node, text_of(place, inner), 1.0, f"without {name}")
    if name not in REDUCTIONS and not isinstance(node, ast.Constant | ast.Tuple | ast.List | ast.Dict):
        for kept in ("", ", keepdims=True"):
            for axis in AXES:
                new = f"{guarded(text, ATOM)}.sum(axis={axis}{kept})"
                yield replaced(place, node, new, 1.3 if not kept else 1.4, f"summed along axis {axis}")
