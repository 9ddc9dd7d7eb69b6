"""A change in pieces that a sentence can name: `y[n - 1]` for a lone `1`, `galpha[m]` for a lone `:,`."""

import ast

from gradcheck.report.code import changes_of, rows_of
from gradcheck.results.diagnoses import Edit, Fix, Span

# A longer piece is no easier to find in its line than the few signs that change.
LONGEST = 48
Stretch = tuple[int, int]


def pieces_of(fix: Fix) -> tuple[Edit, ...]:
    """The changes of a fix, each at least an expression with a name in it, or an operator before one."""
    rows = rows_of(fix)
    return tuple(_named(edit, rows.get(edit.span.line)) for edit in changes_of(fix))


def _named(edit: Edit, row: str | None) -> Edit:
    """The edit with as much around it as it takes; as it is where the line does not read as code by itself."""
    start, end = edit.span.column - 1, edit.span.end_column - 1
    if row is None or edit.span.end_line != edit.span.line or "\n" in edit.new:
        return edit
    around, indices = _around(row, start, end)
    if not indices and _is_plain(edit):
        return edit
    for first, last in around:
        old, new = row[first:last], row[first:start] + edit.new + row[end:last]
        if _names_one(old) and _names_one(new) and len(old) <= LONGEST:
            return Edit(Span(edit.span.line, first + 1, edit.span.line, last + 1), old, new)
    return edit


def _is_plain(edit: Edit) -> bool:
    """Is it one expression for another, or something missing or too much that says what it is?"""
    if not edit.old or not edit.new:
        piece = (edit.old or edit.new).strip()
        return _names_one(piece) or (piece[:1] in "+-*/@" and _names_one(piece.lstrip("+-*/@")))
    return _names_one(edit.old) and _names_one(edit.new)


def _names_one(code: str) -> bool:
    """Is it an expression, or a statement, in which a name stands?"""
    try:
        return any(isinstance(node, ast.Name) for node in ast.walk(ast.parse(code.strip())))
    except SyntaxError:
        return False


def _around(row: str, start: int, end: int) -> tuple[list[Stretch], bool]:
    """The expressions of a line that hold these characters, the smallest first, then the statement.

    Of an index nothing is named without what it is the index of; whether it is one is said, too.
    """
    code = row.strip()
    lead = len(row) - len(row.lstrip())
    try:
        tree = ast.parse(code + " pass" if code.endswith(":") else code)
    except SyntaxError:
        return [], False
    slices = [node.slice for node in ast.walk(tree) if isinstance(node, ast.Subscript)]
    inner = {node for one in slices for node in ast.walk(one)}
    found = {node: stretch for node in ast.walk(tree) if (stretch := _stretch(node, code, lead))}
    over = {node: one for node, one in found.items() if one[0] <= start and end <= one[1]}
    whole = sorted({one for node, one in over.items() if node not in inner}, key=lambda one: one[1] - one[0])
    return whole, any(one in over for one in slices)


def _stretch(node: ast.AST, code: str, lead: int) -> Stretch | None:
    """Where a node of a line stands in it, in characters."""
    if not isinstance(node, ast.expr | ast.stmt | ast.keyword) or node.end_col_offset is None:
        return None
    line = code.encode()
    first, last = (len(line[:column].decode(errors="ignore")) for column in (node.col_offset, node.end_col_offset))
    return lead + first, lead + last
