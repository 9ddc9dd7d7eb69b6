"""Which sides of its branches a loss was looked at on, and points on the others.

A mask that a backward pass forgot shows only where a unit is off: a point at which all are on is as blind as w5 = w6.
"""

import re
from collections.abc import Iterator, Mapping

from gradcheck.audit.generic import REACH, move_apart
from gradcheck.checks.looks import Demands, Look, is_usable, look_at
from gradcheck.errors import GradcheckError
from gradcheck.evidence.opinions import trace_case
from gradcheck.program.programs import Program
from gradcheck.results.arrays import Floats
from gradcheck.subject.cases import Case, own_point

# A comparison with a number is a limit that a value may lie on either side of; values compared with one another (the
# shift of a softmax, a sort) change places at every point, and nothing is on their other side.
LIMIT = re.compile(r"^-?[\d.e+-]+ [<>]=? |[<>]=? -?[\d.e+-]+$")
# Of two numbers the one with more digits is a value that has no name: another one at every point.
NUMBERS = re.compile(r"^(-?[\d.e+-]+) ([<>]=?) (-?[\d.e+-]+)$")
Side = tuple[int, str, bool]  # line, comparison, how it came out
# Tracing such a program once costs about half a second; a search over points would cost more than the check.
MOST_NODES = 20_000
# Points tried: the other side of a branch that half of all points are on is missed with probability 2^-8.
TRIES = 8
# So many sides are named; a reader looks for one.
SHOWN = 3


def sides_of(program: Program | None) -> frozenset[Side]:
    """Every limit of a traced loss and the side taken; of several units on one line, both sides may be there."""
    if program is None:
        return frozenset()
    limits = (branch for branch in program.branches if LIMIT.search(branch.text))
    compared = {(branch.line or 0, _general(branch.text), branch.outcome) for branch in limits}
    for node in program.nodes[: program.forward]:
        if node.op in ("maximum", "minimum"):
            left, right = (program.nodes[arg].value for arg in node.args)
            compared.add((node.line or 0, f"first > second in {node.op}", left > right))
        elif node.op == "abs":
            compared.add((node.line or 0, "argument > 0 in abs", program.nodes[node.args[0]].value > 0))
    return frozenset(compared)


def _general(text: str) -> str:
    """The comparison without the number of this point: `a value < 0`."""
    both = NUMBERS.match(text)
    if both is None:
        return text
    left, sign, right = both.groups()
    return f"a value {sign} {right}" if len(left) >= len(right) else f"{left} {sign} a value"


def unseen_of(seen: frozenset[Side]) -> frozenset[Side]:
    """The sides on which no point was."""
    return frozenset((line, text, not outcome) for line, text, outcome in seen if (line, text, not outcome) not in seen)


def look_beyond(case: Case, looks: tuple[Look, ...], demands: Demands) -> tuple[Look | None, frozenset[Side]]:
    """A look on a side of a branch where none of the looks was (None if there is none), and what stays unseen."""
    programs = [look.opinions.program for look in looks]
    seen = frozenset[Side]().union(*map(sides_of, programs))
    wanted = unseen_of(seen)
    if not wanted or any(program is not None and len(program.nodes) > MOST_NODES for program in programs):
        return None, wanted
    for point in _candidates(case, demands):
        there = sides_of(trace_case(case, point)) if is_usable(case, point) else frozenset()
        if there & wanted:
            try:
                look = look_at(case, point, "generic", demands.seed, demands)
            except GradcheckError:
                continue
            return look, unseen_of(seen | there)
    return None, wanted


def in_words(sides: frozenset[Side]) -> str:
    """`z < 0 true (line 6)`, the first few in the order of the lines."""
    return ", ".join(f"{text} {'true' if out else 'false'} (line {line})" for line, text, out in sorted(sides)[:SHOWN])


def _candidates(case: Case, demands: Demands) -> Iterator[Mapping[str, Floats]]:
    """The file's own further points, then ever wider moves of the given one."""
    for turn in range(TRIES):
        own = own_point(case, demands.seed + 2 + turn)
        yield own or move_apart(case.at.arrays, demands.seed + 1 + turn, REACH * (1 + turn / 2), demands.bounds)
