"""Brackets that were lost, or that are too many: what a factor multiplies of a sum."""

import ast
from collections.abc import Iterator
from itertools import accumulate

from gradcheck.diagnosis.candidates.places import (
    MULTIPLIED,
    Candidate,
    Place,
    guarded,
    operands,
    replaced,
    text_of,
)

COST = 1.1
# (its sign, the text).
Signed = tuple[str, str]
FACTORS = {ast.Mult: "*", ast.Div: "/", ast.MatMult: "@"}


def regroup(place: Place) -> Iterator[Candidate]:
    """Candidates that put more, or less, of a sum under a factor of its first or last term.

    `s * (u - v - w)` and `s * (u - v) - w` for `s * u - v - w`; `(u - v) / n` for `u - v / n`; and the other way.
    """
    for node in operands(place):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
            yield from (replaced(place, node, new, COST, f"{new} in brackets") for new in _tied(place, node))
        elif isinstance(node, ast.BinOp) and type(node.op) in FACTORS:
            yield from (replaced(place, node, new, COST, f"{new} without brackets") for new in _untied(place, node))


def _tied(place: Place, node: ast.BinOp) -> Iterator[str]:
    """A sum with brackets around some of its terms and a part of the first, or of the last, of them."""
    signed = list(_terms(node))
    texts = [(sign, guarded(text_of(place, term), MULTIPLIED)) for sign, term in signed]
    for first, (sign, term) in enumerate(signed):
        for before, rest in _splits(place, term):
            for end in range(first + 2, len(signed) + 1):
                inner = [
                    ("+", rest),
                    *(texts[first + 1 : end] if sign == "+" else map(_turned, texts[first + 1 : end])),
                ]
                yield _sum([*texts[:first], (sign, f"{before}({_sum(inner)})"), *texts[end:]])
        for rest, after in _splits_behind(place, term):
            for start in range(first):
                kept = [*texts[start:first], (sign, rest)]
                lead = kept[0][0]
                inner = kept if lead == "+" else list(map(_turned, kept))
                yield _sum([*texts[:start], (lead, f"({_sum(inner)}){after}"), *texts[first + 1 :]])


def _untied(place: Place, node: ast.BinOp) -> Iterator[str]:
    """A product with a sum, of which the factor takes but the term next to it."""
    sign = FACTORS[type(node.op)]
    if isinstance(node.right, ast.BinOp) and isinstance(node.right.op, ast.Add | ast.Sub):
        (_, head), *rest = _signed_texts(place, node.right)
        yield _sum([("+", f"{guarded(text_of(place, node.left), MULTIPLIED)} {sign} {head}"), *rest])
    if isinstance(node.left, ast.BinOp) and isinstance(node.left.op, ast.Add | ast.Sub):
        *rest, (last, tail) = _signed_texts(place, node.left)
        yield _sum([*rest, (last, f"{tail} {sign} {guarded(text_of(place, node.right), MULTIPLIED + 1)}")])


def _signed_texts(place: Place, node: ast.BinOp) -> list[Signed]:
    return [(sign, guarded(text_of(place, term), MULTIPLIED)) for sign, term in _terms(node)]


def _terms(node: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    """What a sum adds and takes away, by its own brackets."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
        yield from (*_terms(node.left), ("+" if isinstance(node.op, ast.Add) else "-", node.right))
    else:
        yield "+", node


def _factors(node: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(node, ast.BinOp) and type(node.op) in FACTORS:
        yield from (*_factors(node.left), (FACTORS[type(node.op)], node.right))
    else:
        yield "", node


def _product(place: Place, factors: list[tuple[str, ast.expr]]) -> str:
    texts = [(sign, guarded(text_of(place, one), MULTIPLIED + 1)) for sign, one in factors]
    return list(accumulate(texts, lambda done, new: ("", f"{done[1]} {new[0]} {new[1]}")))[-1][1]


def _splits(place: Place, term: ast.expr) -> Iterator[tuple[str, str]]:
    """A product as (what stays before a bracket, what comes into it)."""
    factors = list(_factors(term))
    for cut in range(1, len(factors)):
        if factors[cut][0] != "/":
            yield f"{_product(place, factors[:cut])} {factors[cut][0]} ", _product(place, factors[cut:])


def _splits_behind(place: Place, term: ast.expr) -> Iterator[tuple[str, str]]:
    """A product as (what comes into a bracket, what stays behind it)."""
    factors = list(_factors(term))
    for cut in range(1, len(factors)):
        sign = factors[cut][0]
        if len({one for one, _ in factors[cut:]} - {sign}) == 0:
            yield _product(place, factors[:cut]), f" {sign} {f' {sign} '.join(_each(place, factors[cut:]))}"


def _each(place: Place, factors: list[tuple[str, ast.expr]]) -> Iterator[str]:
    return (guarded(text_of(place, one), MULTIPLIED + 1) for _, one in factors)


def _turned(signed: Signed) -> Signed:
    return ("-" if signed[0] == "+" else "+"), signed[1]


def _sum(signed: list[Signed]) -> str:
    (lead, first), *rest = signed
    start = first if lead == "+" else f"-{guarded(first, MULTIPLIED)}"
    return "".join([start, *(f" {sign} {guarded(text, MULTIPLIED)}" for sign, text in rest)])
