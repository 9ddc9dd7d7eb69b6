"""What is known of a site: which value of it would make every gradient right, and what such a value would do."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from gradcheck.diagnosis.layouts import Layout
from gradcheck.diagnosis.outputs import LEFT, Outputs
from gradcheck.diagnosis.sites import Site
from gradcheck.results.arrays import Floats
from gradcheck.results.diagnoses import Status

# What moves the gradients by so small a part of what the most moving number does only rounds.
FELT = 1e-9
# An execution is off where it is by this part of what the worst is: least squares are good to more.
OFF = 1e-3


@dataclass(frozen=True, eq=False)
class Wanted:
    """The value that a site would need at one point to make every gradient right.

    have, want: its numbers over all executions as one vector. jacobian: of the outputs by these numbers, at `want`;
    rank: its rank. Where that is full, there is no other such value. is_affine: do the outputs do what the Jacobian
    says, however far from `want`? Of a site with many numbers the Jacobian is not known: it is None, and any other
    value counts as wrong.
    """

    layout: Layout
    outputs: Outputs
    have: Floats
    want: Floats
    jacobian: Floats | None
    rank: int
    is_affine: bool = True

    @cached_property
    def felt(self) -> Any:
        """Mask of the numbers that move any gradient: what a loop makes last for nobody may be what it likes."""
        if self.jacobian is None:
            return np.ones(self.have.shape, dtype=bool)
        largest = np.abs(self.outputs.weights[:, None] * self.jacobian).max(axis=0, initial=0.0)
        return largest > FELT * largest.max(initial=0.0)

    @cached_property
    def is_unique(self) -> bool:
        """Is there no other value that mends everything, but for numbers that move nothing?"""
        return self.rank == int(np.sum(self.felt))

    def first_off(self, meant: Floats | None = None) -> int:
        """The first execution that should give another value; meant: the numbers that it should give."""
        sizes = [sum(int(np.prod(shape)) for shape in shapes) for shapes in self.layout.shapes]
        off = np.abs((self.want if meant is None else meant) - self.have) * self.felt
        largest = [off[start:end].max(initial=0.0) for start, end in pairwise(np.cumsum([0, *sizes]))]
        return next((turn for turn, one in enumerate(largest) if one > OFF * max(largest)), 0)

    @property
    def values(self) -> list[Any]:
        """What every execution would have to give, in the structure that it has."""
        return self.layout.unpack(self.want)

    def would_mend(self, values: Sequence[Any]) -> bool:
        """Would other values of the executions mend every gradient, as far as a linear look from `want` tells?"""
        vector = self.layout.pack(values)
        if vector is None or not np.isfinite(vector).all():
            return False
        if self.is_unique:
            near = 10 * LEFT * np.abs(self.want - self.have).max(initial=0.0)
            if (np.abs(vector - self.want) * self.felt).max(initial=0.0) > near + self._slack:
                return False
        if self.jacobian is None:
            return True
        left = self.outputs.weights * np.abs(self.jacobian @ (vector - self.want))
        return bool((left <= 10 * self.outputs.allowed).all())

    @property
    def _slack(self) -> float:
        return 1e-9 * float(np.abs(self.want).max(initial=0.0))


@dataclass(frozen=True, slots=True)
class Clue:
    """A text that the file itself suggests for a right-hand side; meaning: what its value is, in words."""

    text: str
    meaning: str


@dataclass(frozen=True, eq=False)
class Angel:
    """What is known of a site: can it be the only fault?

    status: "possible" where some value of it mends every gradient, "exonerated" where none does, else "unknown".
    wanted: that value at each of some points, where it was found. moves: the parameters whose gradients it moves (None
    where it could not be disturbed). size: how many numbers it has over all executions. clue: a text whose value there
    makes every gradient right.
    """

    site: Site
    status: Status
    wanted: tuple[Wanted, ...] = ()
    moves: frozenset[str] | None = None
    size: int = 0
    factor: float | None = None
    clue: Clue | None = None
