"""A hand-written partial as a sum of products over the values of the forward pass."""

from collections.abc import Collection, Mapping, Sequence

import sympy

from gradcheck.program.programs import LEAVES, Node, Program
from gradcheck.symbolic.factors import MINUS, ONE, Term
from gradcheck.symbolic.from_program import needed, write
from gradcheck.symbolic.rewriting import Notation
from gradcheck.symbolic.systems import symbol

# More terms than this no reader compares with paths; more operations take SymPy seconds.
MOST_TERMS = 64
MOST_OPERATIONS = 2000

SUMS = ("add", "sub", "neg", "name")


def written_terms(
    program: Program,
    label: str,
    names: Mapping[int, str],
    whole: Collection[sympy.Expr],
    notation: Notation,
) -> list[Term] | None:
    """The terms of the user's partial, with the names of the gradient code written out; None where they are too many.

    names: of the forward pass. whole: sums that are not multiplied out, for they are factors of the true partial.
    """
    root = program.gradient[label]
    numbers = sorted(needed(program, [root], names))
    if _size(program, numbers, names) > MOST_OPERATIONS:
        return None
    expressions = write(program, names, numbers)
    outer = _outer_sums(program, root, names)
    terms: dict[int, list[Term]] = {}
    for number in numbers:
        node = program.nodes[number]
        expr = symbol(names[number]) if number in names else expressions[number]
        one = notation.term(expr)
        keep = number < program.forward or set(one.powers) <= set(whole) or (number not in outer and _is_plain(expr))
        found = [one] if keep else _multiplied_out(node, [terms[arg] for arg in node.args], one)
        if len(found) > MOST_TERMS:
            return None
        terms[number] = found
    return terms[root]


def _multiplied_out(node: Node, parts: list[list[Term]], one: Term) -> list[Term]:
    """The terms of a node from those of its operands; `one` where it is neither a sum nor a product."""
    if node.op in SUMS:
        negative = {"neg": 0, "sub": 1}.get(node.op)
        return [MINUS.times(term) if place == negative else term for place, part in enumerate(parts) for term in part]
    if node.op == "mul":
        return [left.times(right) for left in parts[0] for right in parts[1]]
    if node.op == "div" and len(parts[1]) == 1 and parts[1][0].number:
        return [term.times(parts[1][0], -1) for term in parts[0]]
    if node.op == "pow" and len(parts[0]) == 1 and len(parts[1]) == 1 and not parts[1][0].powers:
        exponent = parts[1][0].number
        return [ONE.times(parts[0][0], int(exponent))] if exponent.is_Integer and exponent > 0 else [one]
    return [one]


def _outer_sums(program: Program, root: int, names: Mapping[int, str]) -> set[int]:
    """The nodes that are added up to the root, with no product in between."""
    found: set[int] = set()
    todo = [root]
    while todo:
        number = todo.pop()
        found.add(number)
        if program.nodes[number].op in SUMS and number not in names:
            todo.extend(program.nodes[number].args)
    return found


def _is_plain(expr: sympy.Expr) -> bool:
    """A sum like 1 - a**2 or out - y: numbers and multiples of powers of single names."""
    return bool(expr.is_Add) and all(len(term.free_symbols) < 2 for term in expr.args)


def _size(program: Program, numbers: Sequence[int], names: Mapping[int, str]) -> int:
    """How many operations the expression of the last node has when everything is written out."""
    sizes: dict[int, int] = {}
    for number in numbers:
        node = program.nodes[number]
        leaf = number in names or node.op in LEAVES
        sizes[number] = 1 if leaf else 1 + sum(sizes[arg] for arg in node.args)
    return sizes[numbers[-1]]
