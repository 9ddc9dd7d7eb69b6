"""A bar on the terminal while a check takes long: one line on stderr, gone when what it shows is done."""

import time
from collections.abc import Callable

from rich.console import Console
from rich.control import Control
from rich.progress_bar import ProgressBar
from rich.segment import ControlType
from rich.table import Table

# Who waits a second wonders; the line is drawn anew so often that it moves, and no oftener.
PATIENCE, PAUSE = 1.0, 0.1
WIDTH = 40


def bar_on(console: Console, clock: Callable[[], float] = time.monotonic) -> Callable[[str, int, int], None]:
    """A listener that draws (what, done, total) on a terminal once a second has passed; else it draws nothing."""
    next_time, is_drawn = clock() + PATIENCE, False

    def draw(what: str, done: int, total: int) -> None:
        nonlocal next_time, is_drawn
        if not console.is_terminal:
            return
        if done >= total:
            if is_drawn:
                _clear(console)
            is_drawn = False
        elif clock() >= next_time:
            next_time, is_drawn = clock() + PAUSE, True
            _clear(console)
            console.print(_line(what, done, total), end="")

    return draw


def _line(what: str, done: int, total: int) -> Table:
    grid = Table.grid(padding=(0, 1))
    grid.add_row(what, ProgressBar(total=total, completed=done, width=WIDTH), f"{done:,} of {total:,}")
    return grid


def _clear(console: Console) -> None:
    console.control(Control(ControlType.CARRIAGE_RETURN, (ControlType.ERASE_IN_LINE, 2)))
