"""What mends a gradient, or who may be at fault, in words: the same for the page, the text and the notebook."""

from dataclasses import dataclass

from gradcheck.report.code import CodeLine, changes_of, code_of
from gradcheck.report.commands import check_again
from gradcheck.report.numbers import count, listed
from gradcheck.results.diagnoses import Diagnosis, Edit, Fix, Suspect
from gradcheck.results.result import Result

# Suspects that are written out; the others are counted.
MOST_SUSPECTS = 6
NO_FIX = "no change was found that mends every gradient"
# Longer pieces of code than this do not stand inside a sentence.
LONGEST = 48


@dataclass(frozen=True, slots=True)
class FixView:
    """The panel of the best fix.

    places: lines of code. verified: one word; promise: what holds with the change. others: equivalent and further
    fixes, a line each. command: what writes it, None without a file.
    """

    places: tuple[tuple[CodeLine, ...], ...]
    why: str
    verified: str
    promise: str
    emphasis: str
    others: tuple[str, ...]
    command: str | None


@dataclass(frozen=True, slots=True)
class SuspectsView:
    """Who may be at fault beside the places of the fix: the first by rank, how many more, and who is exonerated."""

    shown: tuple[Suspect, ...]
    more: int
    exonerated: str
    told: str = NO_FIX


def fix_view(result: Result) -> FixView | None:
    """The best fix of a result; None where there is none."""
    fixes = result.diagnosis.fixes if result.diagnosis else ()
    if not fixes:
        return None
    best = fixes[0]
    return FixView(
        places=code_of(best),
        why=best.why,
        verified="proved" if best.proof == "symbolic" else "verified",
        promise=_promise(best, result),
        emphasis=_emphasis(best, result),
        others=_others(fixes),
        command=check_again(result.subject, "--apply") if result.subject.path else None,
    )


def suspects_view(diagnosis: Diagnosis | None) -> SuspectsView | None:
    """The suspects of a diagnosis; None where nothing was looked for."""
    if diagnosis is None or not (diagnosis.suspects or diagnosis.considered):
        return None
    edits = diagnosis.fixes[0].edits if diagnosis.fixes else ()
    changed = {edit.span.line for edit in edits}
    named = tuple(
        one
        for one in diagnosis.suspects
        if one.status != "exonerated" and not changed.intersection(range(one.span.line, one.span.end_line + 1))
    )
    shown = named[:MOST_SUSPECTS]
    return SuspectsView(shown, len(named) - len(shown), _exonerated(diagnosis))


def place_in_words(result: Result) -> str:
    """Where the fault stands, for the headline: `line 59 has dneto_douth1 where dneto_douth2 belongs`; else empty."""
    diagnosis = result.diagnosis
    if diagnosis and diagnosis.fixes:
        return fix_in_words(diagnosis.fixes[0])
    suspect = next((one for one in diagnosis.suspects if one.status != "exonerated"), None) if diagnosis else None
    return f"no fix was found; the likeliest place is line {suspect.span.line}" if suspect else ""


def fix_in_words(fix: Fix) -> str:
    """All changes of a fix in a row."""
    return listed([edit_in_words(edit) for edit in changes_of(fix)])


def edit_in_words(edit: Edit) -> str:
    """`line 59 has A where B belongs`, `on line 59 B is missing`, `on line 59 A is too much`."""
    old, new, line = edit.old.strip(), edit.new.strip(), edit.span.line
    if max(len(old), len(new)) > LONGEST or "\n" in old + new:
        return f"line {line} is wrong"
    if not old:
        return f"on line {line} `{new}` is missing"
    return f"line {line} has `{old}` where `{new}` belongs" if new else f"on line {line} `{old}` is too much"


def _promise(fix: Fix, result: Result) -> str:
    total = sum(verdict.grades.size for verdict in result.parameters)
    changes = len(changes_of(fix))
    change = "this one change" if changes == 1 else f"these {changes} changes"
    every = "the partial derivative" if total == 1 else f"all {count(total, 'partial derivative')}"
    verb = "is" if total == 1 else "are"
    return f"With {change} {every} {verb} right"


def _emphasis(fix: Fix, result: Result) -> str:
    """Where that holds; a traced program has the shapes that it was traced with."""
    if fix.proof != "symbolic":
        some = f", {fix.other_shapes} of them of other shapes" if fix.other_shapes else ""
        return f"at {count(fix.verified_points, 'fresh point')}{some}"
    shaped = any(verdict.shape for verdict in result.parameters)
    others = f", and at {count(fix.other_shapes, 'point')} of other shapes" if fix.other_shapes else ""
    return f"for every input{' of these shapes' if shaped else ''}{others}"


def _others(fixes: tuple[Fix, ...]) -> tuple[str, ...]:
    """The further fixes, a sentence each; one that reads like another is left out."""
    words = {fix_in_words(fix): fix for fix in reversed(fixes)}
    best = fix_in_words(fixes[0])
    heads = {True: "The same in another way", False: "This would mend it too"}
    return tuple(f"{heads[fix.equivalent]}: {text}" for text, fix in reversed(words.items()) if text != best)


def _exonerated(diagnosis: Diagnosis) -> str:
    if not diagnosis.exonerated:
        return ""
    share = f"{diagnosis.exonerated} of {count(diagnosis.considered, 'statement')} of the backward pass"
    verb = "is" if diagnosis.exonerated == 1 else "are"
    return f"{share} {verb} exonerated: no value of the right-hand side there can mend every gradient"
