"""The error of a difference quotient against its step, beside the user's own error."""

import math
from dataclasses import dataclass

from gradcheck.report.figures.axes import Scale, Tick, power_ticks
from gradcheck.report.numbers import relative, superscript
from gradcheck.results.figures import StepCurve

WIDTH, HEIGHT = 620, 300
LEFT, RIGHT, TOP, BOTTOM = 58, 608, 16, 258
# Errors below this (an exact hit is 0) lie on the bottom line: half the spacing of float64 is 1.1e-16.
FLOOR = -17.0


@dataclass(frozen=True, slots=True)
class StepPicture:
    """Polyline points, dots, ticks and words of the curve; `yours_y` is the height of the flat line."""

    label: str
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    lines: tuple[str, ...]
    dots: tuple[tuple[float, float, str], ...]
    yours_y: float
    yours_words: str
    yours_below: bool
    best: tuple[float, float]
    best_left: bool
    best_words: str
    best_error: str
    agrees: bool


def draw_steps(curve: StepCurve, agrees: bool) -> StepPicture | None:
    """The picture of a curve; None where no step gave a finite error."""
    known = [
        (math.log10(h), _height(error), error)
        for h, error in zip(curve.steps.tolist(), curve.errors.tolist(), strict=True)
        if h > 0 and math.isfinite(error)
    ]
    if not known:
        return None
    yours = _height(curve.yours) if math.isfinite(curve.yours) else 1.0
    across = Scale(math.floor(min(k[0] for k in known)), math.ceil(max(k[0] for k in known)) or 1, LEFT, RIGHT)
    heights = [k[1] for k in known] + [yours, 0.0]
    upward = Scale(math.floor(min(heights)) - 1.5, math.ceil(max(heights)) + 0.5, BOTTOM, TOP)
    dots = [(across.place(x), upward.place(y), f"step 10^{x:.1f}: {relative(e)}") for x, y, e in known]
    best = min(known, key=lambda k: k[1])
    best_at = (across.place(best[0]), upward.place(best[1]))
    return StepPicture(
        label=curve.label,
        x_ticks=power_ticks(across, 3),
        y_ticks=power_ticks(upward, 3),
        lines=(" ".join(f"{x},{y}" for x, y, _ in dots),),
        dots=tuple(dots),
        yours_y=upward.place(yours),
        yours_words=_yours_words(curve.yours),
        yours_below=upward.place(yours) < (TOP + BOTTOM) / 2,
        best=best_at,
        best_left=best_at[0] > (LEFT + RIGHT) / 2,
        best_words=f"10{superscript(round(best[0]))}",
        best_error=relative(best[2]),
        agrees=agrees,
    )


def _height(error: float) -> float:
    return max(math.log10(error), FLOOR) if error > 0 else FLOOR


def _yours_words(error: float) -> str:
    if error == 0:
        return "your gradient: exactly the true value"
    return f"your gradient: {relative(error, wrong=True)} away at every step"
