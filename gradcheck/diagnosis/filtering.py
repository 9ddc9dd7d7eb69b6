"""Which candidates for a right-hand side give the right gradients: by linear algebra first, by running them then."""

import ast
from collections.abc import Iterable, Iterator, Sequence
from types import CodeType

import numpy as np

from gradcheck.diagnosis.benches import Bench, gradients_of
from gradcheck.diagnosis.candidates.places import Candidate, Place
from gradcheck.diagnosis.edits import stretch
from gradcheck.diagnosis.levers import Lever, writing
from gradcheck.diagnosis.pools import evaluate, is_number
from gradcheck.diagnosis.truths import Truth, refuted
from gradcheck.errors import GradcheckError
from gradcheck.results.arrays import Floats
from gradcheck.subject.limits import limited

# A candidate's effect is what is lacking to this part of it; the truth's bars are far below.
NEAR = 1e-4
# Bytes of data that a candidate may take: no backward pass that is run hundreds of times needs so many.
MEMORY = 2**30


def passing(
    bench: Bench,
    number: int,
    place: Place,
    candidates: Iterable[Candidate],
    levers: Sequence[Lever],
    truths: Sequence[Truth],
    seconds: float,
) -> Iterator[Candidate | None]:
    """The candidates that mend the site at all truths; None after every other one, so that the caller can stop.

    seconds: that each may take; one that takes longer, or too much memory, costs only itself.
    """
    seen: set[str] = set()
    faithful = [lever for lever in levers if lever.is_faithful]
    for candidate in candidates:
        text = new_text(place, candidate)
        code = None if text in seen else compiled(text)
        seen.add(text)
        yield candidate if code is not None and _mends(bench, number, code, faithful, truths, seconds) else None


def _mends(
    bench: Bench, number: int, code: CodeType, levers: Sequence[Lever], truths: Sequence[Truth], seconds: float
) -> bool:
    """Does it mend, by linear algebra and then by running it?"""
    try:
        with limited(seconds, MEMORY):
            return all(is_enough(lever, code) for lever in levers) and mends(bench, number, code, truths)
    except GradcheckError:
        return False


def new_text(place: Place, candidate: Candidate) -> str:
    """The place's expression as the candidate writes it."""
    start, end = stretch(place.source, place.expr)
    text, last = [], start
    for swap in sorted(candidate.swaps, key=lambda one: one.start):
        text += [place.source.text[last : swap.start], swap.new]
        last = swap.end
    return "".join([*text, place.source.text[last:end]])


def compiled(text: str) -> CodeType | None:
    """The code of an expression; None where it is none."""
    try:
        return compile(ast.parse(f"(\n{text}\n)", mode="eval"), "<candidate>", "eval")
    except (SyntaxError, ValueError):
        return None


def is_enough(lever: Lever, code: CodeType) -> bool:
    """Does a value by this code, at the lever's moments, bring just what the gradients lack?"""
    changes = []
    for moment, shape in zip(lever.moments, lever.shapes, strict=True):
        try:
            value = evaluate(moment, code)
        except Exception:
            return False
        change = _change(value, moment.value, shape)
        if change is None:
            return False
        changes.append(change)
    left = lever.lacks - lever.jacobian @ np.concatenate(changes)
    return float(np.abs(left).max()) <= NEAR * float(np.abs(lever.lacks).max())


def mends(bench: Bench, number: int, code: CodeType, truths: Sequence[Truth]) -> bool:
    """Is no gradient refuted at any of the points, with the site's value by this code?"""
    hook = writing(number, code)
    for truth in truths:
        try:
            gradient = gradients_of(bench, truth.point, hook)
        except (GradcheckError, ArithmeticError, ValueError):
            return False
        if any(mask.any() for mask in refuted(truth, gradient).values()):
            return False
    return True


def _change(value: object, had: object, shape: tuple[int, ...]) -> Floats | None:
    """What a new value adds to the one that was there."""
    if not is_number(value):
        return None
    try:
        return np.asarray(np.broadcast_to(np.asarray(value, float), shape) - np.asarray(had, float)).ravel()
    except (ValueError, TypeError):
        return None
