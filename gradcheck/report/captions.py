"""What stands under the map of blindness, so that it can be read without having seen one before."""

from gradcheck.precision import EPS
from gradcheck.report.numbers import scientific, short
from gradcheck.results.figures import BlindMap

COLOURS = "Pale cells are blind: there the wrong value is right by chance. Dark cells show the fault."


def caption_of(blind: BlindMap, loss: str) -> str:
    """What a cell is, what the colours say, where the own point lies, where training goes."""
    return " ".join(part for part in (_cells(blind), COLOURS, _own_point(blind), _training(blind, loss)) if part)


def _cells(blind: BlindMap) -> str:
    pair = f"{blind.x_name} and {blind.y_name}"
    return (
        f"Each cell is a check of {blind.label} with other values of {pair}, everything else as at the checked point."
    )


def _own_point(blind: BlindMap) -> str:
    if blind.own[0] == blind.own[1]:
        return f"Your point lies on the pale line {blind.x_name} = {blind.y_name}, so a check there passes."
    return "Your point lies where the map is pale, so a check there passes."


def _training(blind: BlindMap, loss: str) -> str:
    if not blind.training_steps or blind.losses is None:
        return ""
    before, after = blind.losses
    # What is left after long training is the rounding of the last bits, which no two processors share.
    end = "0, but for rounding" if after <= EPS * before else _loss(after)
    start = f"The blue line is training with your own gradient: in {blind.training_steps:,} steps"
    return f"{start} {loss} goes from {_loss(before)} to {end}{_gap(blind)}."


def _gap(blind: BlindMap) -> str:
    if blind.gap_after_training is None:
        return ""
    if blind.gap_after_training == 0:
        line = f"{blind.x_name} = {blind.y_name} still holds exactly"
        return f", and {line}: training never leaves the line, so it never shows the fault either"
    return f"; afterwards {blind.x_name} and {blind.y_name} differ by {short(blind.gap_after_training)}"


def _loss(x: float) -> str:
    return short(x) if x == 0 or abs(x) >= 0.01 else scientific(x, 1)
