"""A disagreement that is proved: whatever was rounded, the two formulas differ at the checked point."""

from collections.abc import Sequence

from gradcheck.program.programs import Program

# A node costs 25 us in intervals, both ways: a quarter of a second.
MOST_NODES = 10_000
# A literal that was rounded (1/3) makes a difference too, and no fault.
ROUNDED_LITERALS = 2.0**-40


def proved_wrong(program: Program | None, wrong: Sequence[str]) -> tuple[str, ...]:
    """One sentence on those wrong partials, by label, whose difference interval arithmetic keeps away from 0; or none.

    Where the code was not traced, lies on a corner there, or is large, nothing is said.
    """
    if program is None or len(program.nodes) > MOST_NODES or any(branch.tied for branch in program.branches):
        return ()
    from gradcheck.symbolic.intervals import enclose_differences

    found = enclose_differences(program, list(wrong))
    proved = {label: one for label, one in found.items() if one.excludes_zero and _is_fault(program, label, one.low)}
    if not proved:
        return ()
    label, bounds = next(iter(proved.items()))
    which = label if len(wrong) == 1 else _share(len(proved), len(wrong))
    verb = "is" if len(proved) == 1 else "are"
    of = "" if len(wrong) == 1 else f"for {label}, "
    digits = f"{bounds.low:.6g}"
    about = digits if digits == f"{bounds.high:.6g}" else f"{bounds.low!r} to {bounds.high!r}"
    told = f"yours − true is {about} at the checked point, so no rounding explains it"
    return (f"interval arithmetic proves that {which} {verb} wrong: {of}{told}",)


def _is_fault(program: Program, label: str, gap: float) -> bool:
    return abs(gap) > ROUNDED_LITERALS * abs(program.nodes[program.gradient[label]].value)


def _share(some: int, every: int) -> str:
    return f"{some} of {every}" if some < every else "both" if every == 2 else f"all {every}"
