"""A result as text: the finding first, then the numbers behind it, then how to go on."""

import textwrap
from dataclasses import dataclass

from gradcheck.labels import label
from gradcheck.report.commands import check_again, derive_again
from gradcheck.report.excerpts import is_short, leaves_of
from gradcheck.report.findings import finding_of, point_in_words, told, worst_verdict
from gradcheck.report.fixes_as_text import fix_lines
from gradcheck.report.formulas.text import to_pretty
from gradcheck.report.numbers import bound, listed, value
from gradcheck.report.pages import Page, page_of
from gradcheck.report.sentences import polished, sentence
from gradcheck.report.tables import Row
from gradcheck.results.diagnoses import Discrepancy
from gradcheck.results.outcomes import Outcome
from gradcheck.results.result import Result

# Sentences are wrapped here; the table of opinions may be wider, and never breaks.
WIDTH = 100
PARTS = "relative error: what lies between the two as a part of the larger one"
HEAD = ("exact", "numeric ± its error bar", "reverse mode", "relative error", "could see", "")
# The places of two opinions that may be missing.
EXACT, BACKPROP = 2, 4
INDENT = "  "
# So many planted lines that were not seen are named.
NAMED = 3


@dataclass(frozen=True, slots=True)
class Line:
    """One line and what it is: headline, wrong, open, note, head, dim or plain; the terminal gives it its colour."""

    text: str
    kind: str = "plain"


def to_text(result: Result) -> str:
    """The finding as plain text, without colour, ending with a line end."""
    return "\n".join(line.text for line in lines_of(result)) + "\n"


def lines_of(result: Result) -> list[Line]:
    """Every line of the text, with its kind."""
    page = page_of(result)
    blocks = [
        _headline(result),
        _blind(result),
        _fix(result, page),
        _exactly(result),
        _table(page),
        _notes(result, page),
        _sharpness(result),
        _go_on(result),
    ]
    filled = [block for block in blocks if block]
    return [line for n, block in enumerate(filled) for line in ([Line("")] if n else []) + block]


def _headline(result: Result) -> list[Line]:
    finding = finding_of(result)
    parts = [finding.agreeing, finding.fault, told(finding)]
    where = f"{result.subject.path}   " if result.subject.path else ""
    about = "network" if result.of_network else "loss"
    named = f"{about}: {result.subject.loss}   gradient: {result.subject.grad}"
    script = f"a script   loss: {result.subject.script}"
    origin = Line(f"{INDENT}{where}{script if result.subject.script else named}", "dim")
    verdict = f"{finding.mark} {finding.word.upper()}: {finding.headline}"
    return [Line(verdict, finding.word), origin, *_wrapped(" ".join(filter(None, parts)))]


def _blind(result: Result) -> list[Line]:
    finding = finding_of(result)
    if not finding.blind:
        return []
    moved = "A generic point agrees too." if len(result.points) > 1 else "No other point was checked."
    if result.blind:
        stay = "--stay" if result.subject.path else "stay=True"
        moved = f"Moved to a generic point: {point_in_words(result.point)} ({stay} checks only your own point)."
    return _wrapped(f"note: {finding.blind}.", "note") + _wrapped(moved, "note", INDENT * 4)


def _fix(result: Result, page: Page) -> list[Line]:
    """The change that mends it, or who may be at fault."""
    parts = fix_lines(result, page.fix, page.suspects, page.diagnosis_notes)
    return [
        line
        for text, kind, indent in parts
        for line in ([Line(text, kind)] if indent is None else _wrapped(text, kind, indent))
    ]


def _table(page: Page) -> list[Line]:
    head = [f"∂{page.loss_name}/∂", page.yours, *HEAD]
    rows = [_cells(row) for row in page.rows]
    without = () if page.has_backprop else (BACKPROP,)
    kept = [n for n in range(len(head)) if n not in without and (n != EXACT or any(cells[n] for cells in rows))]
    widths = {n: max(len(cells[n]) for cells in [head, *rows]) for n in kept}
    lines = [*_wrapped(page.table_point, "dim"), Line(_joined(head, kept, widths), "head")]
    lines += [Line(_joined(cells, kept, widths), row.word) for cells, row in zip(rows, page.rows, strict=True)]
    below = [_more(page)] if page.hidden_rows else []
    below += [PARTS] if any(row.entry.outcome is Outcome.DISAGREE for row in page.rows) else []
    return [*lines, *(line for text in below for line in _wrapped(text, "dim"))]


def _cells(row: Row) -> list[str]:
    entry = row.entry
    numeric = f"{value(entry.numeric)} ± {bound(entry.error_bar)}"
    numbers = [row.yours, value(entry.exact), numeric, value(entry.backprop), row.relative, row.sees]
    return [entry.label, *numbers, f"{row.mark} {row.word}"]


def _joined(cells: list[str], kept: list[int], widths: dict[int, int]) -> str:
    """The label and the verdict to the left, numbers to the right."""
    last = kept[-1]
    texts = [cells[n].ljust(widths[n]) if n in (0, last) else cells[n].rjust(widths[n]) for n in kept]
    return (INDENT + "  ".join(texts)).rstrip()


def _more(page: Page) -> str:
    return f"the {len(page.rows)} gravest of {page.all_rows:,} entries; of the others, {page.hidden_words}"


def _exactly(result: Result) -> list[Line]:
    found = result.diagnosis.discrepancies if result.diagnosis else ()
    return [line for n, one in enumerate(found) for line in _discrepancy(one, first=n == 0)]


def _discrepancy(one: Discrepancy, first: bool) -> list[Line]:
    """Formula, words and where it vanishes for the first; of the others the formula, unless it is too long."""
    if not is_short(one.formula) and not first:
        return []
    where = "wherever no branch changes" if one.is_local else "at every point"
    lines = [Line(f"{INDENT}By exactly how much {one.label} is wrong, {where}", "head")]
    if is_short(one.formula):
        lines += _wrapped(f"yours − true = {to_pretty(one.formula)}", "disagree", INDENT * 2)
    else:
        size = leaves_of(one.formula)
        lines += _wrapped(f"a formula of {size:,} names and numbers: see --format json", "dim", INDENT * 2)
    if not first:
        return lines
    lines += _wrapped(sentence(one.words), indent=INDENT * 2) if one.words else []
    vanishes = f"It vanishes where {listed(list(one.vanishes), 'or')}: no check can see it there."
    return lines + (_wrapped(vanishes, indent=INDENT * 2) if one.vanishes else [])


def _notes(result: Result, page: Page) -> list[Line]:
    """Remarks and notes; what the finding has said already is not said again."""
    reason = finding_of(result).reason
    remarks = [(name, remark) for name, remark in page.remarks if remark != reason]
    named = [remark if remark.startswith(name) else f"{name}: {remark}" for name, remark in remarks]
    told = {reason, *(remark for _, remark in remarks)}
    sentences = [*named, *page.absent_opinions, *(note for note in page.notes if note not in told)]
    return [line for text in sentences for line in _wrapped(f"note: {text}", "note")]


def _sharpness(result: Result) -> list[Line]:
    seen = f"Resolution: a relative fault of {bound(result.resolution)} in any of them would have been seen."
    lines = _wrapped(seen, "dim") if result.resolution < 1 else []  # else any fault could have hidden
    if audit := result.audit:
        given = sum(kind.caught_at_given for kind in audit.kinds)
        there = f" (at your own point {given})" if len(result.points) > 1 else ""
        told = f"Self-test: of {audit.planted} faults planted into copies of these gradients the check saw"
        unseen = [words for words in audit.missed if words.startswith("line ")]
        which = f" Not seen: {'; '.join(unseen[:NAMED])}." if unseen else ""
        lines += _wrapped(f"{told} {audit.caught}{there}.{which}", "dim")
    return lines


def _go_on(result: Result) -> list[Line]:
    if result.outcome is Outcome.AGREE:
        return []
    worst = worst_verdict(result)
    if worst and result.subject.path:
        page = f"{check_again(result.subject, '--report', 'DIR')}    writes the page with every figure"
        lines = [Line(f"{INDENT}How to go on", "head"), Line(f"{INDENT * 2}{page}")]
        if worst.exact is None:  # what could not be traced cannot be derived either
            return lines
        chain = derive_again(result.subject, label(worst.name, worst.worst_index or ()))
        return [*lines, Line(f"{INDENT * 2}{chain}    shows the chain rule link by link")]
    return [Line(f'{INDENT}How to go on: result.to_html("page.html") writes the page with every figure')]


def _wrapped(text: str, kind: str = "plain", indent: str = INDENT) -> list[Line]:
    later = indent + " " * 6 if text.startswith("note: ") else indent
    whole = polished(text).replace(" × ", "\u00a0×\u00a0").replace(" ± ", "\u00a0±\u00a0")  # no number is broken
    parts = textwrap.wrap(whole, WIDTH, initial_indent=indent, subsequent_indent=later)
    return [Line(part.replace("\u00a0", " "), kind) for part in parts]
