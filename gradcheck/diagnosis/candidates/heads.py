"""A loop that runs the wrong way, or beside a sequence that does."""

import ast
from collections.abc import Iterator

from gradcheck.diagnosis.candidates.places import Candidate, Place, operands, replaced, text_of

# What no loop can run backwards over.
ENDLESS = ("zip", "enumerate", "reversed")


def change_head(place: Place) -> Iterator[Candidate]:
    """Candidates that run a loop backwards, over all that it runs over or over one of several."""
    node, text = place.expr, text_of(place, place.expr)
    called = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
    if called not in ENDLESS:
        yield replaced(place, node, f"reversed({text})", 1.0, f"{text} backwards")
    elif called != "reversed":
        yield replaced(place, node, f"reversed(list({text}))", 1.2, f"{text} backwards")
    for part in operands(place):
        if part is not node and isinstance(part, ast.Name | ast.Attribute | ast.Subscript):
            told = text_of(place, part)
            if not told.endswith("::-1]"):
                yield replaced(place, part, f"{told}[::-1]", 1.1, f"{told} backwards")
