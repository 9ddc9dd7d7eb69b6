"""Figures: what is drawn where, checked against the numbers behind it."""

import math
import re
from dataclasses import replace

import numpy as np
import pytest

from gradcheck.report.figures.axes import Scale, ends_ticks, power_ticks
from gradcheck.report.figures.curves import draw_steps
from gradcheck.report.figures.graphs import draw_graph
from gradcheck.report.figures.maps import BOTTOM, LEFT, RIGHT, TOP, colour_of, draw_blindness
from gradcheck.results.figures import StepCurve


def test_a_scale_keeps_to_its_ends():
    scale = Scale(0, 10, 100, 200)
    assert [scale.place(x) for x in (-5, 0, 5, 10, 99)] == [100, 100, 150, 200, 200]


def test_ticks_stand_at_whole_powers():
    assert [tick.power for tick in power_ticks(Scale(-13, 0.5, 0, 1), 3)] == ["−12", "−9", "−6", "−3", "0"]
    assert [tick.text for tick in ends_ticks(Scale(-1, 1, 0, 2))] == ["−1", "0", "1"]


@pytest.mark.parametrize(
    ("error", "colour"),
    [(0.0, "0"), (1e-13, "0"), (1e-8, "0"), (10**-4.5, "1"), (0.01, "6"), (1.0, "10"), (2.0, "10"), (math.nan, "n")],
)
def test_colours_are_half_decades(error, colour):
    assert colour_of(error) == colour


def test_every_cell_of_the_map_lies_under_its_own_colour_once(made):
    blind = made.blind_map()
    cell_x, cell_y = (RIGHT - LEFT) / 41, (BOTTOM - TOP) / 41
    seen = {}
    for colour, path in draw_blindness(blind).layers:
        for x, y, run in re.findall(r"M(\S+) (\S+?)h(\S+?)v", path):
            row = 40 - round((float(y) - TOP) / cell_y)
            first = round((float(x) - LEFT) / cell_x)
            for column in range(first, first + round(float(run) / cell_x)):
                assert (row, column) not in seen
                seen[row, column] = colour
    assert seen == {(r, c): colour_of(blind.errors[r, c]) for r in range(41) for c in range(41)}


def test_the_diagonal_of_the_source_example_is_blind(made):
    assert {colour_of(e) for e in np.diag(made.blind_map().errors)} == {"0"}


def test_training_ends_in_an_arrow_and_no_training_in_none(made):
    blind = made.blind_map()
    assert draw_blindness(blind).arrow.endswith("z")
    still = replace(blind, training=np.empty((0, 2)))
    assert draw_blindness(still).arrow == draw_blindness(still).training == ""
    standing = replace(blind, training=np.full((3, 2), 0.2))
    assert draw_blindness(standing).arrow == draw_blindness(standing).training == ""


def test_the_flat_line_lies_above_the_curve_of_a_wrong_gradient(made):
    picture = draw_steps(made.step_curve(), agrees=False)
    assert picture.yours_y < min(y for _, y, _ in picture.dots)
    assert picture.yours_words == "your gradient: 118 % away at every step"


def test_steps_without_a_number_are_left_out():
    curve = StepCurve("w", [1.0, 0.1, 0.01], [math.nan, 0.1, 0.0], 0.0)
    picture = draw_steps(curve, agrees=True)
    assert len(picture.dots) == 2
    assert picture.yours_words == "your gradient: exactly the true value"
    assert draw_steps(StepCurve("w", [1.0], [math.nan], 0.0), agrees=True) is None


def test_a_curve_of_one_step_is_drawn():
    assert draw_steps(StepCurve("w", [1.0], [0.5], math.nan), agrees=False) is not None


def test_arrows_end_at_the_rim_of_their_target(made):
    picture = draw_graph(made.graph())
    centres = {circle.node.name: (circle.x, circle.y) for circle in picture.circles}
    for arrow in picture.arrows:
        tip = tuple(map(float, re.match(r"M(\S+) (\S+)L", arrow.head).groups()))
        assert 24 <= math.dist(tip, centres[arrow.edge.target]) <= 30


def test_no_two_circles_overlap(made):
    circles = draw_graph(made.graph()).circles
    gaps = [math.dist((a.x, a.y), (b.x, b.y)) for a in circles for b in circles if a is not b]
    assert min(gaps) > 2 * 24


def test_marked_edges_say_how_they_are_used_and_lie_on_top(made):
    arrows = draw_graph(made.graph()).arrows
    assert [arrow.words for arrow in arrows[-2:]] == ["w5 used twice", "w6 never used"]
