"""Changes of a text: which stretch is replaced by what, as edits with lines and columns, and as a unified diff."""

import ast
import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gradcheck.results.diagnoses import Edit, Span

LINE_END = re.compile(r"\r\n|\r|\n")
# A name, a number, a blank stretch or one other sign: what a reader sees change as one.
TOKEN = re.compile(r"[A-Za-z_]\w*|\d[\w.]*|(?:\*\*|//|<<|>>|[-+*/%@<>=!])=|\*\*|//|\s+|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Swap:
    """The characters from start to end (exclusive) of a text, and what to write there."""

    start: int
    end: int
    new: str


@dataclass(frozen=True, slots=True)
class Source:
    """A text and where its lines begin, by offset."""

    text: str
    lines: tuple[int, ...]

    def line(self, number: int) -> str:
        """The line of that number, from 1, with its end."""
        after = self.lines[number] if number < len(self.lines) else len(self.text)
        return self.text[self.lines[number - 1] : after]


def read_source(text: str) -> Source:
    """The text with its line starts; lines end where Python says so, not at a form feed."""
    return Source(text, (0, *(match.end() for match in LINE_END.finditer(text))))


def stretch(source: Source, node: ast.AST) -> tuple[int, int]:
    """Offsets of a node of the text's tree, whose columns count bytes."""
    assert isinstance(node, ast.expr | ast.stmt | ast.arg | ast.keyword)
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    return (
        _offset(source, node.lineno, node.col_offset),
        _offset(source, node.end_lineno, node.end_col_offset),
    )


def written(source: Source, node: ast.AST) -> str:
    """The node as it stands in the text."""
    start, end = stretch(source, node)
    return source.text[start:end]


def apply_swaps(text: str, swaps: Iterable[Swap]) -> str:
    """The text with all of them made; they may touch but not overlap."""
    for swap in sorted(swaps, key=lambda one: (one.start, one.end), reverse=True):
        text = text[: swap.start] + swap.new + text[swap.end :]
    return text


def to_edits(source: Source, swaps: Iterable[Swap]) -> tuple[Edit, ...]:
    """The swaps as edits; one that stands alone is shrunk to the tokens that change."""
    swaps = list(swaps)
    shrunk = _shrunk(source.text, swaps[0]) if len(swaps) == 1 else swaps
    return tuple(_edit(source, swap) for swap in sorted(shrunk, key=lambda one: one.start))


def apply_edits(text: str, edits: Sequence[Edit]) -> str:
    """The text with all edits made; raises ValueError where an edit's old text does not stand there any more."""
    source = read_source(text)
    swaps = []
    for edit in edits:
        start = source.lines[edit.span.line - 1] + edit.span.column - 1
        end = source.lines[edit.span.end_line - 1] + edit.span.end_column - 1
        if text[start:end] != edit.old:
            raise ValueError(f"line {edit.span.line} reads otherwise than when it was checked: check the file again")
        swaps.append(Swap(start, end, edit.new))
    return apply_swaps(text, swaps)


def _offset(source: Source, line: int, column: int) -> int:
    """The offset of a byte column of a line."""
    return source.lines[line - 1] + len(source.line(line).encode()[:column].decode(errors="ignore"))


def _edit(source: Source, swap: Swap) -> Edit:
    first, last = _place(source, swap.start), _place(source, swap.end)
    return Edit(Span(*first, *last), source.text[swap.start : swap.end], swap.new)


def _place(source: Source, offset: int) -> tuple[int, int]:
    """Line and column, from 1."""
    line = bisect_right(source.lines, offset)
    return line, offset - source.lines[line - 1] + 1


def _shrunk(text: str, swap: Swap) -> list[Swap]:
    """The swap without the tokens that both sides begin and end with; none where both are the same."""
    old, new = TOKEN.findall(text[swap.start : swap.end]), TOKEN.findall(swap.new)
    lead = _common(old, new)
    tail = _common(old[lead:][::-1], new[lead:][::-1])
    kept_old, kept_new = old[lead : len(old) - tail], new[lead : len(new) - tail]
    if not kept_old and not kept_new:
        return []
    start = swap.start + len("".join(old[:lead]))
    return [Swap(start, start + len("".join(kept_old)), "".join(kept_new))]


def _common(a: Sequence[str], b: Sequence[str]) -> int:
    """How many tokens the two begin with alike."""
    return next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
