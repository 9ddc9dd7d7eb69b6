"""What a hand-written partial differs from the true one by, exactly and factored, and why."""

from collections.abc import Sequence
from functools import lru_cache
from math import prod

import sympy

from gradcheck.errors import TooLarge
from gradcheck.program.programs import Program
from gradcheck.results.diagnoses import Discrepancy
from gradcheck.symbolic.arithmetic import context, forward, number_of
from gradcheck.symbolic.factors import MINUS, Term, common, is_long, like_terms, split
from gradcheck.symbolic.from_program import names_of, system_of_program
from gradcheck.symbolic.handwritten import written_terms
from gradcheck.symbolic.mismatches import miscounted, pair_up
from gradcheck.symbolic.partials import Partials, differentiate
from gradcheck.symbolic.rewriting import Notation, notation
from gradcheck.symbolic.routes import routes, ways_from
from gradcheck.symbolic.sentences import describe, tells_all
from gradcheck.symbolic.sums import in_chain_order, sum_of_terms, sum_of_ways
from gradcheck.symbolic.systems import System, names_in

# SymPy's factor takes milliseconds up to here; far above it may not end.
MOST_FACTORED_TERMS = 12
MOST_FACTORED_NAMES = 12
MOST_FACTORED_OPERATIONS = 120

# A reader does not take in a longer difference; numbers say more then.
LONGEST = 60

# Identities that no rewriting sees (a softmax sums to 1) are seen by numbers at two points, with digits to spare; a
# relative difference below 2**-40 comes from literals that were rounded (1/3).
DIGITS = 50
ZERO = 2.0**-40


def find_discrepancy(program: Program, label: str, partials: Partials | None = None) -> Discrepancy | None:
    """yours - true of one partial, over the names of the forward pass.

    None where they are equal, where the gradient was not traced, and where the formula would be too long to read or to
    find. `yours`, `true` and `words` are None where the terms do not match the ways from the parameter to the loss;
    `words` also where more would mismatch than the difference has terms. partials: of the traced loss, where somebody
    has them.
    """
    if label not in program.gradient:
        return None
    try:
        partials = partials or differentiate(system_of_program(program))
    except TooLarge:
        return None
    found = ways_from(partials, label)
    if found is None:
        return None
    partials, writing = _with_notation(partials, tuple(_data_of(program).items()))
    ways = routes(partials, found, writing)
    whole = {factor for way in ways for partial in way.partials for factor in partial.powers}
    yours = written_terms(program, label, names_of(program), whole, writing)
    if yours is None:
        return None
    terms = like_terms([*yours, *(MINUS.times(way.term) for way in ways)])
    difference = _factored(terms, writing.order, partials.system.parameters)
    if difference is None or _vanishes_everywhere(partials.system, terms):
        return None
    pairs = pair_up(partials, like_terms(yours), ways, writing)
    twice, never = miscounted(pairs)
    return Discrepancy(
        label=label,
        formula=in_chain_order(difference, writing.order),
        yours=sum_of_terms(pairs, writing.order) if pairs else None,
        true=sum_of_ways(pairs, writing.order) if pairs else None,
        vanishes=_zeros(partials.system, difference, writing.order),
        words=describe(label, partials.system.loss, pairs) if pairs and tells_all(pairs, _count(difference)) else None,
        used_twice=twice,
        never_used=never,
    )


@lru_cache(maxsize=2)  # once for all labels of a program
def _with_notation(partials: Partials, data: tuple[tuple[str, float], ...]) -> tuple[Partials, Notation]:
    """The partials with the data that only the gradient reads, too, and how their formulas are written."""
    old = partials.system
    system = System({**old.values, **dict(data)}, old.definitions, old.loss, old.parameters)
    return Partials(system, partials.local), notation(system)


def _data_of(program: Program) -> dict[str, float]:
    return {node.name: node.value for node in program.nodes if node.op == "data" and node.name}


def _factored(terms: Sequence[Term], order: Sequence[str], parameters: Sequence[str]) -> Term | None:
    """The sum as a product: what all terms share, times the rest; None where it is 0 or too long."""
    if not terms:
        return None
    shared = common(terms)
    rest = sympy.Add(*(term.times(shared, -1).expr for term in terms))
    small = len(rest.free_symbols) <= MOST_FACTORED_NAMES and rest.count_ops() <= MOST_FACTORED_OPERATIONS
    if small and len(terms) <= MOST_FACTORED_TERMS and not any(map(is_long, rest.atoms(sympy.Rational))):
        rest = sympy.factor(rest)
    found = _absorb_sign(shared.times(split(rest, order)), parameters)
    return None if found.number == 0 or found.expr.count_ops() > LONGEST else found


def _count(difference: Term) -> int:
    """How many terms a product of sums has when it is multiplied out."""
    return prod(len(factor.args) for factor, power in difference.powers.items() if factor.is_Add and power > 0)


def _absorb_sign(term: Term, parameters: Sequence[str]) -> Term:
    """-(w6 - w7)·o1 as (w7 - w6)·o1: the parameter that stands there wrongly minus the one that should."""
    pairs = (factor for factor in term.powers if factor.is_Add and _is_pair(factor))
    pair = next((pair for pair in pairs if set(names_in(pair)) <= set(parameters)), None)
    if not term.number.is_negative or pair is None or term.powers[pair] != 1:
        return term
    rest = {factor: power for factor, power in term.powers.items() if factor != pair}
    return Term(-term.number, {**rest, sympy.Add(*(-one for one in pair.args)): 1})


def _is_pair(factor: sympy.Expr) -> bool:
    """Is it the difference of two names?"""
    names = {term.as_coeff_Mul()[1] for term in factor.args}
    equal = factor.xreplace(dict.fromkeys(names, sympy.Integer(1)))
    return len(factor.args) == 2 and names == factor.free_symbols and equal == 0


def _vanishes_everywhere(system: System, terms: Sequence[Term]) -> bool:
    """Is the sum 0 at two moved points (the data stay), though it does not look it?"""
    ctx = context(DIGITS)
    for turn in (1, 2):
        # Short steps, all different, so that a branch taken at the point is mostly taken there too
        moved = {name: system.values[name] + turn * place / 997 for place, name in enumerate(system.parameters, 1)}
        there = System({**system.values, **moved}, system.definitions, system.loss, system.parameters)
        values = forward(there, ctx)
        numbers = [number_of(term.expr, values, ctx) for term in terms]
        if not abs(ctx.fsum(numbers)) <= ZERO * ctx.fsum(abs(number) for number in numbers):
            return False
    return True


def _zeros(system: System, difference: Term, order: Sequence[str]) -> tuple[str, ...]:
    """Where the difference is 0 though nothing is right: two values equal, or a parameter 0."""
    found = []
    for factor, power in difference.powers.items():
        names = [one.name for one in sorted(factor.free_symbols, key=lambda one: order.index(one.name))]
        if power < 0 or any(name in system.values and name not in system.parameters for name in names):
            continue
        if factor.is_Symbol and names[0] in system.parameters:
            found.append(f"{names[0]} = 0")
        elif factor.is_Add and len(names) == 2 and _is_pair(factor):
            found.append(f"{names[0]} = {names[1]}")
    return tuple(found)
