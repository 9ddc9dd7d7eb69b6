"""Does a changed text compute the exact partials for every input?"""

from collections.abc import Mapping
from dataclasses import replace

from gradcheck.evidence.opinions import trace_case
from gradcheck.results.arrays import Floats
from gradcheck.subject.cases import Case


def proves(case: Case, text: str, point: Mapping[str, Floats]) -> bool:
    """Whether the gradient in `text`, another text of the case's file, is right for every input.

    Traced at `point`; False where it cannot be traced or takes branches, which is no verdict on it.
    """
    if case.origin is None:
        return False
    from gradcheck.symbolic.proofs import prove_program

    program = trace_case(replace(case, origin=replace(case.origin, text=text)), point)
    return program is not None and bool(prove_program(program))
