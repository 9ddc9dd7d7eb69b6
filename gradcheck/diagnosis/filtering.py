"""Which candidates for a right-hand side give the right gradients: by linear algebra first, by running them then."""

import ast
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from types import CodeType

import numpy as np

from gradcheck.diagnosis.benches import Bench, Moment, gradients_of
from gradcheck.diagnosis.candidates.places import Candidate, Place, text_of
from gradcheck.diagnosis.edits import stretch
from gradcheck.diagnosis.levers import Lever, writing
from gradcheck.diagnosis.pools import evaluate, fingerprint, is_number
from gradcheck.diagnosis.truths import Truth, is_refuted
from gradcheck.diagnosis.workplaces import Workplace
from gradcheck.errors import GradcheckError
from gradcheck.results.arrays import Floats
from gradcheck.subject.limits import limited

# A candidate's effect is what is lacking to this part of it; the truth's bars are far below.
NEAR = 1e-4
# Two expressions that have the same values at so many moments are the same.
MOMENTS = 6
# What stands in a text that names a length.
SIZES = ("len(", ".shape[", ".size")


def passing(
    bench: Bench, workplace: Workplace, candidates: Iterable[Candidate | None], truths: Sequence[Truth], seconds: float
) -> Iterator[Candidate | None]:
    """The candidates that mend the site at all truths; None after every other one, so that the caller can stop.

    seconds: that each may take; one that takes longer costs only itself. Where each has to be run, one of a value is
    enough; but of those that do, a length is another matter than the number that it is here: other shapes tell.
    """
    good_keys = set[object]()
    seen: set[object] = {_key(workplace.moments, compiled(text_of(workplace.place, workplace.place.expr)))}
    faithful = [lever for lever in workplace.levers if lever.is_faithful]
    for candidate in candidates:
        if candidate is None:
            yield None
            continue
        text = new_text(workplace.place, candidate)
        code = None if text in seen else compiled(text)
        seen.add(text)
        good = False
        if code is not None:
            try:
                with limited(seconds):
                    key = () if faithful else _key(workplace.moments, code)
                    if key is not None and (not key or key not in seen):
                        good = all(is_enough(lever, code) for lever in faithful)
                        good = good and mends(bench, workplace.angel.site.number, code, truths)
                        good_keys |= {key} if good and key else set()
                    elif key in good_keys:
                        good = any(size in text for size in SIZES)
                    seen.add(key)
            except GradcheckError:
                good = False
        yield candidate if good else None


def _key(moments: Sequence[Moment], code: CodeType | None) -> tuple[object, ...] | None:
    """What tells the effect of a value from that of others; empty where it is no number, None where it raises."""
    if code is None:
        return None
    values = []
    for moment in moments[:MOMENTS]:
        try:
            values.append(evaluate(moment, code))
        except Exception:
            return None
    return fingerprint(values) if all(is_number(value) for value in values) else ()


def new_text(place: Place, candidate: Candidate) -> str:
    """The place's expression as the candidate writes it."""
    start, end = stretch(place.source, place.expr)
    text, last = [], start
    for swap in sorted(candidate.swaps, key=lambda one: one.start):
        text += [place.source.text[last : swap.start], swap.new]
        last = swap.end
    return "".join([*text, place.source.text[last:end]])


def parsed(text: str) -> ast.Expression | None:
    """The tree of an expression; None where it is none."""
    try:
        return ast.parse(f"(\n{text}\n)", mode="eval")
    except (SyntaxError, ValueError):
        return None


@lru_cache(maxsize=2**12)  # a candidate that failed alone comes again as one of two
def compiled(text: str) -> CodeType | None:
    """The code of an expression; None where it is none."""
    try:
        return compile(f"(\n{text}\n)", "<candidate>", "eval", dont_inherit=True)
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
        if is_refuted(truth, gradient):
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
