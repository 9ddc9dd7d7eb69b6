"""The answer of a cross-check over random networks."""

from dataclasses import dataclass

from gradcheck.results.result import Result


@dataclass(frozen=True, slots=True)
class Failure:
    """The smallest network on which the opinions differ: its text form, its code, its point's seed and samples.

    told: in words; result: the full cross-check there.
    """

    text: str
    code: str
    seed: int
    samples: int
    told: str
    result: Result


@dataclass(frozen=True, slots=True)
class Crossing:
    """Random networks of some kinds under three opinions: how many were checked, and the smallest failure if any.

    order: 2 where second derivatives were checked, too. Its truth is that nothing failed.
    """

    kinds: tuple[str, ...]
    checked: int
    seed: int
    order: int
    failure: Failure | None
    seconds: float

    def __bool__(self) -> bool:
        return self.failure is None
