"""The map of blindness: how wrong one partial is over two parameters, one path per colour."""

import math
from dataclasses import dataclass

from gradcheck.report.figures.axes import Scale, Tick, ends_ticks
from gradcheck.report.numbers import relative, short
from gradcheck.results.arrays import Floats
from gradcheck.results.figures import BlindMap

LEFT, RIGHT, TOP, BOTTOM = 52, 372, 10, 330
# Colours 1..10 are half decades from 10^-4.5 up to 1 and more; colour 0 is nearer to right than that.
COLOURS = 11
# Relative errors of float64 arithmetic along a chain of some twenty operations stay below this: the map calls it blind.
BLIND = 1e-12
# Half the angle of an arrowhead, in radians: about as wide as long.
WING = 0.45
# Width and height that the words of a point take up.
WORDS = (100, 18)
LEGEND = ("blind", "0.003 %", "", "0.03 %", "", "0.3 %", "", "3 %", "", "30 %", "100 %")


@dataclass(frozen=True, slots=True)
class Spot:
    """A point on the map with its words, written to the left or right of it."""

    x: float
    y: float
    words: str
    text_x: float
    text_y: float
    anchor: str


@dataclass(frozen=True, slots=True)
class MapPicture:
    """One path per colour (class number, path), the points, the way of training, ticks, and the numbers behind it."""

    label: str
    x_name: str
    y_name: str
    layers: tuple[tuple[str, str], ...]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    own: Spot
    checked: Spot
    training: str
    arrow: str
    table: tuple[tuple[str, tuple[str, ...]], ...]
    table_head: tuple[str, ...]
    numbers: dict[str, object]


def draw_blindness(blind: BlindMap) -> MapPicture:
    """The picture of a map."""
    across = Scale(float(blind.xs[0]), float(blind.xs[-1]), LEFT, RIGHT)
    upward = Scale(float(blind.ys[0]), float(blind.ys[-1]), BOTTOM, TOP)
    way = [(across.place(x), upward.place(y)) for x, y in blind.training.tolist()]
    own, checked = ((across.place(x), upward.place(y)) for x, y in (blind.own, blind.checked))
    head, rows = _table(blind)
    return MapPicture(
        label=blind.label,
        x_name=blind.x_name,
        y_name=blind.y_name,
        layers=_layers(blind.errors),
        x_ticks=ends_ticks(across),
        y_ticks=ends_ticks(upward),
        own=_spot(own, "your point", _nudge(own, checked)),
        checked=_spot(checked, "checked here", _nudge(checked, own)),
        training=_polyline(way),
        arrow=_arrow(way),
        table=rows,
        table_head=head,
        numbers=_numbers(blind),
    )


def colour_of(error: float) -> str:
    """`n` where there is no number, 0 for blind, 1..10 in half decades."""
    if not math.isfinite(error):
        return "n"
    if error <= BLIND:
        return "0"
    return str(min(max(COLOURS - 1 + round(2 * math.log10(error)), 0), COLOURS - 1))


def _layers(errors: Floats) -> tuple[tuple[str, str], ...]:
    rows, columns = errors.shape
    width, height = (RIGHT - LEFT) / columns, (BOTTOM - TOP) / rows
    paths: dict[str, list[str]] = {}
    for row in range(rows):
        colours = [colour_of(e) for e in errors[row].tolist()]
        y = round(BOTTOM - (row + 1) * height, 2)
        start = 0
        for column in range(1, columns + 1):  # one rectangle per run of equal colour
            if column == columns or colours[column] != colours[start]:
                x, run = round(LEFT + start * width, 2), round((column - start) * width, 2)
                paths.setdefault(colours[start], []).append(f"M{x:g} {y:g}h{run:g}v{height:g}h{-run:g}z")
                start = column
    return tuple((colour, "".join(paths[colour])) for colour in sorted(paths))


def _spot(at: tuple[float, float], words: str, nudge: float) -> Spot:
    """The words stand on the left of a point on the right half and the other way round, so they never leave the map."""
    x, y = at
    left = x > (LEFT + RIGHT) / 2
    return Spot(x, y, words, x + (-12 if left else 12), y + 5 + nudge, "end" if left else "start")


def _nudge(at: tuple[float, float], other: tuple[float, float]) -> float:
    """How far the words move away from those of a point close by; the lower point's words go down."""
    if abs(at[0] - other[0]) > WORDS[0] or abs(at[1] - other[1]) > WORDS[1]:
        return 0.0
    return WORDS[1] / 2 if (at[1], at[0]) > (other[1], other[0]) else -WORDS[1] / 2


def _polyline(way: list[tuple[float, float]]) -> str:
    kept = [point for n, point in enumerate(way) if n == 0 or point != way[n - 1]]
    return " ".join(f"{x:g},{y:g}" for x, y in kept) if len(kept) > 1 else ""


def _arrow(way: list[tuple[float, float]]) -> str:
    """A small triangle at the end of the way, pointing along it; empty where the way has no length on the map."""
    if len(way) < 2 or way[0] == way[-1]:
        return ""
    enough = min(4.0, math.dist(way[0], way[-1]) / 2)  # the last steps of training may be too short to point anywhere
    tail = next(point for point in reversed(way) if math.dist(point, way[-1]) > enough)
    return arrowhead(tail, way[-1], 10)


def arrowhead(tail: tuple[float, float], tip: tuple[float, float], size: float) -> str:
    """The path of a triangle whose tip lies at `tip`, coming from `tail`."""
    angle = math.atan2(tip[1] - tail[1], tip[0] - tail[0])
    left, right = (
        (tip[0] - size * math.cos(angle + turn), tip[1] - size * math.sin(angle + turn)) for turn in (-WING, WING)
    )
    return "M{:.1f} {:.1f}L{:.1f} {:.1f}L{:.1f} {:.1f}z".format(*tip, *left, *right)


def _table(blind: BlindMap) -> tuple[tuple[str, ...], tuple[tuple[str, tuple[str, ...]], ...]]:
    """A coarse table of the same numbers: five columns, five rows from the top down."""
    columns = _spread(len(blind.xs))
    rows = _spread(len(blind.ys))[::-1]
    head = tuple(short(float(blind.xs[c])) for c in columns)
    told = [[relative(float(blind.errors[r, c]), wrong=True) for c in columns] for r in rows]
    return head, tuple((short(float(blind.ys[r])), tuple(words)) for r, words in zip(rows, told, strict=True))


def _spread(n: int) -> list[int]:
    return sorted({round(k * (n - 1) / 4) for k in range(5)})


def _numbers(blind: BlindMap) -> dict[str, object]:
    return {
        "x": blind.x_name,
        "y": blind.y_name,
        "xs": [float(f"{x:.4g}") for x in blind.xs],
        "ys": [float(f"{y:.4g}") for y in blind.ys],
        "errors": [[_rounded(e) for e in row] for row in blind.errors.tolist()],
        "box": [LEFT, TOP, RIGHT, BOTTOM],
    }


def _rounded(error: float) -> float | None:
    return float(f"{error:.2g}") if math.isfinite(error) else None
