"""From a wrong gradient to its suspects and fixes."""

import ast
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from math import inf

import numpy as np

from gradcheck.diagnosis.diffs import diff_of
from gradcheck.diagnosis.edits import apply_edits
from gradcheck.diagnosis.elsewhere import remark_on_other_files
from gradcheck.diagnosis.guards import remark_on_guards
from gradcheck.diagnosis.inquiries import Inquiry, Mask, Point, inquire
from gradcheck.diagnosis.mending import mend, prospects_of
from gradcheck.diagnosis.pair_faults import right_alone, try_pairs
from gradcheck.diagnosis.proofs import proves
from gradcheck.diagnosis.remarks import remarks_on
from gradcheck.diagnosis.repairs import Repair
from gradcheck.diagnosis.sites import Site
from gradcheck.diagnosis.slow_tops import remark_on_top, right_as_a_whole, without_whole_run
from gradcheck.diagnosis.standings import EXONERATED, behind_pairs
from gradcheck.diagnosis.suspects import suspects_of
from gradcheck.diagnosis.truths import Truth
from gradcheck.diagnosis.words import explain_change
from gradcheck.errors import GradcheckError
from gradcheck.program.programs import Program
from gradcheck.results.diagnoses import Diagnosis, Fix, Suspect
from gradcheck.subject.cases import Case
from gradcheck.subject.limits import limited
from gradcheck.subject.pauses import unswept
from gradcheck.subject.safety import does_io

# Part of the budget for the suspects.
FOR_SUSPECTS = 0.4
# A search that took so much of its budget was cut short.
ALMOST = 0.9
# The CPU seconds of a search, and of the whole check.
Spent = tuple[float, float]


def diagnose(
    case: Case,
    points: Sequence[Point],
    wrong: Mapping[str, Mask],
    budget: float,
    on_suspects: Callable[[Sequence[Suspect]], None] | None = None,
    program: Program | None = None,
    known: Truth | None = None,
    whole: float | None = None,
) -> Diagnosis:
    """Suspects and fixes of a wrong gradient.

    points: the one where it was found wrong first, then others, of which the last few are kept for verification. wrong:
    masks of the wrong entries there, by name. budget: CPU seconds. on_suspects: gets the suspects as soon as they are
    known. program: traced at the first point, if it was; known: the truth there by differences, if that is at hand.
    whole: the budget that this one is the rest of. A note says why there are no suspects.
    """
    start = time.process_time()
    whole, budget = whole or budget, without_whole_run(case, budget)
    try:
        # without an end of its own, so that the limits of thousands of candidates cost little
        with np.errstate(all="ignore"), unswept(), limited(inf):
            inquiry = inquire(case, points, wrong, start + FOR_SUSPECTS * budget, program, known)
            alone = try_pairs(case, points)
            inquiry = replace(inquiry, standings=tuple(behind_pairs(inquiry.standings, right_alone(alone))))
            prospects = prospects_of(case, inquiry, points, start + budget)
            apart = prospects.apart
            if on_suspects is not None:
                on_suspects(suspects_of(inquiry.standings, inquiry.wrong, apart=apart))
            repairs = mend(prospects, alone)
            repairs = right_as_a_whole(case, inquiry.bench.text, repairs, inquiry.searched, start + budget)
    except GradcheckError as error:
        return Diagnosis(notes=(f"no line was named: {error}",))
    is_cut = time.process_time() - start > budget * ALMOST
    return _told(case, inquiry, repairs, points[0], apart, (budget, whole) if is_cut else None)


def _told(
    case: Case, inquiry: Inquiry, repairs: Sequence[Repair], point: Point, apart: Mapping[int, str], spent: Spent | None
) -> Diagnosis:
    """What was found, as the user is told it; apart: lines of several faults; spent: the budget, where it ran out."""
    own = [one for one in reversed(inquiry.standings) if one.angel.site.is_value and not one.shared]
    tried = {id(one.angel.site.statement): one.angel for one in own}.values()
    remarks = remarks_on(inquiry.bench.tree, inquiry.backward, inquiry.program, _lines(repairs[:1]))
    fixes = fixes_of(case, inquiry.bench.text, repairs, point, _forward_lines(inquiry))
    mended = _lines(repairs)
    return Diagnosis(
        suspects=tuple(
            suspects_of(inquiry.standings, inquiry.wrong, mended, inquiry.bench.sites, {} if repairs else apart)
        ),
        fixes=fixes,
        exonerated=sum(one.status == "exonerated" and not _is_mended(one.site, mended) for one in tried),
        considered=len(tried),
        notes=(
            *remark_on_guards(inquiry),
            *(_unfound(inquiry, spent) if not repairs or repairs[0].coincident else ()),
            *(remark for remark in remarks if not any(_says(fix, remark) for fix in fixes[:1])),
        ),
    )


def _says(fix: Fix, remark: str) -> bool:
    """Does the fix's reason speak of the unread variable that a remark begins with?"""
    name = remark.split(" ", 1)[0]
    return remark.endswith("never used") and f"({name}, made on line" in fix.why


def _unfound(inquiry: Inquiry, spent: Spent | None) -> Iterator[str]:
    """Why there may be no fix: the budget is spent, or functions do more than compute, so nothing was changed there."""
    if spent is not None:
        own, whole = spent
        yield f"the search ended after {round(own, 1):g} s of CPU: --timeout {6 * whole:g} looks further"
        yield from remark_on_top(inquiry.bench.original, whole)
    yield from remark_on_other_files(inquiry)
    functions = dict.fromkeys(one.angel.site.function for one in inquiry.standings if one.grade != EXONERATED)
    reached = {function: does_io(inquiry.bench.tree, function) for function in functions}
    for function, outside in reached.items():
        if outside:
            yield f"no change was tried in {function}: it reaches outside of the program by {outside.lstrip('.')}"


def _is_mended(site: Site, lines: Collection[int]) -> bool:
    """Does any of the lines belong to a site's statement?"""
    span = site.statement_span
    return any(span.line <= line <= span.end_line for line in lines)


def _lines(repairs: Sequence[Repair]) -> list[int]:
    """Where the changes stand, those of the best first."""
    return [line for repair in repairs for line in (repair.line, *(edit.span.line for edit in repair.edits))]


def _forward_lines(inquiry: Inquiry) -> frozenset[int]:
    """Where the statements stand that the loss depends on."""
    return frozenset(inquiry.bench.sites[number].statement.lineno for number in inquiry.influence.forward)


def fixes_of(
    case: Case, text: str, repairs: Sequence[Repair], point: Point, forward: Collection[int] = ()
) -> tuple[Fix, ...]:
    """Repairs as fixes, the first of them proved where it can be; forward: lines of the forward statements."""
    path, found, seen = case.subject.path or "", list[Fix](), set[str]()
    for repair in repairs:
        new, rank = apply_edits(text, repair.edits), len(found) + 1
        meaning = ast.dump(ast.parse(new))
        if meaning in seen:  # the same with other blanks
            continue
        seen.add(meaning)
        is_proved = rank == 1 and not repair.coincident and proves(case, new, point)
        found.append(
            Fix(
                rank=rank,
                edits=repair.edits,
                diff=diff_of(path, text, new),
                why=explain_change(text, new, forward) or repair.words,
                verified_points=repair.verified_points,
                other_shapes=repair.other_shapes,
                proof="symbolic" if is_proved else "numeric",
                equivalent=rank > 1,
                fails_with=repair.coincident,
            )
        )
    return tuple(found)
