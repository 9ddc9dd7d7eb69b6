"""How a site moves the gradients: the linear map from what is added to its values to what the gradients then lack."""

import sys
from dataclasses import dataclass
from types import CodeType, FrameType
from typing import Any

import numpy as np

from gradcheck.diagnosis.angels import Wanted
from gradcheck.diagnosis.benches import Bench, Hook, Moment, moments_of
from gradcheck.results.arrays import Floats

# More outputs than this are seen through random projections: a wrong block of 20,000 numbers shows in each.
OUTPUTS, PROJECTIONS = 400, 80
# Values that are the same under the wanted ones but for rounding.
SAME = 1e-9


@dataclass(frozen=True, eq=False)
class Lever:
    """A site at one point. lacks = jacobian @ (what should be added to the values of all moments, one after another).

    moments: the executions as they are under the wanted values; shapes: of the wanted values. is_faithful: a value
    tried at these moments has the effect that the map says.
    """

    moments: tuple[Moment, ...]
    shapes: tuple[tuple[int, ...], ...]
    jacobian: Floats
    lacks: Floats
    is_faithful: bool


def lever_of(bench: Bench, wanted: Wanted) -> Lever | None:
    """The lever of a site whose wanted value is known; None where an execution has no or several arrays.

    The executions are recorded under the wanted values, so that what a loop carries on is right already.
    """
    layout = wanted.layout
    if any(len(shapes) != 1 for shapes in layout.shapes):
        return None
    point = wanted.outputs.truth.point
    moments = moments_of(bench, point, layout.site.number, layout.replacing(wanted.want))
    had = layout.pack([moment.value for moment in moments])
    if had is None or not np.isfinite(had).all():
        return None
    weighed = _weighed(wanted)
    still = np.abs(had - wanted.have).max() <= SAME * np.abs(wanted.have).max()
    # Of several values that would do, one may be far from another, where a curve is no line any more.
    is_sure = wanted.is_affine or wanted.rank >= _felt(weighed)
    return Lever(
        moments=tuple(moments),
        shapes=tuple(shapes[0] for shapes in layout.shapes),
        jacobian=weighed,
        lacks=weighed @ (wanted.want - had),
        is_faithful=bool(is_sure and (len(moments) == 1 or still or wanted.rank >= _felt(weighed))),
    )


def _weighed(wanted: Wanted) -> Floats:
    """The Jacobian, or random projections of it; of the values themselves where it is not known."""
    if wanted.jacobian is None:
        return projecting(wanted.have.size)
    weighed = wanted.outputs.weights[:, None] * wanted.jacobian
    return projecting(len(weighed)) @ weighed if len(weighed) > OUTPUTS else weighed


def projecting(size: int) -> Floats:
    """(at most PROJECTIONS, size): a matrix that tells vectors apart."""
    return np.eye(size) if size <= PROJECTIONS else np.random.default_rng(0).normal(size=(PROJECTIONS, size))


def _felt(jacobian: Floats) -> int:
    """How many of the numbers move any gradient; the others may be what they like."""
    largest = np.abs(jacobian).max(axis=0)
    return int((largest > SAME * largest.max(initial=0.0)).sum())


def writing(number: int, code: CodeType, above: int = 2) -> Hook:
    """The hook that computes a site's value by another expression, from the names that stand there.

    above: how many calls the user's function stands above it, one more for a hook around this one. What the file keeps
    at its top is copied: a candidate that is added to afterwards would change the file's own data.
    """

    def hook(site: int, value: Any) -> Any:
        if site != number:
            return value
        frame = sys._getframe(above)
        new = eval(code, _scope(frame))
        return new.copy() if isinstance(new, np.ndarray) and _is_kept(new, frame.f_globals) else new

    return hook


def _is_kept(array: Floats, kept: dict[str, Any]) -> bool:
    """Is it, or a part of it, an array of the module?"""
    return any(isinstance(one, np.ndarray) and np.may_share_memory(array, one) for one in kept.values())


def _scope(frame: FrameType) -> dict[str, Any]:
    """All names that a frame sees; a comprehension's those of the function around it, too."""
    outer = frame.f_back
    inside = frame.f_code.co_name in ("<listcomp>", "<dictcomp>", "<setcomp>", "<genexpr>", "<lambda>")
    around = outer.f_locals if inside and outer and outer.f_code.co_filename == frame.f_code.co_filename else {}
    return {**frame.f_globals, **around, **frame.f_locals}
