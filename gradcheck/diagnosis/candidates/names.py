"""The wrong variable: a name or sub-expression of equal shape and another value, in the most similar spelling."""

import ast
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Any

import numpy as np

from gradcheck.diagnosis.candidates.places import Candidate, Place, operands, replaced, text_of
from gradcheck.diagnosis.edits import Swap, stretch
from gradcheck.diagnosis.pools import Named, fingerprint

# What stands there more than once was hardly mistaken more than once, but it may have been copied.
THROUGHOUT = 0.1


def change_names(place: Place, pool: Sequence[Named], values: dict[ast.expr, tuple[Any, ...]]) -> Iterator[Candidate]:
    """Candidates that write another value of the pool for a sub-expression of its shape.

    values: what the sub-expressions have at the moments of the pool; those without one are left alone.
    """
    groups: dict[tuple[Any, ...], list[Named]] = {}
    for named in pool:
        groups.setdefault(fingerprint(named.values), []).append(named)
    shapes = {key: [np.shape(value) for value in group[0].values] for key, group in groups.items()}
    for node in operands(place):
        had = values.get(node)
        if had is None or isinstance(node, ast.Constant):
            continue
        own, key = [np.shape(value) for value in had], fingerprint(had)
        for other, group in groups.items():
            if other != key and shapes[other] == own:
                yield _named(place, node, group)


def change_throughout(
    place: Place, pool: Sequence[Named], values: dict[ast.expr, tuple[Any, ...]]
) -> Iterator[Candidate]:
    """Candidates that write another name for one that stands there more than once, everywhere: `o * (1 - o)`."""
    found: dict[str, list[ast.expr]] = {}
    for node in operands(place):
        if isinstance(node, ast.Name | ast.Subscript | ast.Attribute) and node in values:
            found.setdefault(ast.unparse(node), []).append(node)
    plain = [named for named in pool if named.text.replace("_", "a").isalnum() or named.text.endswith("]")]
    for text, nodes in found.items():
        if len(nodes) < 2:
            continue
        had = values[nodes[0]]
        own, key = [np.shape(value) for value in had], fingerprint(had)
        for named in plain:
            if [np.shape(value) for value in named.values] == own and fingerprint(named.values) != key:
                swaps = tuple(Swap(*stretch(place.source, node), named.text) for node in nodes)
                cost = THROUGHOUT + _cost(text, nodes[0], named)
                yield Candidate(swaps, cost, f"{named.text} for {text} throughout")


def _named(place: Place, node: ast.expr, group: Sequence[Named]) -> Candidate:
    """The replacement by the spelling of a value that is most like what stands there."""
    text = text_of(place, node)
    cost, best = min((_cost(text, node, named), named.text) for named in group)
    return replaced(place, node, best, cost, f"{best} for {text}")


@lru_cache(maxsize=2**14)  # the same names meet at every place
def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other).ratio()


def _cost(text: str, node: ast.expr, named: Named) -> float:
    """Names for names are the common mistake; the more alike, the easier it was made."""
    alike = _likeness(text, named.text)
    plain = isinstance(node, ast.Name | ast.Attribute | ast.Subscript)
    return (0.9 if plain else 1.2) + 0.3 * (1 - alike) + 0.5 * named.cost
