"""The lines of a change as they should be read: what goes struck, what comes boxed, with line numbers."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gradcheck.results.diagnoses import Edit, Fix, Span

# Lines before and after a changed one: enough to recognise the place.
BEFORE, AFTER = 2, 1
HEAD = re.compile(r"@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a line: kind is "old" (goes), "new" (comes) or "" (stays)."""

    text: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class CodeLine:
    """A line of the file, with the number that it has there; None for a line that is new. kind: "old", "new" or ""."""

    number: int | None
    pieces: tuple[Piece, ...]
    kind: str = ""

    @property
    def is_changed(self) -> bool:
        """Does anything in it change?"""
        return bool(self.kind) or any(piece.kind for piece in self.pieces)


def code_of(fix: Fix) -> tuple[tuple[CodeLine, ...], ...]:
    """The places of a change, each as a few lines; what all lines of a place are indented by is left away."""
    return tuple(_dedented(_near(place)) for place in _places(fix))


def line_pairs(fix: Fix) -> Iterator[tuple[CodeLine, ...]]:
    """Each place as `patch` has it: old lines with the changed tokens marked, then the new ones, then what follows."""
    for place in _places(fix, merged=False):
        yield _dedented(_near(place))


def changes_of(fix: Fix) -> tuple[Edit, ...]:
    """The edits as a reader counts them: several in one line are one, from the first to the last."""
    rows = rows_of(fix)
    lines: dict[int, list[Edit]] = {}
    for edit in fix.edits:
        lines.setdefault(edit.span.line, []).append(edit)
    return tuple(_joined(edits, rows.get(line)) for line, edits in lines.items())


def rows_of(fix: Fix) -> dict[int | None, str]:
    """The old lines that its diff shows, by number."""
    return {line.number: "".join(p.text for p in line.pieces) for place in _places(fix, merged=False) for line in place}


def _joined(edits: list[Edit], row: str | None) -> Edit:
    """One edit for several of one line; the first alone where that line is not at hand."""
    edits = sorted(edits, key=lambda edit: edit.span.column)
    first, last = edits[0].span, edits[-1].span
    if len(edits) == 1 or row is None or last.end_line != first.line:
        return edits[0]
    new, done = "", first.column - 1
    for edit in edits:
        new += row[done : edit.span.column - 1] + edit.new
        done = edit.span.end_column - 1
    span = Span(first.line, first.column, last.line, last.end_column)
    return Edit(span, row[first.column - 1 : last.end_column - 1], new)


def _places(fix: Fix, merged: bool = True) -> Iterator[list[CodeLine]]:
    """The hunks of the diff; merged: a line in which tokens change is shown once, old and new tokens in it."""
    place: list[CodeLine] = []
    number, shown = 0, list[str]()
    for row in fix.diff.splitlines()[2:]:
        head, sign, text = HEAD.match(row), row[:1], row[1:]
        if head:
            if place:
                yield place
            place, number = [], int(head[1])
        elif sign == "+" and text in shown:
            shown.remove(text)
        elif sign == "+":
            place.append(CodeLine(None, _whole(text, "new"), "new"))
        elif sign in ("-", " ", ""):
            edits = [edit for edit in fix.edits if sign == "-" and _lies_in(edit, number)]
            pieces = tuple(_pieces(text, edits, merged)) if edits or sign != "-" else _whole(text, "old")
            shown += [_changed(text, edits)] if edits and merged else []
            place.append(CodeLine(number, pieces, "old" if sign == "-" and not (edits and merged) else ""))
            number += 1
    if place:
        yield place


def _lies_in(edit: Edit, number: int) -> bool:
    """Does it change tokens of that one line?"""
    return edit.span.line == edit.span.end_line == number and "\n" not in edit.old + edit.new


def _changed(text: str, edits: Sequence[Edit]) -> str:
    return "".join(piece.text for piece in _pieces(text, edits, True) if piece.kind != "old")


def _whole(text: str, kind: str) -> tuple[Piece, ...]:
    """A line that goes or comes as a whole, its indentation apart."""
    code = text.lstrip(" ")
    return tuple(_filled(Piece(text[: len(text) - len(code)]), Piece(code, kind)))


def _pieces(text: str, edits: Sequence[Edit], merged: bool) -> Iterator[Piece]:
    """The line cut at its edits; the new text stands behind the old one where both are shown in one line."""
    done = 0
    for edit in sorted(edits, key=lambda one: one.span.column):
        start, end = edit.span.column - 1, edit.span.end_column - 1
        yield from _filled(Piece(text[done:start]), Piece(text[start:end], "old"))
        yield from _filled(Piece(edit.new, "new")) if merged else ()
        done = end
    yield from _filled(Piece(text[done:]))


def _filled(*pieces: Piece) -> Iterator[Piece]:
    return (piece for piece in pieces if piece.text)


def _near(place: list[CodeLine]) -> list[CodeLine]:
    changed = [n for n, line in enumerate(place) if line.is_changed]
    near = {n for c in changed for n in range(c - BEFORE, c + AFTER + 1)}
    return [line for n, line in enumerate(place) if n in near]


def _dedented(lines: list[CodeLine]) -> tuple[CodeLine, ...]:
    texts = ["".join(piece.text for piece in line.pieces) for line in lines]
    indents = [len(text) - len(text.lstrip(" ")) for text in texts if text.strip()]
    common = min(indents, default=0)
    return tuple(CodeLine(line.number, _without(line.pieces, common), line.kind) for line in lines)


def _without(pieces: tuple[Piece, ...], indent: int) -> tuple[Piece, ...]:
    """The pieces without so many blanks at the start of the line; a change inside the indentation keeps its blanks."""
    if not pieces or pieces[0].kind:
        return pieces
    return (Piece(pieces[0].text[indent:]), *pieces[1:])
