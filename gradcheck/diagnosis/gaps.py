"""A place where a statement is missing and some value mends all, with what is in scope there."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from gradcheck.diagnosis.chances import Chance, Prospect, chance_of
from gradcheck.diagnosis.searches import Search
from gradcheck.diagnosis.spots import Spot
from gradcheck.diagnosis.terms import Term
from gradcheck.diagnosis.workplaces import Workplace, terms_at, workplace_with


@dataclass(frozen=True, eq=False)
class Gap:
    """A chance with what is in scope there; rows: what else may be, with its cost."""

    chance: Chance
    rows: Mapping[str, float]

    @cached_property
    def workplace(self) -> Workplace:
        """The idle statement's."""
        chance = self.chance
        return workplace_with(chance.bench, chance.source, chance.angel, chance.levers, self.rows)

    @property
    def terms(self) -> Sequence[Term]:
        """What is in scope, and what is made of each."""
        return terms_at(self.workplace)

    @property
    def plain(self) -> list[Term]:
        """What is in scope."""
        return [term for term in self.terms[1:] if not term.is_made]

    @property
    def is_known(self) -> bool:
        """Is it tried already, as a part of the statement that makes the target?"""
        return self.chance.spot.is_made and not self.chance.spot.is_likely


def gaps_at(search: Search, prospect: Prospect, spots: Sequence[Spot], rows: Mapping[str, float]) -> Iterator[Gap]:
    """Those of the spots where some value mends all."""
    for spot in spots:
        chance = None if search.is_over else chance_of(prospect, spot)
        if chance is not None and chance.levers:
            yield Gap(chance, rows)
