"""A statement too many, or one that stands in the wrong place: before its neighbour, in or out of a loop or branch."""

import ast
from collections.abc import Iterator, Sequence

from gradcheck.diagnosis.candidates.places import Candidate
from gradcheck.diagnosis.edits import Source, Swap, written


def change_order(source: Source, block: Sequence[ast.stmt]) -> Iterator[tuple[ast.stmt, Candidate]]:
    """(the statement moved, the candidate): statements of a block left away, exchanged, taken in or out of a loop."""
    for i, statement in enumerate(block):
        lines = lines_of(source, statement, block)
        if lines is None or not isinstance(statement, SIMPLE):
            continue
        if len(block) > 1:
            yield statement, _without(source, statement, lines)
        following = block[i + 1] if i + 1 < len(block) else None
        if following is None:
            continue
        others = lines_of(source, following, block)
        if others is None:
            continue
        if isinstance(following, SIMPLE):
            yield statement, _exchanged(source, lines, others, "the two lines exchanged")
        elif isinstance(following, ast.For | ast.While):
            yield statement, _moved_in(source, lines, following)
    for i, statement in enumerate(block):
        if isinstance(statement, COMPOUND):
            yield from _moved_over_the_end(source, statement, block[i + 1 :])
            yield from _moved_before(source, statement)


def left_out(source: Source, tree: ast.Module, statement: ast.stmt) -> Candidate | None:
    """The candidate without a statement; None where it shares its line, or would leave its block empty."""
    for node in ast.walk(tree):
        for field in ("body", "orelse"):
            block = getattr(node, field, None)
            if isinstance(block, list) and len(block) > 1 and statement in block:
                lines = lines_of(source, statement, block)
                return None if lines is None else _without(source, statement, lines)
    return None


def _without(source: Source, statement: ast.stmt, lines: tuple[int, int]) -> Candidate:
    return Candidate((Swap(*lines, ""),), 1.7, f"without {written(source, statement)}")


SIMPLE = (ast.Assign, ast.AugAssign, ast.Expr, ast.AnnAssign)
COMPOUND = (ast.For, ast.While, ast.If)
Compound = ast.For | ast.While | ast.If
# So many statements in a row slip out of their block at most, each further one rarer.
SLIPPED = 3
MOVED, MORE = 1.4, 0.2


def _moved_over_the_end(
    source: Source, around: Compound, following: Sequence[ast.stmt]
) -> Iterator[tuple[ast.stmt, Candidate]]:
    """The last statements of a loop or branch after it, and the first ones after it into it."""
    if around.orelse:
        return
    body, inner, outer = around.body, around.body[0].col_offset, around.col_offset
    for count in range(1, SLIPPED + 1):
        lines = lines_of_all(source, body[-count:], body) if count < len(body) else None
        if lines is not None:
            swaps = (Swap(*lines, indented(source, lines, outer - inner)),)
            yield body[-count], Candidate(swaps, MOVED + MORE * (count - 1), f"after the {_called(around)}")
        lines = lines_of_all(source, following[:count], [*following, body[-1]]) if count <= len(following) else None
        if lines is not None:
            swaps = (Swap(*lines, indented(source, lines, inner - outer)),)
            yield following[0], Candidate(swaps, MOVED + MORE * (count - 1), f"inside the {_called(around)}")


def _called(around: Compound) -> str:
    return "branch" if isinstance(around, ast.If) else "loop"


def lines_of_all(source: Source, statements: Sequence[ast.stmt], block: Sequence[ast.stmt]) -> tuple[int, int] | None:
    """The whole lines of simple statements in a row."""
    found = [lines_of(source, one, block) if isinstance(one, SIMPLE) else None for one in statements]
    whole = [one for one in found if one is not None]
    return (whole[0][0], whole[-1][1]) if whole and len(whole) == len(found) else None


def _moved_before(source: Source, loop: Compound) -> Iterator[tuple[ast.stmt, Candidate]]:
    """The first statement of a loop or branch before it."""
    first = loop.body[0]
    lines = lines_of(source, first, loop.body)
    if len(loop.body) > 1 and lines is not None and isinstance(first, SIMPLE):
        start = source.lines[loop.lineno - 1]
        moved = indented(source, lines, loop.col_offset - first.col_offset)
        yield first, Candidate((Swap(start, start, moved), Swap(*lines, "")), 1.5, f"before the {_called(loop)}")


def _moved_in(source: Source, lines: tuple[int, int], loop: ast.For | ast.While) -> Candidate:
    """The statement before a loop as its first one."""
    first = loop.body[0]
    start = source.lines[first.lineno - 1]
    moved = indented(source, lines, first.col_offset - loop.col_offset)
    return Candidate((Swap(*lines, ""), Swap(start, start, moved)), 1.5, "anew in every round of the loop")


def _exchanged(source: Source, one: tuple[int, int], other: tuple[int, int], words: str) -> Candidate:
    first, second = source.text[slice(*one)], source.text[slice(*other)]
    if not second.endswith(("\n", "\r")):
        second, first = second + "\n", first.rstrip("\r\n")
    return Candidate((Swap(*one, second), Swap(*other, first)), 1.4, words)


def lines_of(source: Source, statement: ast.stmt, block: Sequence[ast.stmt]) -> tuple[int, int] | None:
    """The whole lines of a statement; None where it shares one with another."""
    first, last = statement.lineno, statement.end_lineno or statement.lineno
    shared = any(
        other is not statement and other.lineno <= last and (other.end_lineno or other.lineno) >= first
        for other in block
    )
    start = source.lines[first - 1]
    if shared or source.text[start : start + statement.col_offset].strip():
        return None
    end = source.lines[last] if last < len(source.lines) else len(source.text)
    return start, end


def indented(source: Source, lines: tuple[int, int], by: int) -> str:
    """The lines moved right or left by so many columns."""
    text = source.text[slice(*lines)]
    if by >= 0:
        return "".join(" " * by + line for line in text.splitlines(keepends=True))
    moved = (line[min(-by, len(line) - len(line.lstrip(" "))) :] for line in text.splitlines(keepends=True))
    return "".join(moved)
