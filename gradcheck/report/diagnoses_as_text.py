"""A diagnosis by itself as text: the change and its reason, or who may be at fault."""

from collections.abc import Iterator

from gradcheck.report.code import line_pairs
from gradcheck.report.fixes import fix_in_words, suspects_view
from gradcheck.report.fixes_as_text import INDENT, Part, code_lines, suspect_lines
from gradcheck.report.formulas.text import to_pretty
from gradcheck.report.numbers import count
from gradcheck.report.sentences import polished, sentence
from gradcheck.results.diagnoses import Diagnosis, Fix


def diagnosis_to_text(diagnosis: Diagnosis) -> str:
    """The best fix as a diff with its reason, else the suspects; by how much the gradient is wrong; the notes."""
    parts = list(_fix(diagnosis.fixes[0]) if diagnosis.fixes else _suspects(diagnosis))
    lines = [f"{indent or ''}{polished(text) if indent is not None else text}" for text, _, indent in parts]
    lines += [f"{INDENT}{one.label}: yours − true = {to_pretty(one.formula)}" for one in diagnosis.discrepancies]
    lines += [f"{INDENT}note: {polished(note)}" for note in diagnosis.notes]
    return "\n".join(lines) + "\n"


def _fix(fix: Fix) -> Iterator[Part]:
    yield "A hint" if fix.fails_with else "The fix", "head", ""
    for place in line_pairs(fix):
        yield from code_lines(place)
    if fix.fails_with:
        yield f"{sentence(fix_in_words(fix))}.".replace("..", "."), "plain", INDENT
        return
    if fix.why:
        yield sentence(fix.why), "plain", INDENT
    held = (
        "for every input of these shapes"
        if fix.proof == "symbolic"
        else f"at {count(fix.verified_points, 'fresh point')}"
    )
    yield f"✓ {'proved' if fix.proof == 'symbolic' else 'verified'}: the gradient is right {held}.", "agree", INDENT


def _suspects(diagnosis: Diagnosis) -> Iterator[Part]:
    view = suspects_view(diagnosis)
    if view is None:
        return
    yield sentence(view.told), "plain", ""
    yield from suspect_lines(view)
    if view.exonerated:
        yield sentence(view.exonerated), "dim", INDENT
