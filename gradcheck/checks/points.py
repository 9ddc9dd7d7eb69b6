"""Which point decides: the given one first, then a generic one (DESIGN: Points)."""

from collections.abc import Mapping
from dataclasses import replace

from gradcheck.audit.blind_points import find_hiding, moved_to
from gradcheck.audit.coincidences import Coincidence, Tie, find_coincidences
from gradcheck.audit.generic import generic_point
from gradcheck.audit.twins import tell_twins
from gradcheck.checks.branches import in_words, look_beyond, sides_of
from gradcheck.checks.edges import settle_edges
from gradcheck.checks.looks import Demands, Look, is_usable, look_at
from gradcheck.checks.probes import shows_fault
from gradcheck.errors import UsageError
from gradcheck.labels import entries
from gradcheck.results.arrays import Floats
from gradcheck.results.outcomes import Outcome, Reason
from gradcheck.subject.cases import Case, own_point
from gradcheck.subject.data import data_of

NO_GENERIC = "no generic point was found where the loss is finite: only the given point was checked; give bounds="
# So many equations of units, each no longer than this, can be read; more of them name no reason.
ALIKE, SHORT = 3, 40
ON_CORNER = "a choice of subgradient at your point: it lies on a corner of the loss, off it the gradient agrees"


def look_around(case: Case, demands: Demands) -> tuple[tuple[Look, ...], tuple[str, ...]]:
    """Every look that was taken, the deciding one last, and notes on the choice.

    A thorough check looks at a second generic point. Where all agree, and the loss has branches on one side of which no
    point was, a point on that side is looked at too.
    """
    looks, notes = _given_and_generic(case, demands)
    if demands.level == "thorough" and len(looks) > 1:
        looks = _with_third(case, looks, demands)
    if demands.stay or demands.level == "quick" or any(look.outcome is not Outcome.AGREE for look in looks):
        return looks, notes
    beyond, unseen = look_beyond(case, looks, demands)
    if beyond is not None and beyond.outcome is Outcome.DISAGREE:
        return (next(look for look in looks if look.point.kind == "given"), beyond), notes
    told = f"no point was found where {in_words(unseen)}: a fault there would not show; give such a point"
    alike = tell_twins([look.point for look in looks], data_of(case))
    return looks, (*notes, *([told] if unseen else []), *([alike] if alike else []))


def _given_and_generic(case: Case, demands: Demands) -> tuple[tuple[Look, ...], tuple[str, ...]]:
    """The looks at the given and at a generic point, the deciding one last."""
    if demands.level == "quick" and not demands.stay and (quick := look_elsewhere(case, demands)) is not None:
        return (quick,), ()
    given = settle_edges(case, look_at(case, case.at.arrays, "given", demands.seed, demands), demands)
    if demands.stay or given.outcome is Outcome.DISAGREE or _is_unrepeatable(given):
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


def _with_third(case: Case, looks: tuple[Look, ...], demands: Demands) -> tuple[Look, ...]:
    """The looks with one at another generic point; it decides where it alone disagrees."""
    third = look_elsewhere(case, replace(demands, seed=demands.seed + 1))
    if third is None or any(look.outcome is Outcome.DISAGREE for look in looks):
        return looks
    return (*looks, third) if third.outcome is Outcome.DISAGREE else (third, *looks)


def _is_unrepeatable(look: Look) -> bool:
    """Functions that do not repeat themselves do not do so anywhere: side effects before blame."""
    return any(verdict.reason is Reason.UNREPEATABLE for verdict in look.point.verdicts)


def look_elsewhere(case: Case, demands: Demands) -> Look | None:
    """A look at a generic point; None if there is none where the loss is finite.

    It is the file's own point for the next seed, with those numbers moved apart that coincide there or do not vary with
    the seed (biases that are zero at every seed hide as much at the next one); else the given point moved.
    """
    seed, own = demands.seed + 1, own_point(case, demands.seed + 1)
    if own is None or not is_usable(case, own):
        point = generic_point(case.at.arrays, lambda moved: is_usable(case, moved), demands.seed, demands.bounds)
        return None if point is None else look_at(case, point, "generic", seed, demands)
    fixed = _fixed(case, own)
    if fixed:
        usable = lambda moved: is_usable(case, moved_to(own, moved, fixed))  # noqa: E731
        apart = generic_point(own, usable, demands.seed, demands.bounds)
        look = None if apart is None else look_at(case, moved_to(own, apart, fixed), "generic", seed, demands)
        if look and look.outcome is not Outcome.INCONCLUSIVE:
            return look
    return look_at(case, own, "generic", seed, demands)


def _fixed(case: Case, own: Mapping[str, Floats]) -> set[str]:
    """Labels (or names of arrays) of what coincides at the file's next point, or is the same there as at the given."""
    fixed = {text for one in find_coincidences(own, data_of(case)) for text in one.labels}
    for name, array in own.items():
        same = array == case.at.arrays[name]
        if same.all():
            fixed.add(name)
        elif same.any():
            fixed |= {text for text, index in entries(name, array.shape) if same[index]}
    return fixed


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
    sides = sides_of(generic.opinions.program) - sides_of(given.opinions.program)
    if sides and not given.coincidences:
        return None, f"the fault shows only where {in_words(sides)}, and your point is not on that side"
    wrong = [v.name for v in generic.point.verdicts if v.outcome is Outcome.DISAGREE]
    hiding = find_hiding(
        given.point.values,
        generic.point.values,
        given.coincidences,
        lambda point: is_usable(case, point) and shows_fault(case, point, wrong, demands.seed),
    )
    if hiding is None:
        words = ", ".join(one.words for one in given.coincidences) or "no coincidence of its numbers was found"
        return None, f"{words} (the fault shows only away from this point)"
    return hiding, f"{hiding.words} (moving {_members(hiding)} brings the fault to light){_alike(given)}"


def _members(hiding: Coincidence) -> str:
    """What is to be moved."""
    if hiding.tie is Tie.WHOLE:
        return "its entries" if len(hiding.labels) == 1 else "them"
    return "one of them alone" if len(hiding.labels) > 1 else "it"


def _alike(look: Look) -> str:
    """Units that are the same at the point, where they are few enough to be the reason."""
    same = look.opinions.same_values()
    few = 0 < len(same) <= ALIKE and all(len(equation) <= SHORT for equation in same)
    return f"; units are the same there: {', '.join(same)}" if few else ""


def _found(look: Look) -> str:
    return "agree" if look.outcome is Outcome.AGREE else "be inconclusive as well"
