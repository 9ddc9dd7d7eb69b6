"""The graph of named values: circles in columns, arrows between them, words that stay clear of both."""

import math
from dataclasses import dataclass

from gradcheck.report.figures.maps import arrowhead
from gradcheck.report.numbers import short
from gradcheck.results.figures import Edge, Graph, Node

COLUMN, ROW, MARGIN, RADIUS = 160.0, 96.0, 46.0, 24.0
ROLES = {"twice": "used twice", "never": "never used"}


@dataclass(frozen=True, slots=True)
class Circle:
    """A node with its place and the words under it."""

    node: Node
    x: float
    y: float
    value: str
    adjoint: str


@dataclass(frozen=True, slots=True)
class Arrow:
    """An edge with its line, its head and the place of its words."""

    edge: Edge
    line: str
    head: str
    x: float
    y: float
    anchor: str
    words: str


@dataclass(frozen=True, slots=True)
class GraphPicture:
    """Everything in drawing order: arrows first, then circles; width and height of the page it needs."""

    width: float
    height: float
    circles: tuple[Circle, ...]
    arrows: tuple[Arrow, ...]
    words: str
    roles: tuple[str, ...]


def draw_graph(graph: Graph) -> GraphPicture:
    """The picture of a graph."""
    places = _places(graph.nodes)
    arrows = tuple(_arrow(edge, places) for edge in graph.edges if edge.source in places and edge.target in places)
    return GraphPicture(
        width=max(x for x, _ in places.values()) + MARGIN,
        height=max(y for _, y in places.values()) + MARGIN + 20,
        circles=tuple(_circle(node, places) for node in graph.nodes),
        arrows=tuple(sorted(arrows, key=lambda arrow: bool(arrow.edge.role))),  # the marked ones lie on top
        words=graph.words,
        roles=tuple(role for role in ("twice", "never") if any(edge.role == role for edge in graph.edges)),
    )


def _places(nodes: tuple[Node, ...]) -> dict[str, tuple[float, float]]:
    """Columns from left to right, each centred against the tallest one."""
    rows: dict[int, list[int]] = {}
    for node in nodes:
        rows.setdefault(node.column, []).append(node.row)
    middle = {column: (min(numbers) + max(numbers)) / 2 for column, numbers in rows.items()}
    half = max((max(numbers) - min(numbers)) / 2 for numbers in rows.values())
    columns = {column: place for place, column in enumerate(sorted(rows))}
    return {
        node.name: (
            MARGIN + columns[node.column] * COLUMN,
            MARGIN + (node.row - middle[node.column] + half) * ROW,
        )
        for node in nodes
    }


def _circle(node: Node, places: dict[str, tuple[float, float]]) -> Circle:
    x, y = places[node.name]
    adjoint = "" if node.adjoint is None else short(node.adjoint)
    return Circle(node, round(x, 1), round(y, 1), short(node.value), adjoint)


def _arrow(edge: Edge, places: dict[str, tuple[float, float]]) -> Arrow:
    start, end = places[edge.source], places[edge.target]
    length = math.dist(start, end) or 1.0
    along = ((end[0] - start[0]) / length, (end[1] - start[1]) / length)
    tail = (start[0] + RADIUS * along[0], start[1] + RADIUS * along[1])
    gap = RADIUS + 3
    tip = (end[0] - gap * along[0], end[1] - gap * along[1])
    size = 14 if edge.role else 8
    foot = (tip[0] - 0.8 * size * along[0], tip[1] - 0.8 * size * along[1])
    x, y, anchor = _words_at(edge, tail, tip)
    return Arrow(
        edge=edge,
        line=f"M{tail[0]:.1f} {tail[1]:.1f}L{foot[0]:.1f} {foot[1]:.1f}",
        head=arrowhead(tail, tip, size),
        x=round(x, 1),
        y=round(y, 1),
        anchor=anchor,
        words=_words(edge),
    )


def _words(edge: Edge) -> str:
    """The local partial by its name, and how the gradient uses it."""
    return " ".join(part for part in (edge.text, ROLES.get(edge.role, "")) if part)


def _words_at(edge: Edge, tail: tuple[float, float], tip: tuple[float, float]) -> tuple[float, float, str]:
    """Plain words stand near the source, where arrows lie apart; marked ones on the side away from the other arrows."""
    fall = tip[1] - tail[1]
    share = 0.3 if fall or not edge.role else 0.5
    x, y = tail[0] + share * (tip[0] - tail[0]), tail[1] + share * fall
    if not edge.role or not fall:
        return x, y - (8 if edge.role else 4), "middle"
    return (x + 6, y - 8, "start") if fall > 0 else (x + 6, y + 20, "start")
