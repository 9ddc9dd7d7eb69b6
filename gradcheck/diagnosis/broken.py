"""Values of a backward pass that are not what their names promise."""

from dataclasses import dataclass
from typing import Any

from gradcheck.diagnosis.roles import Role, role_of_target
from gradcheck.program.programs import Program
from gradcheck.symbolic.from_program import needed
from gradcheck.symbolic.replays import Digits, numbers_of, pulled_back
from gradcheck.symbolic.rules import NoValue

DIGITS = 40
# Literals that were rounded (1/3) part two formulas by 2**-53; a fault is larger.
SAME = 2.0**-40


@dataclass(frozen=True, slots=True)
class Broken:
    """A promise that is not kept. promised, held: the names of the two values, or their numbers at the point."""

    name: str
    line: int | None
    role: Role
    promised: str
    held: str

    @property
    def words(self) -> str:
        """`dneth2_dw3` (line 48) promises ∂neth2/∂w3 = x1, and holds x2."""
        place = f" (line {self.line})" if self.line else ""
        return f"`{self.name}`{place} promises {self.role.text} = {self.promised}, and holds {self.held}"


def broken_roles(program: Program) -> tuple[Broken, ...]:
    """Those values whose name tells two values of the loss, and that are no derivative of the one by the other.

    The derivative may be direct, or along every way between the two. What is computed from another broken one, has
    several values, or is a part of the gradient itself, is left aside.
    """
    ctx = Digits(DIGITS)
    try:
        numbers = numbers_of(program, ctx)
        promises = _promises(program).items()
        found = {node: role for node, role in promises if not _is_kept(program, numbers, ctx, node, role)}
    except NoValue:
        return ()
    first = [node for node in found if not (needed(program, [node]) - {node}) & found.keys()]
    return tuple(_broken(program, numbers, ctx, node, found[node]) for node in sorted(first))


def _promises(program: Program) -> dict[int, Role]:
    """Node -> role of every variable with both ends in its name.

    A value that the loss computed without a name has the one that the gradient gives it.
    """
    named = program.named()
    known = {name: node for name, node in named.items() if node < program.forward}
    found = {}
    for name, node in named.items():
        role = role_of_target(name, known.keys() - {name}) if f"{name}_2" not in named else None
        is_final = role is not None and role.by in program.inputs and _of(program, role) == program.loss
        if role and role.explicit and role.by in known and not is_final:
            found[node] = role
    return found


def _of(program: Program, role: Role) -> int:
    return (program.loss or 0) if role.of is None else program.named()[role.of]


def _is_kept(program: Program, numbers: list[Any], ctx: Any, node: int, role: Role) -> bool:
    return any(_same(numbers[node], slope) for slope in _slopes(program, numbers, ctx, role))


def _slopes(program: Program, numbers: list[Any], ctx: Any, role: Role) -> list[Any]:
    """The derivative with every named value taken as given, and that along every way."""
    by = program.named()[role.by]
    stops: tuple[set[int], set[int]] = (set(program.named().values()), set())
    return [pulled_back(program, numbers, ctx, _of(program, role), stop).get(by, ctx.zero) for stop in stops]


def _broken(program: Program, numbers: list[Any], ctx: Any, node: int, role: Role) -> Broken:
    name, line = program.nodes[node].name or "", program.nodes[node].line
    slope = next((one for one in _slopes(program, numbers, ctx, role) if one != 0), ctx.zero)
    known = {other: numbers[place] for other, place in program.named().items() if place < program.forward}
    promised = next((other for other, value in known.items() if _same(value, slope)), f"{float(slope):.6g}")
    inner = program.nodes[program.nodes[node].args[0]] if program.nodes[node].op == "name" else None
    return Broken(name, line, role, promised, (inner and inner.name) or f"{float(numbers[node]):.6g}")


def _same(one: Any, other: Any) -> bool:
    return bool(abs(one - other) <= SAME * max(abs(one), abs(other)))
