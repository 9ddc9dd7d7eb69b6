"""What a statement's own name says that its value is, and what that really is: `dneth2_dw3` promises ∂neth2/∂w3."""

from dataclasses import dataclass

from gradcheck.backprop.replay import derivative_between
from gradcheck.diagnosis.adjoints import Adjoints
from gradcheck.diagnosis.roles import Role, role_of_target
from gradcheck.diagnosis.sites import Site


@dataclass(frozen=True, slots=True)
class Promise:
    """A role that a name tells, and the number that has it at the point."""

    role: Role
    value: float


def promise_of(site: Site, known: Adjoints) -> Promise | None:
    """The derivative between two numbers of the loss that a target's name speaks of; None where it speaks of none."""
    if site.target is None or site.kind != "assign":
        return None
    program = known.program
    names = {name: node for name, node in program.named().items() if node < program.forward}
    role = role_of_target(site.target, names)
    if role is None or role.of is None or not role.explicit or role.by not in names or role.of not in names:
        return None
    return Promise(role, derivative_between(program, names[role.of], names[role.by]))
