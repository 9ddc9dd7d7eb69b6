"""From a case to its Result: look, decide, explain."""

import time
from collections.abc import Iterable
from dataclasses import replace

from gradcheck.audit.coincidences import Tie
from gradcheck.audit.planted import audit_points
from gradcheck.checks.looks import Demands, Look
from gradcheck.checks.planted_lines import plant_lines
from gradcheck.checks.points import look_around, look_at_shapes, why_blind
from gradcheck.checks.precisions import settle_precision
from gradcheck.checks.suspicions import diagnose_look, wrong_labels
from gradcheck.derivation.chain_rule import derive
from gradcheck.diagnosis.intervals import proved_wrong
from gradcheck.evidence.gathering import gather_evidence
from gradcheck.labels import by_label
from gradcheck.results.derivations import Derivation
from gradcheck.results.outcomes import SEVERITY, Outcome
from gradcheck.results.result import Evaluations, Result
from gradcheck.subject.cases import Case
from gradcheck.subject.effects import kept_random_states

# A derivation is read line by line; the first wrong partial, or the first of all, is the one to read.
DERIVED = 1
# One cotangent weighs every output by a random number; a fault that it hides by chance, another one shows.
COTANGENTS = 2


def answer(case: Case, demands: Demands, has_point: bool = True) -> Result:
    """The result of a check: the given point first; if it agrees, a generic one; then what explains the answer."""
    start = time.perf_counter()
    with kept_random_states():
        case, told = settle_precision(case)
        return _conclude(case, demands, *_look(case, demands, has_point), told, start)


def _look(case: Case, demands: Demands, has_point: bool) -> tuple[tuple[Look, ...], tuple[str, ...]]:
    """Every look that was taken, the deciding one last, and notes."""
    return look_around(case, demands) if has_point else ((look_at_shapes(case, demands),), ())


def _conclude(
    case: Case, demands: Demands, looks: tuple[Look, ...], notes: tuple[str, ...], told: tuple[str, ...], start: float
) -> Result:
    """The result of what was seen."""
    given = next((look for look in looks if look.point.kind == "given"), looks[-1])
    deciding = looks[-1]
    blind = given.outcome is Outcome.AGREE and deciding.outcome is Outcome.DISAGREE
    hiding, why = why_blind(case, given, deciding, demands) if blind else (None, _degenerate(given))
    wrong = wrong_labels(deciding)
    diagnosis = diagnose_look(case, deciding, demands)
    return Result(
        subject=case.subject,
        points=tuple(look.point for look in looks),
        blind=blind,
        why=why,
        audit=plant_lines(case, looks, audit_points(given.point, deciding.point), demands),
        diagnosis=diagnosis,
        derivations=_derive(deciding, wrong),
        evidence=gather_evidence(
            given.point,
            deciding.point,
            deciding.opinions,
            wrong,
            diagnosis,
            hiding.labels if hiding and hiding.tie is Tie.EQUAL else (),
        ),
        notes=(*_notes_on(deciding), *proved_wrong(deciding.opinions.program, wrong), *told, *_seen(looks), *notes),
        evaluations=Evaluations(case.calls["loss"], case.calls["grad"]),
        seconds=time.perf_counter() - start,
    )


def answer_all(cases: Iterable[Case], demands: Demands, told: str) -> Result:
    """The gravest answer to several questions on the same functions, with the cost of all; none follows a DISAGREE.

    told: a note on what the cases are.
    """
    results: list[Result] = []
    for case in cases:
        results.append(answer(case, demands))
        if results[-1].outcome is Outcome.DISAGREE:
            break
    gravest = max(results, key=lambda result: (SEVERITY.index(result.outcome), result.resolution))
    calls = [result.evaluations for result in results]
    return replace(
        gravest,
        notes=(told, *gravest.notes),
        evaluations=Evaluations(sum(one.loss for one in calls), sum(one.grad for one in calls)),
        seconds=sum(result.seconds for result in results),
    )


def weighed(outputs_of: str) -> str:
    """The note that says which losses were made of a vector-valued function."""
    return f"the outputs of {outputs_of} were weighed by {COTANGENTS} random cotangents"


def _degenerate(given: Look) -> str | None:
    """What coincides at a given point that hid nothing, in words."""
    return "; ".join(one.words for one in given.coincidences) or None


def _derive(look: Look, wrong: list[str]) -> tuple[Derivation, ...]:
    """The chain rule of the first wrong partials; of the first partial where none is wrong."""
    if look.opinions.partials is None:
        return ()
    first = next(iter(by_label(look.point.values)))
    return tuple(derive(look.opinions.partials, name) for name in (wrong or [first])[:DERIVED])


def _seen(looks: tuple[Look, ...]) -> tuple[str, ...]:
    """What was noted at any of the points, once each."""
    return tuple(dict.fromkeys(note for look in looks for note in look.notes))


def _notes_on(look: Look) -> tuple[str, ...]:
    """Gradient entries that belong to no parameter, and what the verdicts remark."""
    strangers = (f"the gradient has entries that are no parameters: {', '.join(look.strangers)}",)
    return strangers if look.strangers else ()
