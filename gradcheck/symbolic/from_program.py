"""The named definitions of traced user code: what the loss computes, under the user's own names."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from itertools import count
from math import isfinite
from typing import Any

import sympy

from gradcheck.errors import TooLarge, TraceError
from gradcheck.program.programs import LEAVES, Program
from gradcheck.symbolic.systems import System, symbol

# SymPy needs about 0.1 ms per operation to build and differentiate: some seconds.
LIMIT = 20_000

# An unnamed value is written into its consumers up to these numbers of operations, above that it gets a name of its
# own: a shared one early, or expressions double at every use; a single one before a formula fills more than two lines.
LONGEST_SHARED = 8
LONGEST = 60

RULES: dict[str, Callable[..., Any]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "pow": lambda a, b: a**b,
    "neg": lambda a: -a,
    "name": lambda a: a,
    "exp": sympy.exp,
    "log": sympy.log,
    "expm1": lambda a: sympy.exp(a) - 1,
    "log1p": lambda a: sympy.log(1 + a),
    "tanh": sympy.tanh,
    "sinh": sympy.sinh,
    "cosh": sympy.cosh,
    "sqrt": sympy.sqrt,
    "sin": sympy.sin,
    "cos": sympy.cos,
    "arctan": sympy.atan,
    "abs": sympy.Abs,
    "maximum": sympy.Max,
    "minimum": sympy.Min,
}


def system_of_program(program: Program) -> System:
    """The traced loss as named definitions; raises TooLarge.

    Named values are definitions; unnamed ones are written into them, or called t1, t2, ... where that would grow long.
    """
    names = names_of(program)
    expressions = write(program, names, names)
    definitions = {name: expressions[node] for node, name in names.items() if not _is_value(program, node)}
    inputs = {label: program.nodes[node].value for label, node in program.inputs.items()}
    data = {name: program.nodes[node].value for node, name in names.items() if program.nodes[node].op == "data"}
    loss = names.get(program.loss or 0, "Loss")
    if program.loss is not None and loss not in definitions:  # the loss is a parameter, a datum or a literal
        expression = write(program, names, [program.loss])[program.loss]
        definitions["Loss"] = symbol(loss) if program.loss in names else expression
        loss = "Loss"
    return System({**inputs, **data}, definitions, loss, tuple(inputs))


def names_of(program: Program) -> dict[int, str]:
    """Name of every node that the loss needs and that stands for itself in formulas, in the order of computing."""
    if program.loss is None:
        raise TraceError("the program has no loss: trace it again with one")
    used = needed(program, [program.loss])
    if len(used) > LIMIT:
        raise TooLarge(f"the exact opinion would need {len(used):,} operations, its limit is {LIMIT:,}: take less data")
    uses = Counter(arg for node in used for arg in program.nodes[node].args)
    sizes, names, fresh = dict[int, int](), dict[int, str](), _free(set(program.named()))
    for number in sorted(used):
        node = program.nodes[number]
        size = 1 + sum(sizes[arg] for arg in node.args)
        long = node.op not in LEAVES and size > (LONGEST if uses[number] < 2 else LONGEST_SHARED)
        if node.name is not None or long:
            names[number] = node.name or next(fresh)
            size = 1
        sizes[number] = size
    return names


def needed(program: Program, roots: Iterable[int], stop: Mapping[int, str] | None = None) -> set[int]:
    """The nodes that these are computed from, themselves included, not looking behind those in `stop`."""
    found: set[int] = set()
    todo = list(roots)
    while todo:
        number = todo.pop()
        if number not in found:
            found.add(number)
            todo.extend(() if stop and number in stop else program.nodes[number].args)
    return found


def write(program: Program, names: Mapping[int, str], roots: Iterable[int]) -> dict[int, sympy.Expr]:
    """Each of these nodes as an expression over names; a named one as the expression that defines it."""
    wanted = dict.fromkeys(roots)
    inner = {arg for root in wanted for arg in program.nodes[root].args}
    made: dict[int, sympy.Expr] = {}

    def operand(number: int) -> sympy.Expr:
        return symbol(names[number]) if number in names else made[number]

    for number in sorted(needed(program, inner, names) | wanted.keys()):
        node = program.nodes[number]
        if node.op == "number":
            made[number] = literal(node.value)
        elif node.op in RULES and (number in wanted or number not in names):
            made[number] = RULES[node.op](*map(operand, node.args))
        else:
            made[number] = symbol(names.get(number) or str(node.name))
    return {root: made[root] for root in wanted}


def literal(value: float) -> sympy.Expr:
    """A float as the exact fraction that it is."""
    if not isfinite(value):
        return sympy.nan if value != value else sympy.oo if value > 0 else -sympy.oo
    return sympy.Rational(Fraction(value))


def _is_value(program: Program, number: int) -> bool:
    return program.nodes[number].op in LEAVES


def _free(taken: set[str]) -> Iterator[str]:
    """t1, t2, ...: those that nothing is called."""
    return (name for place in count(1) if (name := f"t{place}") not in taken)
