"""What is left wrong in a text that was changed, the one change that mends it, and what all changes come to."""

import difflib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import accumulate

from gradcheck.diagnosis.edits import Swap, apply_edits, read_source, to_edits
from gradcheck.diagnosis.inquiries import Inquiry
from gradcheck.diagnosis.repairs import Repair, find_fixes
from gradcheck.diagnosis.reshaping import Reshaped
from gradcheck.diagnosis.silencing import is_felt
from gradcheck.diagnosis.standings import HARDLY
from gradcheck.diagnosis.stepwise import Mended
from gradcheck.diagnosis.truths import Truth, wrong_names
from gradcheck.diagnosis.verifying import LAST, judged, verified
from gradcheck.results.diagnoses import Edit
from gradcheck.subject.cases import Case, gradient_at


def wrong_in(case: Case, truths: Sequence[Truth]) -> frozenset[str]:
    """The parameters that are wrong at any of the points."""
    return frozenset().union(*(wrong_names(one, gradient_at(case, one.point, upcast=True)) for one in truths))


def last_change(inquiry: Inquiry, fresh: Sequence[Truth], deadline: float) -> Mended | None:
    """The text with the one change that mends all."""
    tried = [one for one in inquiry.standings if one.angel.site.is_value]
    if not any(one.grade <= HARDLY for one in tried):
        return None
    forward = inquiry.influence.loss_sites
    found = find_fixes(inquiry.bench, tried, inquiry.truths, lambda: fresh, deadline, forward=forward)
    return next((as_text(inquiry.bench.text, one) for one in found), None)


def as_text(old: str, repair: Repair) -> Mended:
    """The text after a repair of the old one."""
    return Mended(apply_edits(old, repair.edits), (repair.line,), repair.cost)


def holds_everywhere(case: Case, old: str, new: str, truths: Sequence[Truth], fresh: Sequence[Truth]) -> bool:
    """Is a text right at all points, and is every part of what changed felt there?"""
    points = [*truths, *fresh]
    is_right = verified(case, new, points, LAST) and judged(case, new, fresh, LAST)
    return is_right and is_felt(case, old, new, points, LAST)


def repair_of(case: Case, inquiry: Inquiry, found: Mended, fresh: Sequence[Truth]) -> Repair:
    """A changed text as a repair of a case's, without what is not needed; fresh: the truths it was verified at."""
    old, truths = inquiry.bench.text, inquiry.searched
    found = without_needless(old, found, lambda text: holds_everywhere(case, old, text, truths, fresh))
    words = f"{len(found.lines)} changes, verified together" if len(found.lines) > 1 else "one change"
    return Repair(edits_between(old, found.text), min(found.lines), found.cost, words, len(fresh))


def without_needless(old: str, found: Mended, holds: Callable[[str], bool]) -> Mended:
    """A changed text without the edits that can be taken back, each by itself; holds: is a text right everywhere?"""
    edits = edits_between(old, found.text)
    needed = edits
    for edit in edits:
        rest = tuple(one for one in needed if one is not edit)
        if rest and holds(apply_edits(old, rest)):
            needed = rest
    if needed == edits:
        return found
    return replace(found, text=apply_edits(old, needed), lines=tuple(edit.span.line for edit in needed))


def at_other_shapes(old: str, repair: Repair, shapes: Sequence[Reshaped]) -> Repair:
    """The repair of a text with the other shapes at which it is right too, and those at which it is not."""
    text = apply_edits(old, repair.edits)
    failed = tuple(one.words for one in shapes if not verified(one.case, text, [one.truth], LAST))
    others = len(shapes) - len(failed)
    points = repair.verified_points + others
    return replace(repair, verified_points=points, other_shapes=others, coincident=failed)


def edits_between(old: str, new: str) -> tuple[Edit, ...]:
    """The edits of the old text that give the new one, each shrunk to the tokens that change."""
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    starts = [0, *accumulate(map(len, before))]
    source = read_source(old)
    return tuple(
        edit
        for i, j, k, m in _changed(before, after)
        for edit in to_edits(source, [Swap(starts[i], starts[j], "".join(after[k:m]))])
    )


def _changed(before: list[str], after: list[str]) -> Iterator[tuple[int, int, int, int]]:
    """(from, to, from, to) of the lines that differ; of as many lines one by one."""
    for kind, i, j, k, m in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "replace" and j - i == m - k:
            yield from ((i + n, i + n + 1, k + n, k + n + 1) for n in range(j - i))
        elif kind != "equal":
            yield i, j, k, m
