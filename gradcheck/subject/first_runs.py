"""The first run of a file: what is slow at its top is kept, for a diagnosis runs the file some thousand times.

So is what reaches outside of the program: a file is written, a port is opened, a folder is changed but once.
"""

import ast
import time
from dataclasses import replace
from types import ModuleType
from typing import Any

from gradcheck.program.tops import Top, keys_of, packed, run_steps, steps_of
from gradcheck.subject.dataflow import writes
from gradcheck.subject.safety import does_io_at

# Seconds after which a statement is slow: to put data back takes some ten microseconds. Of data no more bytes are kept:
# to copy them would be slow.
SLOW, BYTES = 0.01, 2**27


def run_first(tree: ast.Module, path: str, names: dict[str, Any]) -> Top:
    """Runs a file's statements in a namespace, and tells what was slow; raises what they raise."""
    top = Top()
    for one, key, step in zip(tree.body, keys_of(tree.body), steps_of(tree, path), strict=True):
        before, seconds, clock = dict(names), time.process_time(), time.monotonic()
        run_steps([step], names)
        is_outside = does_io_at(tree, one) is not None
        if key is not None and (is_outside or time.monotonic() - clock > SLOW):
            top = _with(top, one, key, time.process_time() - seconds, before, names, is_outside)
    return top


def _with(
    top: Top,
    statement: ast.stmt,
    key: str,
    seconds: float,
    before: dict[str, Any],
    names: dict[str, Any],
    is_outside: bool,
) -> Top:
    """The top with one more statement; none that makes modules known, which takes time but once."""
    own = {name: value for name, value in names.items() if not name.startswith("__")}
    bound = {name for name, value in own.items() if before.get(name, before) is not value}
    if any(isinstance(names[name], ModuleType) for name in bound):
        return top
    changed = bound | {name for name in writes(statement) & own.keys() if not isinstance(own[name], ModuleType)}
    kept = packed(names, frozenset(changed), is_outside)
    seconds_by = {**top.seconds, statement.lineno: seconds}
    if kept is None or len(kept.state) > BYTES:
        return replace(top, seconds=seconds_by, again=top.again | {statement.lineno})
    return replace(top, seconds=seconds_by, kept={**top.kept, key: kept})
