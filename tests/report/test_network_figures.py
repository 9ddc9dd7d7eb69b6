"""The figures of a network on its page: places and colours against the numbers behind them."""

import math
import re

import numpy as np
import pytest

from gradcheck.checks import cross_check
from gradcheck.report.as_html import to_html
from gradcheck.report.figures.layers import (
    CELLS,
    LEFT,
    RIGHT,
    UNITS,
    draw_gate,
    draw_heat,
    draw_network,
    draw_sizes,
    heat_colour,
)
from gradcheck.results.figures import GateCurve, Gates, HeatMap, LayerSizes, NetworkFigures


@pytest.mark.parametrize(
    ("partial", "colour"),
    [(1.0, "p5"), (-1.0, "m5"), (0.5, "p5"), (-0.2, "m4"), (0.02, "p2"), (1e-9, "p1"), (0.0, "z"), (math.nan, "n")],
)
def test_colours_have_the_sign_and_are_half_decades_below_the_largest(partial, colour):
    assert heat_colour(partial, 1.0) == colour


def test_bars_are_as_long_as_their_logarithms():
    picture = draw_sizes(LayerSizes(("1", "2", "3"), np.array([1e-4, 1e-2, 0.0]), "words"))
    ends = [bar.end for bar in picture.bars]
    places = {tick.power: tick.at for tick in picture.ticks}
    assert ends == [places["−4"], places["−2"], LEFT]
    assert all(LEFT <= end <= RIGHT for end in ends)


def test_words_that_would_leave_the_page_are_shortened():
    picture = draw_sizes(LayerSizes(("1: Dense, sigmoid", "12: Recurrent, leaky_relu"), np.ones(2), "words"))
    assert [bar.words for bar in picture.bars] == ["1: Dense, sigmoid", "12: Recurrent, leaky_…"]


def test_every_cell_is_drawn_once_in_its_own_colour():
    partials = np.array([[1.0, 0.9, -1.0], [0.0, 0.0, np.nan]])
    picture = draw_heat(HeatMap("W1", partials))
    found = {}
    for colour, path in picture.layers:
        for x, y, run in re.findall(r"M(\S+) (\S+?)h(\S+?)v", path):
            for step in range(round(float(run) / 22)):
                found[round(float(y) / 22), round(float(x) / 22) + step] = colour
    assert found == {place: heat_colour(partials[place], 1.0) for place in np.ndindex(2, 3)}
    assert (picture.width, picture.height, picture.largest) == (66, 44, "1")


def test_a_map_without_any_gradient_is_grey():
    assert [colour for colour, _ in draw_heat(HeatMap("b1", np.zeros((1, 3)))).layers] == ["z"]


def test_what_is_too_large_is_named_and_not_drawn():
    large = HeatMap("W1", np.ones((1, CELLS + 1)))
    picture = draw_network(NetworkFigures(None, (large, HeatMap("b1", np.ones((1, 2)))), ()))
    assert picture.left_out == ("W1",)
    assert [one.name for one in picture.maps] == ["b1"]


def test_a_gate_is_one_line_per_unit_over_its_steps():
    curve = GateCurve("f1", "forget gate", np.linspace(0, 1, 4 * 9).reshape(4, 9), 0.0, 1.0)
    picture = draw_gate(curve)
    assert len(picture.lines) == UNITS
    xs, ys = zip(*(map(float, place.split(",")) for place in picture.lines[0].split()), strict=True)
    assert list(xs) == sorted(xs)
    assert list(ys) == sorted(ys, reverse=True)
    assert [tick.text for tick in picture.y_ticks] == ["0", "0.5", "1"]
    assert [tick.text for tick in picture.x_ticks] == ["1", "4"]
    ((_, shown, units, _),) = draw_network(NetworkFigures(None, (), (Gates("1: LSTM", (curve,)),))).gates
    assert (shown, units) == (UNITS, 9)


def test_one_step_is_one_place():
    assert draw_gate(GateCurve("f1", "", np.array([[0.5]]), 0.0, 1.0)).lines == ("34,53",)


def test_the_page_of_a_deep_net_shows_how_its_gradient_vanishes():
    page = to_html(cross_check("vanishing"))
    assert "The size of the gradient, layer by layer" in page
    assert "vanishes towards the input" in page
    assert page.count('class="heat"') == 14
    assert "step by step" not in page


def test_the_page_of_an_lstm_shows_its_gates():
    page = to_html(cross_check("lstm-peepholes"))
    assert "The gates of layer 1: LSTM, step by step" in page
    assert page.count('class="unit u1"') == 6
    assert "forget gate: how much of the cell is kept" in page
