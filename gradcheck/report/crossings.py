"""A cross-check over random networks as text, with what repeats a failure."""

from dataclasses import replace

from gradcheck.report.as_text import to_text
from gradcheck.report.commands import cross_check_again
from gradcheck.report.numbers import count, listed
from gradcheck.results.crossings import Crossing, Failure


def crossing_to_text(crossing: Crossing) -> str:
    """What was checked, and the smallest failing network with its code, its @example line and its command."""
    order = "first and second derivatives" if crossing.order > 1 else "loss, partials, adjoints and tangents"
    if crossing.failure is None:
        kinds = listed(list(crossing.kinds))
        said = f"✓ AGREE: {count(crossing.checked, 'random network')} of {kinds}, {order} (seed {crossing.seed})"
        return f"{said}\n"
    return _failure(crossing.failure, crossing.checked)


def _failure(failure: Failure, checked: int) -> str:
    lines = [
        f"✗ DISAGREE: {failure.told}",
        f"  on {failure.text}, the smallest of the networks that fail; it was seen after {count(checked, 'network')}",
        "",
        f"  {failure.code}",
        f"  {example_of(failure)}",
        f"  {command_of(failure)}",
        "",
        to_text(failure.result),
    ]
    return "\n".join(lines)


def example_of(failure: Failure) -> str:
    """The line that makes Hypothesis try this network first: the same in every version, for its point is by seed."""
    point = f"strategies.point_at(network, seed={failure.seed}, samples={failure.samples})"
    return f"@example((network := from_text({failure.text!r}), {point}))"


def command_of(failure: Failure) -> str:
    """The command that checks this network alone, at this point."""
    return cross_check_again(replace(failure.result.subject, loss=failure.text))
