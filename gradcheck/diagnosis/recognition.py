"""Is a value the derivative of the loss by something that the loss computed?

A site whose wanted value is such an adjoint has a meaning; one whose wanted value is none would only make up for a
fault that stands elsewhere.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from gradcheck.diagnosis.adjoints import Adjoints, Role
from gradcheck.diagnosis.angels import Wanted
from gradcheck.diagnosis.examples import all_by_example
from gradcheck.diagnosis.truths import Truth
from gradcheck.diagnosis.values import is_array, is_number, numbers_in
from gradcheck.results.arrays import Floats

# Wanted values come from least squares over differences: good to about 1e-9 of the largest.
NEAR = 1e-7


def is_computed_again(values: Sequence[Any], known: Adjoints) -> bool:
    """Is every number of these values one that the loss computed as well?"""
    return are_among(values, known.values)


def role_of_wanted(wanted: Wanted, known: Adjoints) -> tuple[Role, Floats] | None:
    """The forward value whose true adjoint would do at a site, and that as its numbers; None where that of none would.

    A loop may carry it on to the next round: what the last round makes then is what the site has.
    """
    had = wanted.layout.values
    for role in known.every:
        nested = all_by_example(role.adjoints, len(had), known.runs)
        for values in (*orders(role.adjoints, len(had)), *_carried(role.adjoints, had), *nested):
            fits = tuple((np.shape(value),) for value in values) == wanted.layout.shapes
            if fits and wanted.would_mend(values):
                return role, np.concatenate([np.ravel(value) for value in values])
    return None


def orders(adjoints: list[Floats], count: int) -> list[list[Floats]]:
    """The adjoints of all executions, in both orders, for a site that has as many; one by one for a single one."""
    if count == 1:
        return [[one] for one in adjoints]
    return [adjoints, adjoints[::-1]] if count == len(adjoints) else []


def _carried(adjoints: list[Floats], had: Sequence[Any]) -> Iterator[list[Any]]:
    """The adjoints of all executions but the first, in both orders, for a site that has as many or one more."""
    is_plain = bool(had) and (is_array(had[-1]) or is_number(had[-1]))
    for one in (adjoints, adjoints[::-1]) if is_plain else ():
        if 1 < len(had) == len(one):
            yield [*one[1:], had[-1]]
        elif 1 < len(had) == len(one) + 1:
            yield [*one, had[-1]]


def are_final(values: Sequence[Any], truth: Truth) -> bool:
    """Is every number of these values one of the true gradient itself?"""
    return are_among(values, np.unique(np.concatenate([np.ravel(array) for array in truth.values.values()])))


def are_among(values: Sequence[Any], known: Floats) -> bool:
    """Are all these numbers among the sorted ones? Zeros and ones alone say nothing."""
    numbers = np.concatenate([array.reshape(-1) for value in values for array in numbers_in(value)] or [np.zeros(0)])
    largest = float(np.abs(numbers).max(initial=0.0))
    telling = numbers[np.abs(numbers) > NEAR * largest]
    if not np.isfinite(numbers).all() or not np.any(np.abs(telling) != 1) or known.size < 2:
        return False
    after = np.clip(np.searchsorted(known, telling), 1, known.size - 1)
    near = np.minimum(np.abs(known[after] - telling), np.abs(known[after - 1] - telling))
    return bool((near <= NEAR * np.abs(telling) + 1e-9 * largest).all())
