"""The other half of a difference: what one entry gets its neighbour loses, and that statement is missing."""

import ast
from collections.abc import Iterator, Sequence

from gradcheck.diagnosis.candidates.indices import parts_of
from gradcheck.diagnosis.candidates.order import lines_of
from gradcheck.diagnosis.candidates.places import Candidate
from gradcheck.diagnosis.candidates.statements import other_end
from gradcheck.diagnosis.edits import Source, Swap, stretch, written

# A statement that is missing is further than a slip in one, and nearer than one that nothing in the text is like.
COST = 1.7
TURNED: dict[type[ast.operator], str] = {ast.Add: "-=", ast.Sub: "+="}


def counterparts(source: Source, statement: ast.stmt, names: Sequence[str]) -> Iterator[Candidate]:
    """Candidates that add the same to another entry with the other sign: `g[:-1] -= s` after `g[1:] += s`.

    names: those that indices are made of. None for a statement that shares its line.
    """
    if not isinstance(statement, ast.AugAssign) or not isinstance(statement.target, ast.Subscript):
        return
    sign, lines = TURNED.get(type(statement.op)), lines_of(source, statement, [statement])
    if sign is None or lines is None:
        return
    (start, end), value = stretch(source, statement.target), written(source, statement.value)
    begun, after = lines
    indent, is_ended = source.text[begun : begun + statement.col_offset], source.text.endswith("\n", 0, after)
    for part in parts_of(statement.target.slice):
        first, last = stretch(source, part)
        for other in _others(part, names):
            line = f"{source.text[start:first]}{other}{source.text[last:end]} {sign} {value}"
            new = f"{indent}{line}\n" if is_ended else f"\n{indent}{line}"
            yield Candidate((Swap(after, after, new),), COST, f"a missing statement: {line}")


def _others(part: ast.expr, names: Sequence[str]) -> list[str]:
    """The other end of a slice; another name."""
    if isinstance(part, ast.Slice):
        other = other_end(part)
        return [] if other is None else [other]
    return [name for name in names if name != part.id] if isinstance(part, ast.Name) else []
