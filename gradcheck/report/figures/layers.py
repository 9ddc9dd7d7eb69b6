"""Inside a network: the gradient per layer on a logarithmic axis, heat maps of the partials, gates step by step."""

import math
from dataclasses import dataclass

from gradcheck.report.figures.axes import Scale, Tick, power_ticks
from gradcheck.report.numbers import short
from gradcheck.results.figures import GateCurve, Gates, HeatMap, LayerSizes, NetworkFigures

# The place of the bars, and how high one is with the gap to the next.
LEFT, RIGHT, TOP, ROW = 144, 384, 8, 26
# Letters that fit on the left of the bars.
LETTERS = 22
# Cells are as large as a finger, in a map not wider than a phone; a map with more cells than this is not drawn.
CELL, WIDEST, CELLS = 22.0, 280.0, 4096
# Colours 1..5 are half decades up to the largest partial of a map.
COLOURS = 5
# The place of one gate's curve.
PANEL = (34, 270, 10, 96)
# So many units have colours that can be told apart.
UNITS = 6


@dataclass(frozen=True, slots=True)
class Bar:
    """One layer: its words, its bar to `end`, and its size in words."""

    words: str
    y: float
    end: float
    size: str


@dataclass(frozen=True, slots=True)
class SizesPicture:
    """The bars from the input (top) to the loss, and what they say."""

    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    height: float
    words: str


@dataclass(frozen=True, slots=True)
class HeatPicture:
    """One path per colour: p1..p5 above 0, m1..m5 below, z for 0, n for no number."""

    name: str
    layers: tuple[tuple[str, str], ...]
    width: float
    height: float
    largest: str


@dataclass(frozen=True, slots=True)
class GatePicture:
    """One line per unit; ticks are its lowest, middle and highest value and its first and last step."""

    name: str
    words: str
    lines: tuple[str, ...]
    y_ticks: tuple[Tick, ...]
    x_ticks: tuple[Tick, ...]


@dataclass(frozen=True, slots=True)
class NetworkPicture:
    """All figures of a network; left_out: the parameters too large to be drawn."""

    sizes: SizesPicture | None
    maps: tuple[HeatPicture, ...]
    left_out: tuple[str, ...]
    gates: tuple[tuple[str, int, int, tuple[GatePicture, ...]], ...]


def draw_network(figures: NetworkFigures) -> NetworkPicture:
    """The pictures of a network."""
    drawn = [one for one in figures.maps if 0 < one.partials.size <= CELLS]
    return NetworkPicture(
        sizes=draw_sizes(figures.sizes) if figures.sizes else None,
        maps=tuple(map(draw_heat, drawn)),
        left_out=tuple(one.name for one in figures.maps if one.partials.size > CELLS),
        gates=tuple(map(_draw_gates, figures.gates)),
    )


def draw_sizes(sizes: LayerSizes) -> SizesPicture:
    """Bars on an axis of whole powers of ten; a layer without any gradient has none."""
    logs = [math.log10(size) if size > 0 and math.isfinite(size) else None for size in sizes.sizes.tolist()]
    known = [one for one in logs if one is not None] or [0.0]
    scale = Scale(math.floor(min(known)) - 1, math.ceil(max(known)) or 0, LEFT, RIGHT)
    bars = tuple(
        Bar(_shortened(words), TOP + k * ROW, LEFT if log is None else scale.place(log), short(float(sizes.sizes[k])))
        for k, (words, log) in enumerate(zip(sizes.layers, logs, strict=True))
    )
    every = max(1, round((scale.high - scale.low) / COLOURS))
    return SizesPicture(bars, power_ticks(scale, every), TOP + len(bars) * ROW, sizes.words)


def _shortened(words: str) -> str:
    return words if len(words) <= LETTERS else f"{words[: LETTERS - 1]}…"


def draw_heat(heat: HeatMap) -> HeatPicture:
    """The cells of a map, neighbours of one colour in one piece."""
    rows, columns = heat.partials.shape
    cell = round(min(CELL, WIDEST / max(columns, rows)), 2)
    largest = max((abs(one) for one in heat.partials.ravel().tolist() if math.isfinite(one)), default=0.0)
    paths: dict[str, list[str]] = {}
    for row, numbers in enumerate(heat.partials.tolist()):
        colours = [heat_colour(one, largest) for one in numbers]
        start = 0
        for column in range(1, columns + 1):
            if column == columns or colours[column] != colours[start]:
                run = round((column - start) * cell, 2)
                piece = f"M{start * cell:g} {row * cell:g}h{run:g}v{cell:g}h{-run:g}z"
                paths.setdefault(colours[start], []).append(piece)
                start = column
    layers = tuple((colour, "".join(paths[colour])) for colour in sorted(paths))
    return HeatPicture(heat.name, layers, round(columns * cell, 1), round(rows * cell, 1), short(largest))


def heat_colour(partial: float, largest: float) -> str:
    """`p5` for a positive partial near the largest, `m1` for a negative one far below it, `z` for 0, `n` for none."""
    if not math.isfinite(partial):
        return "n"
    if partial == 0:
        return "z"
    depth = min(max(COLOURS + math.ceil(2 * math.log10(abs(partial) / largest)), 1), COLOURS)
    return f"{'p' if partial > 0 else 'm'}{depth}"


def _draw_gates(gates: Gates) -> tuple[str, int, int, tuple[GatePicture, ...]]:
    """(layer, units shown, units, its curves)."""
    units = gates.curves[0].values.shape[1]
    return gates.layer, min(units, UNITS), units, tuple(map(draw_gate, gates.curves))


def draw_gate(curve: GateCurve) -> GatePicture:
    """The lines of the first units over the steps."""
    left, right, top, bottom = PANEL
    steps, units = curve.values.shape
    across, upward = Scale(1, max(steps, 2), left, right), Scale(curve.low, curve.high, bottom, top)
    lines = tuple(
        " ".join(
            f"{across.place(t + 1):g},{upward.place(one):g}" for t, one in enumerate(curve.values[:, unit].tolist())
        )
        for unit in range(min(units, UNITS))
    )
    middle = (curve.low + curve.high) / 2
    y_ticks = tuple(Tick(upward.place(y), short(y)) for y in (curve.low, middle, curve.high))
    return GatePicture(
        curve.name, curve.words, lines, y_ticks, tuple(Tick(across.place(t), str(t)) for t in sorted({1, steps}))
    )
