"""A backward pass goes through examples forwards, through the steps of each of them backwards."""

from collections.abc import Iterator, Sequence

from gradcheck.results.arrays import Floats


def by_example(adjoints: Sequence[Floats], count: int, examples: int, later: bool = False) -> list[Floats]:
    """The adjoints of `count` executions, as many of the last steps of each example, or of the first ones (later).

    adjoints: of all steps of all examples, the last execution first. Empty where they cannot be shared out so.
    """
    total = len(adjoints)
    if not 1 < examples < total or total % examples or count % examples or not 0 < count <= total:
        return []
    steps, some = total // examples, count // examples
    start = steps - some if later else 0
    ends = range(total - steps, -1, -steps)
    return [one for end in ends for one in adjoints[end + start : end + start + some]]


def all_by_example(adjoints: Sequence[Floats], count: int, runs: Sequence[int]) -> Iterator[list[Floats]]:
    """The same for every number of examples that may be: runs: how often anything in the loss ran."""
    for examples in runs:
        for later in (False, True):
            found = by_example(adjoints, count, examples, later)
            if found:
                yield found
