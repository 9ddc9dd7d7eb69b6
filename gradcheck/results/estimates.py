"""What the numeric opinion says: a value, its own error bar, and the ladder it came from."""

from dataclasses import dataclass
from typing import Any

from gradcheck.results.arrays import Floats, frozen
from gradcheck.results.outcomes import Reason


@dataclass(frozen=True, slots=True)
class Ladder:
    """The raw central differences of one entry: `steps` falling, one difference quotient per step (NaN where none)."""

    steps: Floats
    differences: Floats

    def __post_init__(self) -> None:
        for field in self.__slots__:
            object.__setattr__(self, field, frozen(getattr(self, field)))


@dataclass(frozen=True, slots=True)
class Estimate:
    """Central differences of one parameter array.

    value, bar: the parameter's shape; |truth - value| <= bar is the claim. NaN with an infinite bar where f is not
    finite. one_sided: 1 where only one side of the point lies in the domain, else 0. steps, differences: the ladders
    of all entries, (levels, *shape), so that one entry's ladder is a column. scale: the slope at which f would change
    by all of itself over the number's own magnitude. constant: 1 where f has one value on the whole ladder.
    slopes: (2, *shape) left and right slope where the point lies on a kink, NaN elsewhere; there `bar` holds for
    each and `value` lies halfway. reason: why nothing here may be believed (UNREPEATABLE).
    """

    value: Floats
    bar: Floats
    one_sided: Floats
    steps: Floats
    differences: Floats
    evaluations: int
    scale: Floats | None = None
    constant: Floats | None = None
    slopes: Floats | None = None
    reason: Reason | None = None

    def __post_init__(self) -> None:
        for field in ("value", "bar", "one_sided", "steps", "differences", "scale", "constant", "slopes"):
            if getattr(self, field) is not None:
                object.__setattr__(self, field, frozen(getattr(self, field)))

    def ladder(self, index: tuple[int, ...]) -> Ladder:
        """The ladder of one entry."""
        column: tuple[Any, ...] = (slice(None), *index)
        return Ladder(self.steps[column], self.differences[column])
