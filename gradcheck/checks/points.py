"""Which point decides: the given one first, then a generic one (DESIGN: Points)."""

from gradcheck.audit.blind_points import find_hiding
from gradcheck.audit.coincidences import Coincidence
from gradcheck.audit.generic import generic_point
from gradcheck.checks.looks import Demands, Look, is_usable, look_at, shows_fault
from gradcheck.errors import UsageError
from gradcheck.results.outcomes import Outcome, Reason
from gradcheck.subject.cases import Case, own_point

NO_GENERIC = "no generic point was found where the loss is finite: only the given point was checked; give bounds="
ON_CORNER = "a choice of subgradient at your point: it lies on a corner of the loss, off it the gradient agrees"


def look_around(case: Case, demands: Demands) -> tuple[tuple[Look, ...], tuple[str, ...]]:
    """Every look that was taken, the given point first and the deciding one last, and notes on the choice."""
    if demands.level == "quick" and not demands.stay and (quick := look_elsewhere(case, demands)) is not None:
        return (quick,), ()
    given = look_at(case, case.at.arrays, "given", demands.seed, demands)
    if demands.stay or given.outcome is Outcome.DISAGREE:
        return (given,), ()
    generic = look_elsewhere(case, demands)
    if generic is None:
        return (given,), (NO_GENERIC,)
    if is_on_corner(given):
        generic = _off_corner(case, generic, demands)
        if generic.outcome is Outcome.AGREE:
            return (given, generic), (ON_CORNER,)
    if given.outcome is Outcome.INCONCLUSIVE and generic.outcome is not Outcome.DISAGREE:
        return (generic, given), (f"at a generic point the gradient is found to {_found(generic)}",)
    if given.outcome is Outcome.AGREE and generic.outcome is Outcome.INCONCLUSIVE:
        return (generic, given), ("the generic point decides nothing: the verdict is that of the given point",)
    if generic.outcome is Outcome.AGREE and generic.is_probed:
        return (generic, given), ()  # the given point has been seen at least as closely
    return (given, generic), ()


def look_elsewhere(case: Case, demands: Demands) -> Look | None:
    """A look at a generic point: the file's own for the next seed, else the given one moved; None if there is none."""
    seed = demands.seed + 1
    point = own_point(case, seed)
    if point is None or not is_usable(case, point):
        point = generic_point(case.at.arrays, lambda moved: is_usable(case, moved), demands.seed, demands.bounds)
    return None if point is None else look_at(case, point, "generic", seed, demands)


def is_on_corner(look: Look) -> bool:
    """Is nothing left open but which subgradient to choose?"""
    undecided = [verdict for verdict in look.point.verdicts if verdict.outcome is not Outcome.AGREE]
    return bool(undecided) and all(
        verdict.outcome is Outcome.INCONCLUSIVE and verdict.reason is Reason.KINK for verdict in undecided
    )


def _off_corner(case: Case, generic: Look, demands: Demands) -> Look:
    """The generic look, or one at the given point moved where the file's own next point lies on a corner as well."""
    if not is_on_corner(generic):
        return generic
    point = generic_point(case.at.arrays, lambda moved: is_usable(case, moved), demands.seed, demands.bounds)
    return generic if point is None else look_at(case, point, "generic", demands.seed + 1, demands)


def look_at_shapes(case: Case, demands: Demands) -> Look:
    """The look at a generic point where only shapes were given; raises UsageError where the loss is finite at none."""
    look = look_elsewhere(case, demands)
    if look is None:
        raise UsageError("the loss is finite at no generic point of these shapes: give a point with at=, or bounds=")
    return look


def why_blind(case: Case, given: Look, generic: Look, demands: Demands) -> tuple[Coincidence | None, str]:
    """The coincidence that hides the fault at the given point, found by experiment, and the sentence that says so."""
    wrong = [v.name for v in generic.point.verdicts if v.outcome is Outcome.DISAGREE]
    hiding = find_hiding(
        given.point.values,
        generic.point.values,
        given.coincidences,
        lambda point: is_usable(case, point) and shows_fault(case, point, wrong, demands),
    )
    same = given.opinions.same_values()
    alike = f"; units are the same there: {', '.join(same)}" if same else ""
    if hiding is None:
        words = ", ".join(one.words for one in given.coincidences) or "no coincidence of its numbers was found"
        return None, f"{words} (the fault shows only away from this point){alike}"
    one = "one of them alone" if len(hiding.labels) > 1 else "it"
    return hiding, f"{hiding.words} (moving {one} brings the fault to light){alike}"


def _found(look: Look) -> str:
    return "agree" if look.outcome is Outcome.AGREE else "be inconclusive as well"
