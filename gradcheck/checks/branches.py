"""Which sides of its branches a loss was looked at on, and points on the others.

A mask that a backward pass forgot shows only where a unit is off: a point at which all are on is as blind as w5 = w6.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gradcheck.audit.generic import REACH, move_apart
from gradcheck.checks.far_sides import point_beyond
from gradcheck.checks.looks import Demands, Look, is_usable, look_at
from gradcheck.errors import GradcheckError
from gradcheck.evidence.opinions import trace_case
from gradcheck.program.programs import Branch, Program
from gradcheck.results.arrays import Floats
from gradcheck.results.outcomes import Outcome
from gradcheck.subject.cases import Case, own_point

Side = tuple[int, str, bool]  # line, comparison, how it came out
# What the tracer puts behind a name that is given a second time.
VERSION = re.compile(r"(?<=\w)_\d+$")
# Tracing such a program once costs about half a second; a search over points would cost more than the check.
MOST_NODES = 20_000
# Points tried: the other side of a branch that half of all points are on is missed with probability 2^-8.
TRIES = 8
# So many points beyond are looked at in full: a fault behind two branches (large, and negative) needs two steps.
LOOKS = 3
# So many sides are named; a reader looks for one.
SHOWN = 3


@dataclass(frozen=True, slots=True)
class Comparison:
    """A value that was held against a limit, or one that a maximum, minimum or magnitude chose by; nodes of both."""

    side: Side
    left: int
    right: int | None


def comparisons_of(program: Program | None) -> list[Comparison]:
    """Every comparison of a traced loss that has another side.

    One with a limit that depends on no parameter has. Values compared with one another (the shift of a softmax, a
    sort) change places at every point, and nothing is on their other side.
    """
    if program is None:
        return []
    varies = program.varies()
    found = [
        Comparison((one.line or 0, _general(one, program, varies), one.outcome), one.left, one.right)
        for one in program.branches
        if varies[one.left] != varies[one.right]
    ]
    for node in program.nodes[: program.forward]:
        if node.op in ("maximum", "minimum"):
            left, right = node.args
            is_first = program.nodes[left].value > program.nodes[right].value
            found.append(
                Comparison((node.line or 0, f"the first argument of {node.op} > the second", is_first), left, right)
            )
        elif node.op == "abs":
            is_above = program.nodes[node.args[0]].value > 0
            found.append(Comparison((node.line or 0, "the argument of abs > 0", is_above), node.args[0], None))
    return found


def sides_of(program: Program | None) -> frozenset[Side]:
    """The side taken of every comparison; of several units on one line, both sides may be there."""
    return frozenset(one.side for one in comparisons_of(program))


def _general(branch: Branch, program: Program, varies: list[bool]) -> str:
    """The comparison of a variable, whatever entry, turn of a loop or number it is here: `h < 0`, `a value < 0`."""
    left, sign, right = branch.text.split(" ")
    if varies[branch.left]:
        return f"{_variable(program, branch.left)} {sign} {right}"
    return f"{left} {sign} {_variable(program, branch.right)}"


def _variable(program: Program, node: int) -> str:
    """The user's name of a number: `h` of `h_2[0,1]`, the second that is called so."""
    name = program.nodes[node].name
    return "a value" if name is None else VERSION.sub("", name.partition("[")[0])


def unseen_of(seen: frozenset[Side]) -> frozenset[Side]:
    """The sides on which no point was."""
    return frozenset((line, text, not outcome) for line, text, outcome in seen if (line, text, not outcome) not in seen)


def look_beyond(case: Case, looks: tuple[Look, ...], demands: Demands) -> tuple[Look | None, frozenset[Side]]:
    """A look on a side of a branch where none of the looks was and that disagrees (else None), and what stays unseen.

    Each goes on from the one before, so that sides which lie behind one another are reached.
    """
    programs = [look.opinions.program for look in looks]
    seen = frozenset[Side]().union(*map(sides_of, programs))
    if any(program is not None and len(program.nodes) > MOST_NODES for program in programs):
        return None, unseen_of(seen)
    here = next((look for look in reversed(looks) if look.opinions.program is not None), looks[-1])
    for _ in range(LOOKS):
        found = _look_at_any(case, here, unseen_of(seen), demands)
        if found is None:
            break
        here, seen = found, seen | sides_of(found.opinions.program)
        if here.outcome is Outcome.DISAGREE:
            return here, unseen_of(seen)
    return None, unseen_of(seen)


def _look_at_any(case: Case, here: Look, wanted: frozenset[Side], demands: Demands) -> Look | None:
    """A look at a point that is on one of the wanted sides; None where none was found."""
    for point in _candidates(case, here, wanted, demands) if wanted else ():
        if is_usable(case, point) and sides_of(trace_case(case, point)) & wanted:
            try:
                return look_at(case, point, "generic", demands.seed, demands)
            except GradcheckError:
                continue
    return None


def in_words(sides: frozenset[Side]) -> str:
    """`z < 0 is true (line 6)`, the first few in the order of the lines."""
    shown = sorted(sides)[:SHOWN]
    return " or ".join(f"{text} is {'true' if out else 'false'} (line {line})" for line, text, out in shown)


def _candidates(case: Case, here: Look, wanted: frozenset[Side], demands: Demands) -> Iterator[Mapping[str, Floats]]:
    """Points across each limit, the file's own further points, then ever wider moves of the given one."""
    program, values = here.opinions.program, here.point.values
    opposite = {(line, text): out for line, text, out in wanted}
    across = [one for one in comparisons_of(program) if opposite.get(one.side[:2]) not in (None, one.side[2])]
    for one in across[:TRIES]:
        if program is not None and (point := point_beyond(program, one.left, one.right, values, demands.bounds)):
            yield point
    for turn in range(TRIES):
        own = own_point(case, demands.seed + 2 + turn)
        yield own or move_apart(case.at.arrays, demands.seed + 1 + turn, REACH * (1 + turn / 2), demands.bounds)
