"""Error against step: is the disagreement an artefact of the step?"""

from gradcheck.judgement.comparison import relative_error
from gradcheck.results.figures import StepCurve
from gradcheck.results.verdicts import Verdict


def curve_of(verdict: Verdict) -> StepCurve | None:
    """The curve of a verdict's worst entry; None where it has no ladder."""
    if verdict.ladder is None or verdict.worst_index is None:
        return None
    entry = verdict.entry(verdict.worst_index)
    ladder = verdict.ladder
    return StepCurve(
        label=entry.label,
        steps=ladder.steps,
        errors=relative_error(ladder.differences, entry.truth + 0 * ladder.differences),
        yours=entry.relative_error,
    )
