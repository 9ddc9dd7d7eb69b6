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
class Marks:
    """What the ladders of one parameter array showed beside value and bar; every field has its shape.

    doubt: place in DOUBTS. noise: measured noise of f at the step that won; size: |f| there. steepest: from this slope
    on f turns faster than x + h can follow (infinite where f is not that noisy). core: the bar of the steps that won
    alone, where finer ones contradict them, else NaN. level: the row of `steps` that won, -1 where it is no clear one.
    rival, reach: the slope that coarser steps see, and its bar, where it excludes the winner's and nothing smooth leads
    from the one to the other; else NaN.
    """

    doubt: Floats
    noise: Floats
    size: Floats
    steepest: Floats
    core: Floats
    level: Floats
    rival: Floats
    reach: Floats

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
    each and `value` lies halfway. marks: what else the ladders showed. reason: why nothing here may be believed
    (UNREPEATABLE).
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
    marks: Marks | None = None
    reason: Reason | None = None

    def __post_init__(self) -> None:
        for field in ("value", "bar", "one_sided", "steps", "differences", "scale", "constant", "slopes"):
            if getattr(self, field) is not None:
                object.__setattr__(self, field, frozen(getattr(self, field)))

    def ladder(self, index: tuple[int, ...]) -> Ladder:
        """The ladder of one entry."""
        column: tuple[Any, ...] = (slice(None), *index)
        return Ladder(self.steps[column], self.differences[column])
