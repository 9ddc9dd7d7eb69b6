"""Which term of a hand-written sum stands for which way, and which links they use wrongly."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import sympy

from gradcheck.symbolic.factors import ONE, Term
from gradcheck.symbolic.partials import Partials
from gradcheck.symbolic.rewriting import Notation
from gradcheck.symbolic.routes import Link, Route, local_term


@dataclass(frozen=True)
class Pair:
    """A way and the term that stands for it; either may be missing.

    lacks, extra: the factors of the one that the other has not. missing: the links that the term lacks, each with what
    it lacks of them. instead: the link that the extra factors belong to.
    """

    way: Route | None
    term: Term | None
    lacks: Term = ONE
    extra: Term = ONE
    missing: tuple[tuple[Link, Term], ...] = ()
    instead: Link | None = None

    @property
    def ratio(self) -> sympy.Expr:
        """The number in the term over the number in the way."""
        return self.term.number / self.way.term.number if self.way and self.term else sympy.Integer(1)

    @property
    def gone(self) -> frozenset[Link]:
        """The links of which the term has nothing at all."""
        whole = dict(zip(self.way.links, self.way.partials, strict=True)) if self.way else {}
        return frozenset(link for link, lack in self.missing if lack.bag == whole[link].bag)

    @property
    def is_right(self) -> bool:
        """Does the term say what the way says?"""
        return bool(self.way and self.term and not self.lacks.powers and not self.extra.powers and self.ratio == 1)


def pair_up(partials: Partials, terms: Sequence[Term], ways: Sequence[Route], notation: Notation) -> list[Pair]:
    """Every way with its term, the most alike first; nothing where they have too little in common to say so."""
    single = len(terms) == len(ways) == 1
    costs = sorted(
        (_distance(term, way.term), place, row)
        for place, way in enumerate(ways)
        for row, term in enumerate(terms)
        if single or _related(term, way.term)
    )
    partner: dict[int, int] = {}
    for _, place, row in costs:
        if place not in partner and row not in partner.values():
            partner[place] = row
    if 2 * len(partner) < max(len(terms), len(ways)):
        return []
    links = {link: term for way in ways for link, term in zip(way.links, way.partials, strict=True)}
    pairs = [
        _pair(partials, way, terms[partner[place]], links, notation) if place in partner else Pair(way, None)
        for place, way in enumerate(ways)
    ]
    return [*pairs, *(Pair(None, term) for row, term in enumerate(terms) if row not in partner.values())]


def miscounted(pairs: Sequence[Pair]) -> tuple[tuple[Link, ...], tuple[Link, ...]]:
    """(links used more often than there are ways over them, links that ways need and no term uses)."""
    need = Counter(link for pair in pairs if pair.way for link in pair.way.links)
    used = Counter[Link]()
    for pair in pairs:
        if pair.way and pair.term:
            used.update(link for link in pair.way.links if link not in pair.gone)
            used.update([pair.instead] if pair.instead else [])
    twice = tuple(link for link in used if used[link] > need[link] > 0)
    return twice, tuple(link for link in need if not used[link])


def _pair(partials: Partials, way: Route, term: Term, links: dict[Link, Term], notation: Notation) -> Pair:
    lacks, extra = way.term.beyond(term), term.beyond(way.term)
    lacking = [(link, part.beyond(part.beyond(lacks))) for link, part in zip(way.links, way.partials, strict=True)]
    missing = tuple((link, lack) for link, lack in lacking if lack.powers)
    targets = {link[1] for link, _ in missing}
    siblings = [(source, target) for target, source in partials.local if target in targets]
    near = {**{link: local_term(partials, link, notation) for link in siblings}, **links}
    alike = [link for link, partial in near.items() if partial.bag == extra.bag and extra.powers]
    beside = [link for link in alike if link[1] in targets]
    return Pair(way, term, lacks, extra, missing, next(iter(beside or alike), None) or _anywhere(partials, extra))


def _anywhere(partials: Partials, extra: Term) -> Link | None:
    """The first link of the whole program that is this one name."""
    single = next(iter(extra.powers), None) if extra.size == 1 else None
    return next(((source, target) for (target, source), local in partials.local.items() if local == single), None)


def _distance(term: Term, other: Term) -> int:
    return term.beyond(other).size + other.beyond(term).size + int(term.number != other.number)


def _related(term: Term, other: Term) -> bool:
    return term.beyond(other).size < term.size or term.size == other.size == 0
