"""Where f is evaluated: arrays lent for many calls, written in place by whoever moves the point."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import numpy as np

from gradcheck.errors import GradcheckError
from gradcheck.results.arrays import Floats

Arrays = Mapping[str, Floats]
Function = Callable[[dict[str, Floats]], float]


class Loan(Protocol):
    """What f lends for a block of calls.

    f may have changed the numbers that it was lent: the borrower looks at them after the block.
    """

    @property
    def arrays(self) -> dict[str, Floats]:
        """float64 arrays in row-major order to write a point into; they stay the same objects."""

    @property
    def value(self) -> Callable[[], float]:
        """f at what the arrays hold, NaN where its domain ends."""

    @property
    def is_whole(self) -> Callable[[], bool]:
        """Is all but the numbers as it was, and kept by nobody? Asked while the borrower holds no view of them."""


@dataclass(frozen=True, slots=True)
class PlainLoan:
    """The loan of a function that lends nothing itself."""

    arrays: dict[str, Floats]
    value: Callable[[], float]
    is_whole: Callable[[], bool]


@dataclass(slots=True)
class Counted:
    """A function that counts its calls, those on what it lends too."""

    f: Function
    calls: int = 0

    def __call__(self, arrays: dict[str, Floats], /) -> float:
        """f at the arrays."""
        self.calls += 1
        return self.f(arrays)

    @contextmanager
    def lend(self, arrays: Arrays, /) -> Iterator[Loan]:
        """What f lends, or copies."""
        with lending(self.f, arrays) as loan:
            f = loan.value

            def value() -> float:
                self.calls += 1
                return f()

            yield PlainLoan(loan.arrays, value, loan.is_whole)


def lending(f: Function, arrays: Arrays) -> AbstractContextManager[Loan]:
    """A loan that holds the numbers of these arrays."""
    return f.lend(arrays) if hasattr(f, "lend") else _lend_copies(f, arrays)


def call_on(f: Function, copies: dict[str, Floats]) -> float:
    """f on arrays that it may change, in a dict of its own; NaN where its domain ends: where it raises an
    ArithmeticError or a ValueError."""
    try:
        value = f(copies.copy())
    except GradcheckError:
        raise
    except (ArithmeticError, ValueError):
        return float("nan")
    return float(value) if isinstance(value, float) else float(np.asarray(value, dtype=np.float64).item())


@contextmanager
def _lend_copies(f: Function, arrays: Arrays) -> Iterator[Loan]:
    copies = {name: array.copy(order="C") for name, array in arrays.items()}
    yield PlainLoan(copies, partial(call_on, f, copies), lambda: True)
