"""Axes told by letters: the subscripts of np.einsum in another order."""

import ast
from collections.abc import Iterator
from itertools import combinations, permutations

from gradcheck.diagnosis.candidates.places import Candidate, Place, operands
from gradcheck.diagnosis.edits import Swap, stretch

# A result of more axes has more orders of them than anybody confuses.
AXES = 4


def change_subscripts(place: Place) -> Iterator[Candidate]:
    """Candidates that read or write an array of np.einsum with its axes in another order."""
    for node in operands(place):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "einsum"):
            continue
        first = node.args[0] if node.args else None
        if isinstance(first, ast.Constant) and isinstance(first.value, str) and "->" in first.value:
            start, end = stretch(place.source, first)
            quote = place.source.text[end - 1]
            for new in _others(first.value.replace(" ", "")):
                yield Candidate((Swap(start, end, f"{quote}{new}{quote}"),), 1.0, f"subscripts {new}")


def _others(subscripts: str) -> Iterator[str]:
    """The letters of the result in every other order, two letters of one operand exchanged, or two operands'."""
    read, result = subscripts.split("->")
    if len(result) <= AXES:
        yield from (f"{read}->{''.join(one)}" for one in permutations(result) if "".join(one) != result)
    parts = read.split(",")
    for place, part in enumerate(parts):
        for one, other in combinations(range(len(part)), 2):
            letters = list(part)
            letters[one], letters[other] = letters[other], letters[one]
            yield f"{','.join([*parts[:place], ''.join(letters), *parts[place + 1 :]])}->{result}"
    for one, other in combinations(range(len(parts)), 2):
        turned = [*parts]
        turned[one], turned[other] = turned[other], turned[one]
        yield f"{','.join(turned)}->{result}"
