"""A condition that stands nowhere in the file: another side of a comparison together with another sign, or one more."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

import numpy as np

from gradcheck.diagnosis.candidates.comparisons import SIGNS
from gradcheck.diagnosis.candidates.places import ADDED, Candidate, Place, guarded, operands, replaced, text_of
from gradcheck.diagnosis.pools import Named, is_number
from gradcheck.diagnosis.values import is_mask

Values = tuple[Any, ...]
Told = tuple[float, str, Values]
COMPARED = {">": np.greater, ">=": np.greater_equal, "<": np.less, "<=": np.less_equal, "==": np.equal}
TURNED = {">": "<", ">=": "<=", "<": ">", "<=": ">="}
# What is compared with, besides all values in scope.
PLAIN = ("0", "1", "-1")
# Another side is as far as another name; with the other sign, or as one condition more, a step further.
SIDE, SIGN, MORE = 1.0, 0.2, 1.4
# So many conditions of each kind are tried.
MOST = 150


def compare_anew(place: Place, pool: Sequence[Named], values: Mapping[ast.expr, Values]) -> Iterator[Candidate]:
    """Candidates that compare with another value in scope, by either sign; each mask once, by its nearest text.

    values: what the sub-expressions have at the moments of the pool.
    """
    for node in ast.walk(place.expr):
        if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in SIGNS and node in values:
            yield from _distinct(place, node, values[node], _other_sides(place, node, pool, values))


def ask_more(place: Place, pool: Sequence[Named], values: Mapping[ast.expr, Values]) -> Iterator[Candidate]:
    """Candidates that ask one thing more, or one thing besides, where a mask stands: `(z > 0) & (y < 1)`."""
    masks = [node for node in operands(place) if node in values and all(map(is_mask, values[node]))]
    outer = [node for node in masks if place.parents.get(node) not in masks]
    for node in outer:
        had = values[node]
        yield from _distinct(place, node, had, _joined(text_of(place, node), had, list(_asked(pool, had))))


def _other_sides(
    place: Place, node: ast.Compare, pool: Sequence[Named], values: Mapping[ast.expr, Values]
) -> Iterator[Told]:
    sign, sides = SIGNS[type(node.ops[0])], (node.left, node.comparators[0])
    for here, other in (sides[::-1], sides):
        if other not in values:
            continue
        old, kept = text_of(place, here), guarded(text_of(place, other), ADDED)
        for text, far, new in _sides(pool, len(values[other])):
            alike = SequenceMatcher(None, old, text).ratio()
            for one in dict.fromkeys((sign, TURNED.get(sign, sign))):
                pair = (values[other], new) if here is sides[1] else (new, values[other])
                told = f"{kept} {one} {text}" if here is sides[1] else f"{text} {one} {kept}"
                yield SIDE + SIGN * (one != sign) + 0.3 * (1 - alike) + 0.5 * far, told, _compared(one, *pair)


def _sides(pool: Sequence[Named], count: int) -> Iterator[tuple[str, float, Values]]:
    yield from ((text, 0.1, (float(text),) * count) for text in PLAIN)
    for named in pool:
        if not any(map(is_mask, named.values)):
            yield guarded(named.text, ADDED), named.cost, named.values


def _asked(pool: Sequence[Named], had: Values) -> Iterator[tuple[str, float, Values]]:
    """The conditions in scope, and what is more or less than zero."""
    shapes = [np.shape(value) for value in had]
    for named in pool:
        if [np.shape(value) for value in named.values] != shapes:
            continue
        if all(map(is_mask, named.values)):
            yield f"({named.text})", named.cost, named.values
        else:
            zeros = (0.0,) * len(had)
            for sign in "><":
                yield f"({guarded(named.text, ADDED)} {sign} 0)", named.cost, _compared(sign, named.values, zeros)


def _joined(text: str, had: Values, asked: Sequence[tuple[str, float, Values]]) -> Iterator[Told]:
    is_array = any(isinstance(value, np.ndarray) for value in had)
    for sign, word, join in (("&", "and", np.logical_and), ("|", "or", np.logical_or)):
        for other, far, values in asked:
            inside = text if text.isidentifier() else f"({text})"
            told = f"{inside} {sign} {other}" if is_array else f"{inside} {word} {other}"
            yield MORE + 0.5 * far, told, tuple(join(one, two) for one, two in zip(had, values, strict=True))


def _compared(sign: str, one: Values, other: Values) -> Values:
    try:
        with np.errstate(all="ignore"):
            return tuple(COMPARED[sign](u, v) for u, v in zip(one, other, strict=True)) if sign in COMPARED else ()
    except (ValueError, TypeError):
        return ()


def _distinct(place: Place, node: ast.expr, had: Values, told: Iterator[Told]) -> Iterator[Candidate]:
    """The nearest text of each mask that is not the one that stands there, the nearest of all first."""
    shapes, seen, count = [np.shape(value) for value in had], {_bits(had)}, 0
    for cost, text, values in sorted(told, key=lambda one: one[:2]):
        if not values or [np.shape(value) for value in values] != shapes or not all(map(is_number, values)):
            continue
        key = _bits(values)
        if key not in seen and count < MOST:
            seen.add(key)
            count += 1
            yield replaced(place, node, text, cost, f"{text} for {text_of(place, node)}")


def _bits(values: Values) -> bytes:
    return b"".join(np.packbits(np.asarray(value, dtype=bool)).tobytes() for value in values)
