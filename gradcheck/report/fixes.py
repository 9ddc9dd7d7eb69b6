"""What mends a gradient, or who may be at fault, in words: the same for the page, the text and the notebook."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from gradcheck.report.code import CodeLine, changes_of, code_of
from gradcheck.report.commands import check_again
from gradcheck.report.numbers import count, every, listed
from gradcheck.report.pieces import pieces_of
from gradcheck.results.diagnoses import Diagnosis, Edit, Fix, Suspect
from gradcheck.results.result import Result

# Suspects that are written out; the others are counted.
MOST_SUSPECTS = 6
NO_FIX = "no change was found that mends every gradient"
ONLY_HERE = "no change was found that mends every gradient with other numbers, too"
BY_CHANCE = (
    ": take it as a hint, for the code is written for its own numbers, or the change is right by a coincidence of them"
)
# Longer pieces of code than this stand inside a sentence without their middle.
LONGEST = 48
# So many times as long, at the same place, a change is no other way but the same in more words.
WORDY = 2
PROVED = (
    ": your formulas and the exact ones are the same (to 40 digits at random points, where different ones practically "
    "never agree, and no branch lies between)"
)
ORDER = (
    "the unknown ones in this order: what moves every wrong gradient and the fewest right ones, then what runs first"
)
TRIED = ", none of which was used to find it, and the loss is the same"


@dataclass(frozen=True, slots=True)
class FixView:
    """The panel of the best fix.

    head: what it is. places: lines of code. verified: one word, none for a hint; promise: what holds with the change,
    emphasis: where, how: by what it is known. others: equivalent and further fixes, a line each. command: what writes
    it, None for a hint and without a file.
    """

    head: str
    places: tuple[tuple[CodeLine, ...], ...]
    why: str
    verified: str
    promise: str
    emphasis: str
    how: str
    others: tuple[str, ...]
    command: str | None


@dataclass(frozen=True, slots=True)
class SuspectsView:
    """Who may be at fault beside the places of the fix: the first by rank, how many more, and who is exonerated."""

    shown: tuple[Suspect, ...]
    more: int
    exonerated: str
    told: str = NO_FIX

    @property
    def start(self) -> str:
        """What to do first, where one statement stands out that could mend everything; else empty."""
        if len(outstanding(self.shown)) != 1:
            return ""
        return f"start with line {self.shown[0].span.line}: work out by hand what it should hold, and compare"

    @property
    def order(self) -> str:
        """Why those of which nothing is known stand in their order, where they are several; else empty."""
        return ORDER if sum(one.status == "unknown" for one in self.shown) > 1 else ""


def fix_view(result: Result) -> FixView | None:
    """The best fix of a result; None where there is none."""
    fixes = result.diagnosis.fixes if result.diagnosis else ()
    if not fixes:
        return None
    best = fixes[0]
    is_sure = not best.fails_with
    return FixView(
        head="The fix" if is_sure else "A hint",
        places=code_of(best),
        why=best.why if is_sure else "",
        verified="" if not is_sure else "proved" if best.proof == "symbolic" else "verified",
        promise=_promise(best, result),
        emphasis=_emphasis(best, result),
        how=_how(best),
        others=_others(fixes),
        command=check_again(result.subject, "--apply") if result.subject.path and is_sure else None,
    )


def suspects_view(diagnosis: Diagnosis | None) -> SuspectsView | None:
    """The suspects of a diagnosis; None where nothing was looked for."""
    if diagnosis is None or not (diagnosis.suspects or diagnosis.considered):
        return None
    best = next(iter(diagnosis.fixes), None)
    edits = best.edits if best and not best.fails_with else ()
    changed = {edit.span.line for edit in edits}
    named = tuple(
        one
        for one in diagnosis.suspects
        if one.status != "exonerated" and not changed.intersection(range(one.span.line, one.span.end_line + 1))
    )
    shown = named[:MOST_SUSPECTS]
    told = NO_FIX if best is None else ONLY_HERE
    return SuspectsView(shown, len(named) - len(shown), _exonerated(diagnosis), told)


def outstanding(suspects: Sequence[Suspect]) -> tuple[Suspect, ...]:
    """The suspects of which as much is known as of the first, where that could mend everything."""
    first = next(iter(suspects), None)
    if first is None or first.status != "possible":
        return ()
    return tuple(one for one in suspects if (one.status, one.why) == (first.status, first.why))


def place_in_words(result: Result) -> str:
    """Where the fault stands, for the headline: `line 59 has dneto_douth1 where dneto_douth2 belongs`; else empty."""
    diagnosis = result.diagnosis
    if diagnosis and diagnosis.fixes:
        return fix_in_words(diagnosis.fixes[0])
    suspects = [one for one in diagnosis.suspects if one.status != "exonerated"] if diagnosis else []
    if not suspects:
        return ""
    alike = outstanding(suspects)
    if len(alike) > 1:
        lines = [str(line) for line in sorted({one.span.line for one in alike})]
        return f"no fix was found; other numbers would do on each of the lines {listed(lines)}"
    found = "the likeliest place is" if alike else "the first place that is not ruled out is"
    return f"no fix was found; {found} line {suspects[0].span.line}"


def fix_in_words(fix: Fix) -> str:
    """All changes of a fix in a row; of a hint, what they are good for."""
    if fix.fails_with:
        done = listed([_as_done(edit) for edit in pieces_of(fix)])
        return f"with {done} these numbers come out right, but not {_without(fix)}: take it as a hint"
    return listed([edit_in_words(edit) for edit in pieces_of(fix)])


def _without(fix: Fix) -> str:
    """`with 5 for 4 (...) or other data`: where a hint fails."""
    return f"with {' or '.join(fix.fails_with)}"


def edit_in_words(edit: Edit) -> str:
    """`line 59 has A where B belongs`, `on line 59 B is missing`, `on line 59 A is too much`."""
    old, new, line = _elided(edit.old), _elided(edit.new), edit.span.line
    if "\n" in edit.old.rstrip() and new:
        last = edit.span.end_line - (edit.span.end_column == 1)
        return f"lines {line} {'and' if last == line + 1 else 'to'} {last} are wrong"
    if not old:
        return f"on line {line} `{new}` is missing"
    return f"line {line} has `{old}` where `{new}` belongs" if new else f"on line {line} `{old}` is too much"


def _elided(code: str) -> str:
    """The code in one line, with dots for the middle of a long one."""
    rows = [row.strip() for row in code.strip().splitlines()]
    text = ("; " if _are_statements(rows) else " ").join(rows)
    return text if len(text) <= LONGEST else f"{text[: LONGEST // 2].rstrip()} … {text[-LONGEST // 3 :].lstrip()}"


def _are_statements(rows: list[str]) -> bool:
    """Is each of the lines a statement by itself?"""
    try:
        return bool([ast.parse(row) for row in rows])
    except SyntaxError:
        return False


def _promise(fix: Fix, result: Result) -> str:
    total = sum(verdict.grades.size for verdict in result.parameters)
    change = "this one change" if len(changes_of(fix)) == 1 else "these changes"
    verb = "is" if total == 1 else "are"
    return f"With {change} {every(total, 'partial derivative')} {verb} right"


def _emphasis(fix: Fix, result: Result) -> str:
    """Where that holds; a traced program has the shapes that it was traced with."""
    if fix.proof != "symbolic":
        some = f", {fix.other_shapes} of them of other shapes, constants or data" if fix.other_shapes else ""
        return f"at {count(fix.verified_points, 'fresh point')}{some}"
    shaped = any(verdict.shape for verdict in result.parameters)
    return f"for every input{' of these shapes' if shaped else ''}"


def _how(fix: Fix) -> str:
    """By what it is known, or where it fails."""
    if fix.fails_with:
        return f", but not {_without(fix)}{BY_CHANCE}"
    if fix.proof != "symbolic":
        return TRIED
    others = f"; they are right at {count(fix.other_shapes, 'point')} of other shapes, constants or data, too"
    return f"{PROVED}{others if fix.other_shapes else ''}"


def _others(fixes: tuple[Fix, ...]) -> tuple[str, ...]:
    """The further fixes, a sentence each, without those that read like another or are the best in more words."""
    best = fix_in_words(fixes[0])
    words = {fix_in_words(fix): fix for fix in reversed(fixes) if not _is_longer(fix, fixes[0])}
    heads = {True: "the same numbers come out with", False: "it would be mended too with"}
    return tuple(
        f"{heads[fix.equivalent]} {listed([_as_done(edit) for edit in pieces_of(fix)])}"
        for text, fix in reversed(words.items())
        if text != best and not any(_is_long_form(edit.new) for edit in fix.edits)
    )


def _is_long_form(code: str) -> bool:
    """Is a part of it a longer form of what stands in it: `t * 1`, `t / 1`, `1 - (1 - f)`?"""
    try:
        nodes = list(ast.walk(ast.parse(code.strip())))
    except SyntaxError:  # a piece of an expression
        return False
    return any(isinstance(node, ast.BinOp) and (_is_times_one(node) or _is_taken_twice(node)) for node in nodes)


def _is_times_one(node: ast.BinOp) -> bool:
    is_one = [isinstance(one, ast.Constant) and one.value == 1 for one in (node.left, node.right)]
    return (isinstance(node.op, ast.Mult) and any(is_one)) or (isinstance(node.op, ast.Div) and is_one[1])


def _is_taken_twice(node: ast.BinOp) -> bool:
    inner = node.right
    both_less = isinstance(inner, ast.BinOp) and isinstance(node.op, ast.Sub) and isinstance(inner.op, ast.Sub)
    return both_less and ast.dump(node.left) == ast.dump(inner.left)  # type: ignore[attr-defined]


def _as_done(edit: Edit) -> str:
    """What a change does: "`B` for `A` on line 59", "`B` added on line 59", "line 59 without `A`"."""
    old, new, line = _elided(edit.old), _elided(edit.new), edit.span.line
    if not new:
        return f"line {line} without `{old}`"
    return f"`{new}` for `{old}` on line {line}" if old else f"`{new}` added on line {line}"


def _is_longer(fix: Fix, best: Fix) -> bool:
    """Does it write far more than the best into the same place?"""
    sizes = [sum(len(edit.new) for edit in one.edits) for one in (fix, best)]
    return [edit.span for edit in fix.edits] == [edit.span for edit in best.edits] and sizes[0] > WORDY * sizes[1]


def _exonerated(diagnosis: Diagnosis) -> str:
    if not diagnosis.exonerated:
        return ""
    share = f"{diagnosis.exonerated} of {count(diagnosis.considered, 'statement')} of the backward pass"
    verb = "is" if diagnosis.exonerated == 1 else "are"
    is_one = any(len(changes_of(fix)) == 1 for fix in diagnosis.fixes[:1] if not fix.fails_with)
    told = f"{verb} exonerated" if is_one else "cannot be the only fault"
    return f"{share} {told}: no value of the right-hand side there could mend every gradient"
