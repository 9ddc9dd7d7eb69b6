"""What a statement's own name says that its value is, and what that really is: `dneth2_dw3` promises ∂neth2/∂w3."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gradcheck.backprop.replay import derivative_between
from gradcheck.diagnosis.adjoints import Adjoints
from gradcheck.diagnosis.angels import Wanted
from gradcheck.diagnosis.recognition import orders
from gradcheck.diagnosis.roles import Role, role_of_target
from gradcheck.diagnosis.sites import Site
from gradcheck.results.arrays import Floats

# A promise is kept to roundings.
SAME = 1e-9


@dataclass(frozen=True, slots=True)
class Promise:
    """A role that a name tells, and the number that has it at the point."""

    role: Role
    value: float


def promise_of(site: Site, known: Adjoints) -> Promise | None:
    """The derivative between two numbers of the loss that a target's name speaks of; None where it speaks of none."""
    program = known.program
    if site.target is None or site.kind != "assign" or program is None:
        return None
    names = {name: node for name, node in program.named().items() if node < program.forward}
    role = role_of_target(site.target, names)
    if role is None or role.of is None or not role.explicit or role.by not in names or role.of not in names:
        return None
    return Promise(role, derivative_between(program, names[role.of], names[role.by]))


def keeps_habit(site: Site, wanted: Wanted, known: Adjoints) -> bool:
    """Does a target called `dh` hold the derivative of the loss by the h of the loss already?"""
    if site.target is None:
        return False
    forward = {role.site.target for role in known.roles if role.site.target}
    meant = role_of_target(site.target, forward)
    if meant is None or meant.of is not None:
        return False
    told = [role for role in known.roles if role.site.target == meant.by]
    return any(
        tuple((value.shape,) for value in values) == wanted.layout.shapes
        and np.allclose(_flat(values)[wanted.felt], wanted.have[wanted.felt], rtol=SAME, atol=0)
        for role in told
        for values in orders(role.adjoints, len(wanted.layout.values))
    )


def _flat(values: Sequence[Floats]) -> Floats:
    return np.concatenate([value.reshape(-1) for value in values])
