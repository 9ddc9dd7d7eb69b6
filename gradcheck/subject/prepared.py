"""A loss made ready for many calls: one structure is built for a block of them and written in place between them.

A loss that changes what it is given, or that keeps it (to compare it with what comes next), gets fresh copies each
time instead; which of the two it is, its first call shows.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradcheck.errors import GradcheckError
from gradcheck.program.modules import in_modules
from gradcheck.results.arrays import Floats
from gradcheck.subject.blame import blamed
from gradcheck.subject.cases import DOMAIN_ERRORS, Case, Numbers, loss_at
from gradcheck.subject.returns import read_loss, read_pair
from gradcheck.subject.structures import Arrays, arrays_in


@dataclass(frozen=True, slots=True)
class Lent:
    """Arrays to write a point into, and the loss at what they hold, NaN where its domain ends.

    is_whole: are the arrays still in their places, and has nobody kept one? Asked while the borrower holds no view.
    """

    arrays: Arrays
    value: Callable[[], float]
    is_whole: Callable[[], bool]


@dataclass(slots=True)
class PreparedLoss:
    """The loss of a case around a point: called with the arrays that move, the others stay at the point.

    is_careful: has its first call left the arrays it was given as they were, and kept none? None before that call.
    """

    case: Case
    point: Numbers
    is_careful: bool | None = None

    def __call__(self, numbers: Numbers) -> float:
        """The loss at these arrays, of which it gets fresh copies; raises as `loss_at` does."""
        if self.is_careful is None:
            return self._first(numbers)
        return loss_at(self.case, {**self.point, **numbers})

    @contextmanager
    def lend(self, numbers: Numbers) -> Iterator[Lent]:
        """Arrays that hold these numbers, to be written in place between calls."""
        whole = {**self.point, **numbers}
        packed = self.case.at.build(whole)
        inside = arrays_in(packed, self.case.form.names[0]) if self.is_careful else None
        if inside is None:
            copies = {name: np.array(array, dtype=np.float64, order="C") for name, array in whole.items()}
            yield Lent(_only(copies, numbers), lambda: self._rebuilt(copies), lambda: True)
            return
        lent = Lent(_only(inside, numbers), self._calling(packed), lambda: is_whole())
        before = _references(inside)

        def is_whole() -> bool:
            if before != _references(inside) or not _holds(packed, inside, self.case):
                self.is_careful = False
            return bool(self.is_careful)

        with np.errstate(all="ignore"), in_modules(self.case.home):
            yield lent

    def _first(self, numbers: Numbers) -> float:
        """The loss at these arrays; notes how it treats them."""
        whole = {**self.point, **numbers}
        packed = self.case.at.build(whole)
        inside = arrays_in(packed, self.case.form.names[0])
        if inside is None or self.case.in_own_precision:
            self.is_careful = False
            return loss_at(self.case, whole)
        before = _references(inside)
        with np.errstate(all="ignore"), in_modules(self.case.home):
            value = self._calling(packed)()
        same = all(np.array_equal(inside[name], array, equal_nan=True) for name, array in whole.items())
        self.is_careful = same and before == _references(inside) and _holds(packed, inside, self.case)
        return value

    def _rebuilt(self, copies: Arrays) -> float:
        try:
            return loss_at(self.case, copies)
        except DOMAIN_ERRORS:
            return float("nan")

    def _calling(self, packed: Any) -> Callable[[], float]:
        """The loss at what a structure holds, ready to be called; errors of user code are raised with their line."""
        case, functions, calls = self.case, self.case.functions, self.case.calls
        call = case.form.bind(functions.loss, packed, functions.args, functions.kwargs or {})
        gives_pair = functions.returns_both
        where, doing = case.subject.path or case.subject.loss, f"calling {getattr(functions.loss, '__name__', 'loss')}"

        def value() -> float:
            calls["loss"] += 1
            try:
                returned = call()
            except DOMAIN_ERRORS:
                return float("nan")
            except GradcheckError:
                raise
            except (Exception, SystemExit) as error:
                raise blamed(error, where, doing) from error
            if gives_pair:
                returned = read_pair(returned, case.subject.loss)[0]
            return float(returned) if isinstance(returned, float) else read_loss(returned, case.subject.loss)

        return value


def _only(arrays: Arrays, numbers: Numbers) -> dict[str, Floats]:
    return {name: arrays[name] for name in numbers}


def _holds(packed: Any, inside: Arrays, case: Case) -> bool:
    """Does a structure still hold the very arrays that it was built with?"""
    now = arrays_in(packed, case.form.names[0]) or {}
    return now.keys() == inside.keys() and all(now[name] is array for name, array in inside.items())


def _references(arrays: Arrays) -> list[int]:
    """How often each array is referred to: more often after a call than before it, and the callee has kept it."""
    return [sys.getrefcount(array) for array in arrays.values()]
