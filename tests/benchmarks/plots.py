"""Cost against size as an SVG file: logarithmic axes, a dashed line for each series that grows exactly linearly."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

WIDTH, HEIGHT = 620, 300
LEFT, RIGHT, TOP, BOTTOM = 58, 440, 16, 258
COLOURS = ("#0b6bcb", "#b3541e", "#2e7d32", "#7b1fa2")
STYLE = "font: 12px system-ui, sans-serif; fill: #444"

# (size, seconds)
Series = Sequence[tuple[float, float]]


def write_plot(path: Path, title: str, across: str, series: Mapping[str, Series]) -> None:
    """Writes the plot; across: what the sizes count."""
    points = [point for one in series.values() for point in one]
    x, y = (_Scale([math.log10(point[k]) for point in points]) for k in (0, 1))
    parts = [f'<title>{title}</title><rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>']
    for power in x.powers():
        at = x.place(power, LEFT, RIGHT)
        parts.append(f'<path d="M{at} {TOP}V{BOTTOM}" stroke="#ddd"/>')
        parts.append(f'<text x="{at}" y="{BOTTOM + 16}" text-anchor="middle">{_power(power)}</text>')
    for power in y.powers():
        at = y.place(power, BOTTOM, TOP)
        parts.append(f'<path d="M{LEFT} {at}H{RIGHT}" stroke="#ddd"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{at + 4}" text-anchor="end">{_power(power)} s</text>')
    for number, (name, one) in enumerate(series.items()):
        colour, last = COLOURS[number], one[-1]
        line = [(x.place(math.log10(a), LEFT, RIGHT), y.place(math.log10(b), BOTTOM, TOP)) for a, b in one]
        start = max(math.log10(one[0][0]), math.log10(last[0] / last[1]) + y.low)  # where it enters the plot
        first = y.place(start - math.log10(last[0] / last[1]), BOTTOM, TOP)
        dashes = f'd="M{x.place(start, LEFT, RIGHT)} {first}L{line[-1][0]} {line[-1][1]}" stroke-dasharray="3 4"'
        parts.append(f'<path {dashes} stroke="{colour}" fill="none"/>')
        corners = " ".join(f"{a},{b}" for a, b in line)
        parts.append(f'<polyline points="{corners}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{a}" cy="{b}" r="3" fill="{colour}"/>' for a, b in line]
        parts.append(f'<text x="{RIGHT + 10}" y="{line[-1][1] + 4}" style="fill: {colour}">{name}</text>')
    parts.append(f'<text x="{(LEFT + RIGHT) / 2}" y="{HEIGHT - 8}" text-anchor="middle">{across}</text>')
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" style="{STYLE}">'
    path.write_text("\n".join([head, *parts, "</svg>", ""]), encoding="utf-8")


class _Scale:
    """Logarithms from a little below the smallest to a little above the largest."""

    def __init__(self, logarithms: list[float]) -> None:
        self.low, self.high = min(logarithms) - 0.2, max(logarithms) + 0.2

    def place(self, logarithm: float, start: float, end: float) -> float:
        """Where it lies between the two ends on the page."""
        return round(start + (logarithm - self.low) / (self.high - self.low) * (end - start), 1)

    def powers(self) -> range:
        """The powers of ten within."""
        return range(math.ceil(self.low), math.floor(self.high) + 1)


def _power(power: int) -> str:
    return f'10<tspan dy="-5" font-size="9">{str(power).replace("-", "−")}</tspan>'
