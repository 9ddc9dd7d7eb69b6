"""A fit written into the text: the missing term, factor or whole value, with its number named."""

import ast
from collections.abc import Iterator, Sequence

import numpy as np

from gradcheck.diagnosis.benches import Moment
from gradcheck.diagnosis.candidates.places import (
    ADDED,
    MULTIPLIED,
    RAISED,
    Candidate,
    Place,
    guarded,
    operands,
    replaced,
    text_of,
)
from gradcheck.diagnosis.factors import factor_texts
from gradcheck.diagnosis.fitting import Fit, factor_of_all
from gradcheck.diagnosis.scalars import Scalar
from gradcheck.diagnosis.terms import MADE, Term

# How far each change is from what stands there, before what is put in counts.
COSTS = {"times": 1.3, "over": 1.4, "add": 1.5, "replace": 1.6}
# So many ways to write a number are tried, and so many more that are lengths of an array.
SPELLINGS, SIZES = 2, 2
# What to multiply by, what to divide by, and the cost.
Spelling = tuple[str, str, float]


def insertions(place: Place, fit: Fit, scalars: Sequence[Scalar]) -> Iterator[Candidate]:
    """The cheapest ways to write a fit; none where its number has no name.

    scalars: (text, value, cost) of the numbers in scope that are the same at every moment.
    """
    for times, over, cost in _spelled(sorted(factor_texts(fit.factor, scalars), key=lambda way: way[2])):
        new = _written(fit, times, over).removeprefix("--")
        whole = COSTS[fit.how] + cost + fit.term.cost + (0.2 if fit.factor < 0 and fit.how != "add" else 0.0)
        yield replaced(place, fit.grip.node, new, whole, _words(fit, new))


def _spelled(ways: Sequence[Spelling]) -> list[Spelling]:
    """The cheapest ways to write a number, and those by a size: which of them is meant is told by other shapes."""
    sizes = [way for way in ways[SPELLINGS:] if ".shape[" in way[0] + way[1] or ".size" in way[0] + way[1]]
    return [*ways[:SPELLINGS], *sizes[:SIZES]]


def grown(place: Place, terms: Sequence[Term], moments: Sequence[Moment]) -> Iterator[Candidate]:
    """The whole expression with one more term or factor, for where no linear algebra tells which: each has to be tried.

    terms: at all moments of a site; what is made of others comes as a factor only.
    """
    old = text_of(place, place.expr)
    shapes = [np.shape(moment.value) for moment in moments]
    for term in terms[1:]:
        values = [np.shape(value) for row in term.values for value in row]
        text = guarded(term.text, RAISED)
        if values == shapes and not term.is_made:
            for sign in "+-":
                new = f"{guarded(old, ADDED)} {sign} {guarded(term.text, MULTIPLIED)}"
                yield replaced(place, place.expr, new, COSTS["add"] + term.cost, f"a missing term: {sign} {term.text}")
        if (any(values) and _all_go_into(values, shapes)) or (not any(values) and not term.is_made):
            for how, sign in (("times", "*"), ("over", "/"))[: 1 if any(values) else 2]:
                new = f"{guarded(old, MULTIPLIED)} {sign} {text}"
                yield replaced(place, place.expr, new, COSTS[how] + term.cost, f"a missing factor: {sign} {term.text}")


def _all_go_into(values: Sequence[tuple[int, ...]], shapes: Sequence[tuple[int, ...]]) -> bool:
    """Do arrays of these shapes go into those without making them larger?"""
    return all(
        len(value) <= len(shape) and all(a in (1, b) for a, b in zip(value[::-1], shape[::-1], strict=False))
        for value, shape in zip(values, shapes, strict=True)
    )


def scaled(place: Place, scalars: Sequence[Scalar]) -> Iterator[Candidate]:
    """The whole expression times or over a number that has a name, for where no linear algebra tells which."""
    sizes = {abs(value) for _, value, _ in scalars if value} | {2.0}
    for factor in sorted({*sizes, *(1 / size for size in sizes)}):
        yield from insertions(place, factor_of_all(place, factor), scalars)


def made_instead(place: Place) -> Iterator[Candidate]:
    """What is made of a part in its place, `(z > 0)` for z, for where no linear algebra tells which."""
    for node in operands(place):
        if isinstance(node, ast.Name | ast.Attribute | ast.Subscript) and node is not place.expr:
            old = text_of(place, node)
            for text, _, cost, level in MADE:
                new = text.replace("{}", guarded(old, level) if level else old)
                yield replaced(place, node, new, COSTS["times"] + cost, f"{new} for {old}")


def rewritten_as(place: Place, terms: Sequence[Term], moments: Sequence[Moment]) -> Iterator[Candidate]:
    """A term of the same shape in the place of the whole expression, or added to it."""
    old = text_of(place, place.expr)
    shapes = [np.shape(moment.value) for moment in moments]
    for term in terms:
        if [np.shape(value) for row in term.values for value in row] == shapes:
            yield replaced(place, place.expr, term.text, COSTS["replace"] + term.cost, f"{term.text} for {old}")
            new = f"{guarded(old, ADDED)} + {guarded(term.text, ADDED)}"
            yield replaced(place, place.expr, new, COSTS["add"] + term.cost, f"a missing term: + {term.text}")


def spread(place: Place, terms: Sequence[Term], moments: Sequence[Moment]) -> Iterator[Candidate]:
    """An array for a number that goes to many places of a target at once."""
    if any(np.ndim(moment.value) for moment in moments):
        return
    for term in terms[1:]:
        if any(np.ndim(value) for row in term.values for value in row):
            cost = COSTS["replace"] + term.cost
            yield replaced(place, place.expr, term.text, cost, f"an array: {term.text}")
            minus = f"-{guarded(term.text, MULTIPLIED)}"
            yield replaced(place, place.expr, minus, cost + 0.1, f"an array: {minus}")


def _written(fit: Fit, times: str, over: str) -> str:
    """The new text of the grip's expression."""
    old, minus = fit.grip.text, "-" if fit.factor < 0 else ""
    if fit.how == "add":
        text, sign = _scaled(fit.term.text, times, over), minus or "+"
        if text.startswith("-"):
            text, sign = text[1:].lstrip(), "+" if minus else "-"
        return f"{guarded(old, ADDED)} {sign} {text}"
    if fit.how == "replace":
        return minus + (_scaled(fit.term.text, times, over) if minus or times or over else fit.term.text)
    old, term = guarded(old, MULTIPLIED), guarded(fit.term.text, RAISED)
    if fit.term.text == "1":
        return minus + _scaled(old, times, over)
    return (
        minus
        + _scaled(f"{old} {'/' if fit.how == 'over' else '*'} {term}", "", over)
        + (f" * {guarded(times, RAISED)}" if times else "")
    )


def _scaled(text: str, times: str, over: str) -> str:
    """The text times a number, over a number."""
    if text == "1":
        product = times or "1"
    else:
        product = f"{times} * {guarded(text, MULTIPLIED)}" if times else guarded(text, MULTIPLIED)
    return f"{product} / {guarded(over, RAISED)}" if over else product


def _words(fit: Fit, new: str) -> str:
    what = {
        "add": "a missing term",
        "times": "a missing factor",
        "over": "a missing divisor",
        "replace": "another value",
    }
    return f"{what[fit.how]}: {new}"
