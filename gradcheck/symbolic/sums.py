"""A partial as a sum over ways, in chain order, with what differs marked."""

from collections.abc import Sequence

import sympy

from gradcheck.results.formulas import Formula, Marked, Negative, Num, Product, Quotient, Sum
from gradcheck.symbolic.factors import ONE, Term
from gradcheck.symbolic.formulas import to_formula
from gradcheck.symbolic.mismatches import Pair
from gradcheck.symbolic.routes import Route
from gradcheck.symbolic.systems import names_in


def sum_of_ways(pairs: Sequence[Pair], order: Sequence[str]) -> Formula:
    """The true partial: each way as the product of its links, what the term lacks marked "right"."""
    ways = [(pair, pair.way) for pair in pairs if pair.way]
    return _sum([_product(pair, way.term, pair.lacks, _chain(way), "right", order) for pair, way in ways])


def sum_of_terms(pairs: Sequence[Pair], order: Sequence[str]) -> Formula:
    """The hand-written partial: each term in the order of its way, what the way has not marked "wrong"."""
    terms = [(pair, pair.term) for pair in pairs if pair.term]
    return _sum([_product(pair, term, pair.extra, _places(pair, term), "wrong", order) for pair, term in terms])


def in_chain_order(term: Term, order: Sequence[str]) -> Formula:
    """A product with its factors from the loss down: (out - y)·(w5 - w6)·outh2·(1 - outh2)."""
    places = {name: place for place, name in enumerate(order)}

    def key(factor: sympy.Expr) -> tuple[int, bool, str]:
        return min((places.get(name, len(places)) for name in names_in(factor)), default=-1), factor.is_Add, str(factor)

    return _written(term, ONE, sorted(term.powers, key=key), "", order)


def _chain(way: Route) -> list[sympy.Expr]:
    """The factors of a way from the loss down, plain names before sums within one link."""
    chain: dict[sympy.Expr, None] = {}
    for partial in way.partials:
        chain.update(dict.fromkeys(sorted(partial.powers, key=lambda factor: (not factor.is_Symbol, str(factor)))))
    return list(chain)


def _places(pair: Pair, term: Term) -> list[sympy.Expr]:
    """The factors of a term in the order of its way; what is extra stands where the way's own factor is missing."""
    chain = _chain(pair.way) if pair.way else []
    extra = [factor for factor in term.powers if factor not in chain]
    hole = next((place for place, factor in enumerate(chain) if factor in pair.lacks.powers), len(chain))
    return [*chain[:hole], *extra, *chain[hole:]]


def _product(
    pair: Pair, term: Term, marked: Term, chain: Sequence[sympy.Expr], kind: str, order: Sequence[str]
) -> Formula:
    whole = _written(term, marked, chain, kind, order)
    return Marked(whole, kind) if pair.ratio != 1 or not (pair.way and pair.term) else whole


def _written(term: Term, marked: Term, chain: Sequence[sympy.Expr], kind: str, order: Sequence[str]) -> Formula:
    """The factors of a term in the order of `chain`, those of `marked` marked."""
    above: list[Formula] = []
    below: list[Formula] = []
    for factor in chain:
        special = marked.powers.get(factor, 0)
        for power, is_marked in ((term.powers.get(factor, 0) - special, False), (special, True)):
            if power:
                part = to_formula(factor ** abs(power), order)
                (above if power > 0 else below).append(Marked(part, kind) if is_marked else part)
    if abs(term.number) != 1 or not above:
        above.insert(0, to_formula(abs(term.number), order))
    whole = Quotient(_times(above), _times(below)) if below else _times(above)
    return Negative(whole) if term.number < 0 else whole


def _times(factors: Sequence[Formula]) -> Formula:
    return factors[0] if len(factors) == 1 else Product(tuple(factors))


def _sum(terms: Sequence[Formula]) -> Formula:
    return Num("0") if not terms else terms[0] if len(terms) == 1 else Sum(tuple(terms))
