"""A user's text run once more, as their file was."""

import ast
import inspect
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import numpy as np

from gradcheck.errors import SubjectError
from gradcheck.program.modules import importable, in_modules, unwarned
from gradcheck.program.tops import NO_TOP, Kept, Step, Top, keys_of, run_steps, steps_of
from gradcheck.subject.cases import Case, parse
from gradcheck.subject.files import MODULE

# A statement at the top of a file, with all up to the next: offsets in the text, and its code, or what is kept of it.
Piece = tuple[int, int, Step]


def run_tree(
    case: Case, tree: ast.Module, helpers: Mapping[str, Any], keys: Sequence[str | None] | None = None
) -> ModuleType:
    """A fresh module in which the tree was run, as the case's own file was, but for what is kept of its first run.

    keys: those of the tree before it was rewritten.
    """
    top = case.origin.top if case.origin else NO_TOP
    if not top.kept:
        return _run(case, [compile(tree, _path(case), "exec", dont_inherit=True)], helpers)
    return _run(case, steps_of(tree, _path(case), top, keys), helpers)


def run_text(case: Case, text: str) -> ModuleType:
    """The same for another text: of what is as in the case's own text the code is taken from there.

    Raises SyntaxError, and SubjectError where the case has no text.
    """
    if case.origin is None:
        raise SubjectError("the source of these functions is not at hand: check their file to have a diagnosis")
    origin, path = case.origin, _path(case)
    pieces = _pieces(origin.text, path, origin.top) if origin.parse is parse else ()
    steps = _steps(origin.text, text, pieces, path) if pieces else None
    return run_tree(case, origin.parse(text, path), {}) if steps is None else _run(case, steps, {})


def _run(case: Case, steps: Sequence[Step], helpers: Mapping[str, Any]) -> ModuleType:
    path = _path(case)
    own = getattr(inspect.unwrap(case.functions.loss), "__globals__", {})
    module = ModuleType(MODULE)
    module.__dict__.update(helpers, __file__=path, __package__=own.get("__package__") or "")
    with importable(Path(path).resolve().parent), in_modules(module), np.errstate(all="ignore"), unwarned():
        run_steps(steps, module.__dict__)
    return module


def _path(case: Case) -> str:
    return case.subject.path or "<text>"


@lru_cache(maxsize=16)
def _pieces(text: str, path: str, top: Top = NO_TOP) -> tuple[Piece, ...]:
    """The statements at the top of a text; none where lines end otherwise than by a newline, or one means all."""
    if "\r" in text or "\f" in text or "__future__" in text:
        return ()
    tree, lines = parse(text, path), [0]
    for row in text.split("\n"):
        lines.append(lines[-1] + len(row) + 1)
    starts, kept = list[int](), list[Kept | None]()
    for one, key in zip(tree.body, keys_of(tree.body) if top.kept else [None] * len(tree.body), strict=True):
        first = min((node.lineno for node in getattr(one, "decorator_list", ())), default=one.lineno)
        is_words = isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant)  # of the file, where they begin it
        if not (one.col_offset or is_words):
            starts.append(lines[first - 1])
            kept.append(top.kept.get(key) if key else None)
        elif not is_words and kept and (kept[-1] or (key and key in top.kept)):
            return ()  # two statements in a line, of which one is kept
    starts = [0, *starts[1:]]
    ends = [*starts[1:], len(text)]
    return tuple(
        (start, end, one or _compiled(text, start, end, path))
        for start, end, one in zip(starts, ends, kept, strict=True)
    )


def _steps(old: str, new: str, pieces: tuple[Piece, ...], path: str) -> list[Step] | None:
    """The steps of a new text: of the old one's pieces that it begins and ends with, and of what is between.

    None where that is nothing by itself: an indented line at the end of a function belongs to that; and where it is
    data that something kept behind it may hang on.
    """
    begin, end, shift = 0, len(pieces), len(new) - len(old)
    while begin < end and new.startswith(old[slice(*pieces[begin][:2])], pieces[begin][0]):
        begin += 1
    start = pieces[begin - 1][1] if begin else 0
    while end > begin and pieces[end - 1][0] + shift >= start and new.endswith(old[pieces[end - 1][0] :]):
        end -= 1
    stop = (pieces[end][0] if end < len(pieces) else len(old)) + shift
    steps = [step for _, _, step in pieces]
    try:
        if any(isinstance(step, Kept) for step in steps[end:]) and any(keys_of(parse(new[start:stop], path).body)):
            return None
        return [*steps[:begin], _compiled(new, start, stop, path), *steps[end:]]
    except SyntaxError:
        return None


def _compiled(text: str, start: int, end: int, path: str) -> CodeType:
    """The code of a stretch of lines, with their numbers: empty lines before it cost less than a tree to renumber."""
    return compile("\n" * text.count("\n", 0, start) + text[start:end], path, "exec", dont_inherit=True)
