"""A bar after a second, on a terminal only."""

import io

import numpy as np
from rich.console import Console

from gradcheck.numeric.progress import listening
from gradcheck.report.progress import bar_on
from gradcheck.verification import examine


def drawn(is_terminal, seconds):
    out, clock = io.StringIO(), iter(seconds)
    draw = bar_on(Console(file=out, force_terminal=is_terminal, width=100), lambda: next(clock))
    draw("W", 256, 1024)
    text = out.getvalue()
    draw("W", 1024, 1024)
    return text, out.getvalue()


def test_nothing_is_drawn_within_the_first_second_nor_where_there_is_no_terminal():
    assert drawn(True, [0.0, 0.9]) == ("", "")
    assert drawn(False, [0.0, 5.0]) == ("", "")


def test_after_a_second_one_line_tells_how_far_it_is_and_goes_when_it_is_done():
    text, after = drawn(True, [0.0, 1.5, 1.5])

    assert "W" in text
    assert "256 of 1,024" in text
    assert "\n" not in text.rstrip("\n")
    assert after.endswith("\r\x1b[2K")


def test_a_check_tells_its_parameters_and_its_directions():
    told = []
    with listening(lambda *one: told.append(one)):
        x = np.linspace(0.1, 1, 300)
        examine(lambda a: float(np.sum(np.sin(a["x"]))), {"x": np.cos(x)}, {"x": x})
        examine(lambda a: float(np.sum(np.sin(a["x"]))), {"x": np.cos(x)}, {"x": x}, level="quick")
    examine(lambda a: float(np.sum(np.sin(a["x"]))), {"x": np.cos(x)}, {"x": x})

    assert told == [("x", 256, 300), ("x", 300, 300), *(("directions", k, 3) for k in (1, 2, 3))]
