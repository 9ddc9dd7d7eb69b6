"""From a wrong gradient to its suspects and fixes."""

import ast
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gradcheck.diagnosis.adjoints import adjoints_at
from gradcheck.diagnosis.angelic import Angel
from gradcheck.diagnosis.benches import Bench, gradients_of, make_bench
from gradcheck.diagnosis.edits import apply_edits, diff_of
from gradcheck.diagnosis.influence import Influence, influence_of
from gradcheck.diagnosis.outputs import outputs_of
from gradcheck.diagnosis.proofs import proves
from gradcheck.diagnosis.remarks import remarks_on
from gradcheck.diagnosis.repairs import Repair, find_fixes
from gradcheck.diagnosis.suspects import Standing, confirm, stand, suspects_of
from gradcheck.diagnosis.trials import try_sites
from gradcheck.diagnosis.truths import Truth, truth_at, wrong_names
from gradcheck.diagnosis.words import explain_change
from gradcheck.errors import GradcheckError
from gradcheck.program.programs import Program
from gradcheck.results.arrays import Floats
from gradcheck.results.diagnoses import Diagnosis, Fix, Suspect
from gradcheck.subject.cases import Case, loss_at

Point = Mapping[str, Floats]
Mask = NDArray[np.bool_]
# Part of the budget for the suspects, the rest is for the fixes.
FOR_SUSPECTS = 0.4
# So many points are searched at, the rest of all are for verification alone.
SEARCHED, POINTS = 3, 6


@dataclass(frozen=True, eq=False)
class Inquiry:
    """What is known of a wrong gradient before anything is repaired: standings by rank, truths, the point first."""

    bench: Bench
    standings: tuple[Standing, ...]
    truths: tuple[Truth, ...]
    wrong: frozenset[str]
    backward: frozenset[str]
    program: Program | None


def diagnose(
    case: Case,
    points: Sequence[Point],
    wrong: Mapping[str, Mask],
    budget: float,
    on_suspects: Callable[[Sequence[Suspect]], None] | None = None,
) -> Diagnosis:
    """Suspects and fixes of a wrong gradient.

    points: the one where it was found wrong first, then others, of which the last few are kept for verification. wrong:
    masks of the wrong entries there, by name. budget: CPU seconds. on_suspects: gets the suspects as soon as they are
    known. A note says why there are none.
    """
    start = time.process_time()
    try:
        with np.errstate(all="ignore"):
            inquiry = inquire(case, points, wrong, start + FOR_SUSPECTS * budget)
            if on_suspects is not None:
                on_suspects(suspects_of(inquiry.standings, inquiry.wrong))
            repairs = _repairs(case, inquiry, points[SEARCHED:], start + budget)
    except GradcheckError as error:
        return Diagnosis(notes=(f"no line was named: {error}",))
    statements = {id(one.angel.site.statement): one for one in reversed(inquiry.standings)}
    tried = [one for one in statements.values() if one.angel.site.is_value]
    return Diagnosis(
        suspects=tuple(suspects_of(inquiry.standings, inquiry.wrong, [repair.line for repair in repairs])),
        fixes=fixes_of(case, inquiry.bench.text, repairs, points[0]),
        exonerated=sum(one.angel.status == "exonerated" for one in tried),
        considered=len(tried),
        notes=remarks_on(inquiry.bench.tree, inquiry.backward, inquiry.program, [one.line for one in repairs[:1]]),
    )


def inquire(case: Case, points: Sequence[Point], wrong: Mapping[str, Mask], deadline: float) -> Inquiry:
    """Who may be at fault, and the truths that say so; raises GradcheckError where the code cannot be tried."""
    bench = make_bench(case)
    first = truth_at(case, points[0], wrong)
    if loss_at(bench.case, points[0]) != first.loss:
        raise GradcheckError("the loss is another when the file is run again: seed what is random in it")
    names = frozenset(name for name, mask in wrong.items() if mask.any())
    influence = influence_of(bench, points[0])
    others = [truth_at(case, point) for point in points[1:SEARCHED]]
    truths = [first, *(truth for truth in others if wrong_names(truth, gradients_of(bench, truth.point)))]
    outputs = [outputs_of(truth, gradients_of(bench, truth.point)) for truth in truths]
    angels = try_sites(bench, influence, names, outputs[0], deadline)
    known = adjoints_at(bench, points[0], influence.in_loss)
    backward = _backward(bench, influence)
    standings = stand([*angels, *_others(bench, backward)], influence, names, first, known)
    standings = confirm(standings, bench, outputs[1:], deadline)
    program = known.program if known else None
    return Inquiry(bench, tuple(standings), tuple(truths), names, backward, program)


def _backward(bench: Bench, influence: Influence) -> frozenset[str]:
    """The functions that ran for the gradient alone."""
    functions = {bench.sites[n].function for n in influence.backward}
    return frozenset(functions - {bench.sites[n].function for n in influence.loss_sites})


def _others(bench: Bench, functions: Collection[str]) -> list[Angel]:
    """Heads of loops and branches, and indices, in these functions."""
    return [Angel(site, "unknown") for site in bench.sites if site.function in functions and not site.is_value]


def _repairs(case: Case, inquiry: Inquiry, points: Sequence[Point], deadline: float) -> list[Repair]:
    tried = [one for one in inquiry.standings if one.angel.site.is_value]
    return find_fixes(inquiry.bench, tried, inquiry.truths, lambda: [truth_at(case, p) for p in points], deadline)


def fixes_of(case: Case, text: str, repairs: Sequence[Repair], point: Point) -> tuple[Fix, ...]:
    """Repairs as fixes, the first of them proved where it can be."""
    path, found, seen = case.subject.path or "", list[Fix](), set[str]()
    for repair in repairs:
        new, rank = apply_edits(text, repair.edits), len(found) + 1
        meaning = ast.dump(ast.parse(new))
        if meaning in seen:  # the same with other blanks
            continue
        seen.add(meaning)
        is_proved = rank == 1 and proves(case, new, point)
        found.append(
            Fix(
                rank=rank,
                edits=repair.edits,
                diff=diff_of(path, text, new),
                why=explain_change(text, new) or repair.words,
                verified_points=repair.verified_points,
                proof="symbolic" if is_proved else "numeric",
                equivalent=rank > 1,
            )
        )
    return tuple(found)
