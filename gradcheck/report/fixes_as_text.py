"""The fix, or the suspects, as lines of text: the ones to change with the changed tokens underlined."""

from collections.abc import Iterator

from gradcheck.report.code import CodeLine, line_pairs
from gradcheck.report.fixes import FixView, SuspectsView
from gradcheck.report.sentences import sentence
from gradcheck.results.result import Result

INDENT = "  "
# (text, kind, indent); code has no indent of its own and is never wrapped.
Part = tuple[str, str, str | None]


def fix_lines(
    result: Result, fix: FixView | None, suspects: SuspectsView | None, notes: tuple[str, ...]
) -> Iterator[Part]:
    """The block of a text: the fix with its reason and promise, or the suspects; nothing where there is neither."""
    if fix and result.diagnosis:
        yield from _fix(result, fix)
        yield from ((sentence(note), "plain", INDENT * 2) for note in notes)
        if suspects and suspects.shown and not fix.verified:
            yield "", "plain", None
            yield from _suspects(suspects, ())
    elif suspects:
        yield from _suspects(suspects, notes)


def _suspects(suspects: SuspectsView, notes: tuple[str, ...]) -> Iterator[Part]:
    where = "may be" if suspects.shown else "is not"
    yield f"{INDENT}Where the fault {where}", "head", None
    yield sentence(suspects.told), "plain", INDENT * 2
    yield from suspect_lines(suspects)
    if suspects.start:
        yield sentence(suspects.start), "plain", INDENT * 2
    yield from ((sentence(note), "plain", INDENT * 2) for note in notes)
    if suspects.exonerated:
        yield sentence(suspects.exonerated), "dim", INDENT * 2


def _fix(result: Result, fix: FixView) -> Iterator[Part]:
    assert result.diagnosis
    yield f"{INDENT}{fix.head}", "head", None
    for place in line_pairs(result.diagnosis.fixes[0]):
        yield from code_lines(place)
    if fix.why:
        yield sentence(fix.why), "plain", INDENT * 2
    promise = f"{fix.promise[:1].lower()}{fix.promise[1:]}"
    if fix.verified:
        yield f"✓ {fix.verified}: {promise} {fix.emphasis}{fix.how}.", "agree", INDENT * 2
    else:
        yield f"{fix.promise} {fix.emphasis}{fix.how}.", "plain", INDENT * 2
    yield from ((sentence(other), "dim", INDENT * 2) for other in fix.others[:2])
    if fix.command:
        yield f"{INDENT * 2}{fix.command}    writes it, and keeps the old file as .orig", "plain", None


def code_lines(place: tuple[CodeLine, ...]) -> Iterator[Part]:
    """A place of the change, line by line."""
    width = max(len(str(line.number or "")) for line in place)
    return (part for line in place for part in _code(line, width))


def _code(line: CodeLine, width: int) -> Iterator[Part]:
    """A line with its number and a sign as in a diff; below it waves under what goes."""
    sign, kind = {"old": ("-", "disagree"), "new": ("+", "agree"), "": (" ", "plain")}[line.kind]
    text = "".join(piece.text for piece in line.pieces)
    head = f"{INDENT * 2}{str(line.number or '').rjust(width)} {sign} "
    yield f"{head}{text}".rstrip(), kind, None
    partly = any(not piece.kind and piece.text.strip() for piece in line.pieces)
    marks = (
        partly and "".join(("~" if piece.kind == "old" else " ") * len(piece.text) for piece in line.pieces).rstrip()
    )
    if marks:
        yield " " * len(head) + marks, "disagree", None


def suspect_lines(suspects: SuspectsView) -> Iterator[Part]:
    """The suspects that are written out, each with its reason, and how many more there are."""
    before = ""
    for one in suspects.shown:
        first, *more = one.statement.splitlines() or [""]
        code = f"{first} ..." if more else first
        yield f"{INDENT * 2}{one.rank}. line {one.span.line}  {one.status}:  {code}", "plain", None
        if one.why and one.why != before:
            yield sentence(one.why), "dim", INDENT * 4
        before = one.why
    if suspects.order:
        yield sentence(suspects.order), "dim", INDENT * 2
    if suspects.more:
        yield f"{suspects.more} more cannot be ruled out.", "dim", INDENT * 2
