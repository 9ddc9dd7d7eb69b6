"""Why a point is blind: a wrong partial's error over two parameters that coincide there, and where training goes."""

from collections.abc import Mapping

import numpy as np

from gradcheck.backprop.replay import hand_gradient, replay
from gradcheck.judgement.comparison import relative_error
from gradcheck.program.programs import Program
from gradcheck.results.arrays import Floats
from gradcheck.results.figures import BlindMap

# 41 is odd, so that the middle lies on a cell; at 1,681 cells the page stays small.
CELLS = 41
# The source's own learning rate, and enough steps for its loss to fall from 19.5 to 3e-6 (SOURCES.md).
RATE = 0.001
STEPS = 20_000
# A long program gets fewer steps: this many node evaluations take about a second.
NODE_BUDGET = 2_000_000
# Points kept of the way; drawn as one line.
KEPT = 50


def map_blindness(
    program: Program, label: str, pair: tuple[str, str], own: Mapping[str, float], checked: Mapping[str, float]
) -> BlindMap:
    """The relative error of the hand-written partial `label` over `pair`; own and checked are all inputs by label.

    The program must be traced at the checked point, with its gradient, and without branches.
    """
    x_name, y_name = pair
    path, losses = _descend(program, own)
    way = np.array([[step[x_name], step[y_name]] for step in path]) if losses else np.empty((0, 2))
    places = np.array([[own[x_name], own[y_name]], [checked[x_name], checked[y_name]], *way])
    axis = np.linspace(*_span(places), CELLS)
    x, y = np.meshgrid(axis, axis)
    there = replay(program, {**checked, x_name: x, y_name: y})
    errors = relative_error(
        np.broadcast_to(there.yours[label], x.shape), np.broadcast_to(there.gradient[label], x.shape)
    )
    return BlindMap(
        label=label,
        x_name=x_name,
        y_name=y_name,
        xs=axis,
        ys=axis,
        errors=errors,
        own=(own[x_name], own[y_name]),
        checked=(checked[x_name], checked[y_name]),
        training=way,
        training_steps=_steps(program) if losses else 0,
        losses=losses,
        gap_after_training=float(abs(way[-1, 0] - way[-1, 1])) if losses else None,
    )


def _descend(program: Program, start: Mapping[str, float]) -> tuple[list[dict[str, float]], tuple[float, float] | None]:
    """Gradient descent with the hand-written gradient: the points kept on the way, the loss before and after.

    None for the losses where it diverges.
    """
    run, here, steps = hand_gradient(program), dict(start), _steps(program)
    path = []
    with np.errstate(all="ignore"):
        before = float(run(here)[0])
        for step in range(steps + 1):
            if step % max(steps // KEPT, 1) == 0:
                path.append(dict(here))
            _, gradient = run(here)
            here = {name: value - RATE * float(gradient.get(name, 0.0)) for name, value in here.items()}
        after = float(run(path[-1])[0])
    return path, (before, after) if np.isfinite(after) and after <= before else None


def _steps(program: Program) -> int:
    return min(STEPS, NODE_BUDGET // max(len(program.nodes), 1))


def _span(places: Floats) -> tuple[float, float]:
    """The same span for both axes, so that the diagonal is a row of cells; one decimal beyond everything shown."""
    low, high = float(places.min()), float(places.max())
    margin = 0.15 * max(high - low, 0.1)  # room for the marks and their words
    unit = 10.0 ** np.floor(np.log10(high - low + 2 * margin) - 1)
    return float(np.floor((low - margin) / unit) * unit), float(np.ceil((high + margin) / unit) * unit)
