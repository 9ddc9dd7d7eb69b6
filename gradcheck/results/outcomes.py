"""What a check may answer, and why it may not."""

from enum import Enum


class Outcome(Enum):
    """The three answers; the value is the word in every format."""

    AGREE = "agree"
    DISAGREE = "disagree"
    INCONCLUSIVE = "inconclusive"


class Reason(Enum):
    """Why an answer is what it is, where numbers alone do not say it: the finding, then the mend.

    In JSON the reason is the name in lower case.
    """

    MISSING = "the gradient has no entry for this parameter: return one under its name"
    SHAPE = "the gradient does not have the shape of its parameter: return one partial per entry"
    NOT_NUMBERS = "the gradient of this parameter holds no real numbers: return an array of floats"
    NOT_FINITE = "the gradient is NaN or infinite where the loss is smooth: look for 0/0, log(0) or overflow in it"
    NONFINITE = "the loss is NaN or infinite here or next to here: move the point into the domain of the loss"
    KINK = "the slopes left and right of the point differ, and yours lies between them: move the point off the corner"
    SUBGRADIENT = (
        "yours lies between the slopes of every entry and yet is no subgradient: let what ties share one slope"
    )
    JUMP = "the loss jumps at this point, so it has no slope: move the point off the jump, or mend the branch"
    SINGULAR = "the slope of the loss grows without bound at this point, as of sqrt at 0: move the point off it"
    CONFLICT = "small and large steps see two slopes, a part of the loss is rounded: compute all of it in float64"
    NOISE = "noise in the loss hides so small a fault: fix its seeds, or tighten the solver inside it"
    UNRESOLVED = "the loss turns faster than its parameter is rounded: scale the parameter, or move it nearer to 0"
    SATURATED = "the loss does not move by one rounding here: move the point to where no unit is saturated"
    RESOLUTION = "the differences of the loss are too coarse here to decide: compute the loss in float64, or scale it"
    TWO_NETWORKS = "two forward passes gave two losses: they read two networks, so mend the description's reader first"
    UNREPEATABLE = "the loss gave two values for one point: fix its random seed, or reset the state it keeps"

    @property
    def code(self) -> str:
        """The word for JSON: `resolution`, `nonfinite` ..."""
        return self.name.lower()


# What a ladder may show beside its numbers; an Estimate's marks hold the place in here, 0 for nothing.
DOUBTS = (None, Reason.JUMP, Reason.SINGULAR, Reason.CONFLICT)

# DESIGN.md: entries, parameters, check: DISAGREE before INCONCLUSIVE before AGREE.
SEVERITY = (Outcome.AGREE, Outcome.INCONCLUSIVE, Outcome.DISAGREE)


def worst_outcome(outcomes: "list[Outcome]") -> Outcome:
    """The gravest of several outcomes; AGREE for none."""
    return max(outcomes, key=SEVERITY.index, default=Outcome.AGREE)
