"""Scales: from a number to a place on the page, and where to write which number."""

import math
from dataclasses import dataclass

from gradcheck.report.numbers import short


@dataclass(frozen=True, slots=True)
class Tick:
    """A place along an axis and what is written there: `text`, or 10 to the `power`."""

    at: float
    text: str
    power: str = ""


@dataclass(frozen=True, slots=True)
class Scale:
    """low..high of the data lie at start..end of the page."""

    low: float
    high: float
    start: float
    end: float

    def place(self, x: float) -> float:
        """Where x lies, to a tenth of a unit; beyond the ends it stays at the end."""
        inside = min(max(x, self.low), self.high)
        return round(self.start + (inside - self.low) / (self.high - self.low) * (self.end - self.start), 1)


def power_ticks(scale: Scale, every: int) -> tuple[Tick, ...]:
    """A tick at every `every`-th power of ten of a scale of logarithms."""
    powers = range(math.ceil(scale.low / every) * every, math.floor(scale.high) + 1, every)
    return tuple(Tick(scale.place(n), "10", str(n).replace("-", "−")) for n in powers)


def ends_ticks(scale: Scale) -> tuple[Tick, ...]:
    """The two ends and the middle."""
    middle = (scale.low + scale.high) / 2
    return tuple(Tick(scale.place(x), short(x)) for x in (scale.low, middle, scale.high))
